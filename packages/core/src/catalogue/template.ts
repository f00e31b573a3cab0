import type { Item } from './item.ts';

/** A URI template as a test of URIs. */
export interface Template {
  readonly item: Item;
  matches(uri: string): boolean;
}

const MAX_URI = 8_192;

/**
 * Whether a URI may have come from a template (RFC 6570): its literal parts appear in order, the first at the start and the
 * last at the end. Linear in the URI and free of regular expressions, since templates come from servers that nobody vouches
 * for (CVE-2026-0621). Does NOT check what the expressions may expand to: it only picks the server that is asked.
 */
export function compileTemplate(item: Item): Template {
  const literals = literalsOf(item.own);
  const first = literals[0] ?? '';
  const last = literals.at(-1) ?? '';
  const middle = literals.slice(1, -1);
  return {
    item,
    matches: (uri) => {
      if (uri.length > MAX_URI || !uri.startsWith(first)) return false;
      if (literals.length === 1) return uri === first;
      if (!uri.endsWith(last) || uri.length < first.length + last.length) return false;
      let at = first.length;
      const end = uri.length - last.length;
      for (const literal of middle) {
        const found = uri.indexOf(literal, at);
        if (found < 0 || found + literal.length > end) return false;
        at = found + literal.length;
      }
      return true;
    },
  };
}

function literalsOf(template: string): string[] {
  const literals: string[] = [];
  let at = 0;
  for (;;) {
    const open = template.indexOf('{', at);
    const close = open < 0 ? -1 : template.indexOf('}', open);
    if (close < 0) break;
    literals.push(template.slice(at, open));
    at = close + 1;
  }
  literals.push(template.slice(at));
  return literals;
}
