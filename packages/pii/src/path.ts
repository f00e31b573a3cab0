/** A key or an index. */
export type PathStep = string | number;

/** Tells whether a path is meant by a pattern. */
export type PathTest = (path: readonly PathStep[]) => boolean;

const piece = /\.\.|\.([\p{L}\p{N}_$-]{1,128})|\.\*|\[\*\]|\[(\d{1,9})\]|\['([^'\]]{1,256})'\]/uy;

type Part = { readonly kind: 'any' } | { readonly kind: 'deep' } | { readonly kind: 'step'; readonly step: PathStep };

function parse(pattern: string): readonly Part[] {
  const parts: Part[] = [];
  let at = pattern.startsWith('$') ? 1 : 0;
  const text = at === 0 ? `.${pattern}` : pattern;
  while (at < text.length) {
    piece.lastIndex = at;
    const found = piece.exec(text);
    if (found === null) throw new TypeError(`Not a path: ${pattern}`);
    at = piece.lastIndex;
    if (found[0] === '..') {
      parts.push({ kind: 'deep' });
      // `..name`: the name follows without a dot of its own.
      if (at < text.length && text[at] !== '[') at -= 1;
    } else if (found[2] !== undefined) parts.push({ kind: 'step', step: Number(found[2]) });
    else if (found[1] !== undefined || found[3] !== undefined)
      parts.push({ kind: 'step', step: (found[1] ?? found[3])! });
    else parts.push({ kind: 'any' });
  }
  return parts;
}

function matches(parts: readonly Part[], path: readonly PathStep[]): boolean {
  // The set of parts reached so far: linear in path times pattern, whatever the stars.
  let reached = new Set([0]);
  const settle = (set: Set<number>): Set<number> => {
    for (const at of set) if (parts[at]?.kind === 'deep') set.add(at + 1);
    return set;
  };
  settle(reached);
  for (const step of path) {
    const next = new Set<number>();
    for (const at of reached) {
      const part = parts[at];
      if (part === undefined) continue;
      if (part.kind === 'deep') next.add(at);
      else if (part.kind === 'any' || part.step === step) next.add(at + 1);
    }
    if (next.size === 0) return false;
    reached = settle(next);
  }
  return reached.has(parts.length);
}

/**
 * Compiles a pattern of the JSONPath kind: `$.a.b`, `$.items[*].name`, `$.items[0]`, `$..email`, `$['odd key']`.
 *
 * @throws TypeError when it is not of that form.
 */
export function compilePath(pattern: string): PathTest {
  const parts = parse(pattern);
  if (parts.some(({ kind }) => kind === 'deep')) return (path) => matches(parts, path);
  // Without `..` there is one way to match, so every value of a document can be asked about at no cost.
  return (path) =>
    path.length === parts.length && parts.every((part, at) => part.kind !== 'step' || part.step === path[at]);
}

/** Writes a path the way patterns are written. */
export const formatPath = (path: readonly PathStep[]): string =>
  path.reduce<string>(
    (text, step) =>
      typeof step === 'number'
        ? `${text}[${step}]`
        : /^[\p{L}\p{N}_$-]+$/u.test(step)
          ? `${text}.${step}`
          : `${text}['${step}']`,
    '$',
  );
