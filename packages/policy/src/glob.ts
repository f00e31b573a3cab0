/**
 * Patterns of names: exact and case-sensitive; `*` stands for any number of characters. In patterns of resources `*` stays
 * within a segment of the path, and `**` goes beyond it, so that `file:///data/**` does not take in `file:///data-secret/x`.
 *
 * Matching takes time linear in pattern times text, whatever they are: there is no backtracking to attack.
 */
export type Matcher = (text: string) => boolean;

export function globMatcher(pattern: string, separator?: '/'): Matcher {
  if (!pattern.includes('*')) return (text) => text === pattern;
  if (pattern === '**' || (pattern === '*' && separator === undefined)) return () => true;
  const parts = tokenize(pattern, separator);
  return (text) => matches(parts, text, separator);
}

/** Any of several patterns. Exact names are looked up, not tried one after the other. */
export function anyOf(patterns: readonly string[], separator?: '/'): Matcher {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const globs = patterns.filter((pattern) => pattern.includes('*')).map((pattern) => globMatcher(pattern, separator));
  if (globs.length === 0) return (text) => exact.has(text);
  return (text) => exact.has(text) || globs.some((glob) => glob(text));
}

/** Whether everything that `narrow` matches is matched by `wide` too. False when in doubt. */
export function covers(wide: string, narrow: string, separator?: '/'): boolean {
  if (wide === narrow || wide === '**' || (wide === '*' && separator === undefined)) return true;
  return !narrow.includes('*') && globMatcher(wide, separator)(narrow);
}

type Token = { readonly text: string } | { readonly wild: 'segment' | 'all' };

function tokenize(pattern: string, separator: '/' | undefined): readonly Token[] {
  return (pattern.match(/\*+|[^*]+/g) ?? []).map((part) =>
    part.startsWith('*') ? { wild: separator === undefined || part.length > 1 ? 'all' : 'segment' } : { text: part },
  );
}

/** Follows all ways through the pattern at once: the set of positions in the text that each token can end at. */
function matches(tokens: readonly Token[], text: string, separator: '/' | undefined): boolean {
  let ends = new Set([0]);
  for (const token of tokens) {
    const next = new Set<number>();
    if ('text' in token) {
      for (const at of ends) if (text.startsWith(token.text, at)) next.add(at + token.text.length);
    } else {
      let reached = -1;
      for (const at of [...ends].sort((a, b) => a - b)) {
        // What an earlier way has walked over it has walked over for this one too.
        if (at <= reached) continue;
        for (reached = at; reached < text.length; reached++) {
          next.add(reached);
          if (token.wild === 'segment' && text[reached] === separator) break;
        }
        next.add(reached);
      }
    }
    if (next.size === 0) return false;
    ends = next;
  }
  return ends.has(text.length);
}
