import { isWordCode } from '../engine/number-run.ts';
import type { AnchorRule } from '../rule.ts';
import { isPlaceholder } from './placeholder.ts';
import type { KeyFormat } from './providers.ts';

const escapeForRegExp = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}/-]/gu, String.raw`\$&`);
const examples = /example|x{6,}|\*{4,}|0{12,}|\.\.\./iu;

/** Turns one key format into a rule: the literal is the anchor, the rest a sticky expression with bounded quantifiers. */
export function formatRule([provider, prefixes, rest]: KeyFormat): AnchorRule {
  const id = `secrets/${provider}`;
  const form = new RegExp(`(?:${prefixes.map(escapeForRegExp).join('|')})${rest}(?![A-Za-z0-9])`, 'y');
  return {
    kind: 'anchor',
    id,
    label: 'SECRET',
    anchors: prefixes,
    match(scan, start) {
      const { text } = scan;
      if (start > scan.lo) {
        // Inside a longer word it is something else; this also keeps repeated prefixes linear.
        const before = text.charCodeAt(start - 1);
        if (
          (isWordCode(before) || before === 95 || (before === 45 && /\w/u.test(text[start - 2] ?? ''))) &&
          isWordCode(text.charCodeAt(start))
        ) {
          // `\n` and `\t` written out end in a letter that belongs to the escape.
          if (!((before === 110 || before === 116 || before === 114) && text.charCodeAt(start - 2) === 92)) return 0;
        }
      }
      form.lastIndex = start;
      const found = form.exec(text);
      if (found === null) return 0;
      const end = Math.min(form.lastIndex, scan.hi);
      if (isPlaceholder(found[0]) || (examples.test(found[0]) && !found[0].endsWith('EXAMPLE'))) return end;
      // A match that was stopped by the window goes on as long as the token does.
      if (end === scan.hi && scan.full) scan.follow(start, end, 'token', 'SECRET', id, 0.9);
      else scan.add(start, end, 'SECRET', id, 0.95);
      return end;
    },
  };
}
