import type { Principal } from '../principal.ts';

/** What is about to be used. */
export interface KeyTarget {
  readonly server?: string;
  /** Name of the tool as its server calls it. */
  readonly tool?: string;
}

/**
 * Whether the restrictions of an API key let its holder reach a target. Principals without restrictions pass: this narrows,
 * it does not grant, and a policy must still say yes. A restricted key does not reach a target whose name is not given.
 */
export function permitsTarget(
  principal: { readonly restrictions?: Principal['restrictions'] },
  target: KeyTarget,
): boolean {
  const { servers = [], tools = [] } = principal.restrictions ?? {};
  return matchesAny(servers, target.server) && matchesAny(tools, target.tool);
}

function matchesAny(patterns: readonly string[], name: string | undefined): boolean {
  return patterns.length === 0 || (name !== undefined && patterns.some((pattern) => matches(pattern, name)));
}

/** `*` stands for any run of characters; everything else is itself, case included. Linear: each piece is looked for once. */
function matches(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  let from = first.length;
  const end = name.length - last.length;
  for (const piece of rest) {
    const at = name.indexOf(piece, from);
    if (at === -1 || at + piece.length > end) return false;
    from = at + piece.length;
  }
  return true;
}
