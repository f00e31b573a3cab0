/** Two or three letters with which some word must begin for an expression over context words to match, as numbers. */
export interface Heads {
  readonly codes: ReadonlySet<number>;
  /** Some of its words are not ASCII. */
  readonly wide: boolean;
}

const codeOf = (head: string): number =>
  head.charCodeAt(0) | (head.charCodeAt(1) << 8) | ((head.length > 2 ? head.charCodeAt(2) : 0) << 16);

const meta = /[\\[(.*+?{^$]/u;

/** Splits at the bars that are not inside a group. */
function alternatives(source: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at];
    if (char === '\\') at += 1;
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === '|' && depth === 0) {
      parts.push(source.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, source.slice(from)];
}

/** Takes off what stands around the words: `(?<![a-z])(?:words)(?![a-z])`. */
function unwrap(source: string): string {
  const inner = source.replace(/^\(\?<!\[a-z\]\)/u, '').replace(/\(\?!\[a-z\]\)$/u, '');
  if (!inner.startsWith('(?:') || !inner.endsWith(')')) return inner;
  const body = inner.slice(3, -1);
  let depth = 0;
  for (const char of body) {
    depth += char === '(' ? 1 : char === ')' ? -1 : 0;
    if (depth < 0) return inner;
  }
  return body;
}

function collect(source: string, into: Set<string>): boolean {
  for (const part of alternatives(source)) {
    const plain = unwrap(part);
    if (plain !== part) {
      if (!collect(plain, into)) return false;
      continue;
    }
    if (part.startsWith('(?:')) {
      // A group in front, as in `(?:employee|member) id`: its own words are the heads.
      let depth = 0;
      let end = 0;
      for (; end < part.length; end += 1) {
        depth += part[end] === '(' ? 1 : part[end] === ')' ? -1 : 0;
        if (depth === 0) break;
      }
      if (part[end + 1] === '?' || !collect(part.slice(3, end), into)) return false;
      continue;
    }
    const stop = part.search(meta);
    // A letter before `?`, `*` or `{` may be missing.
    const literal = stop < 0 ? part : part.slice(0, '?*{'.includes(part[stop]!) ? stop - 1 : stop);
    if (/[^\x20-\x7e]/.test(literal)) {
      into.add('*');
      continue;
    }
    if (literal.length < 2) return false;
    into.add(literal.slice(0, 3));
  }
  return true;
}

/** Heads of an expression; undefined when they cannot be told. */
export function headsOf(expression: RegExp): Heads | undefined {
  const heads = new Set<string>();
  if (!collect(unwrap(expression.source), heads)) return undefined;
  const wide = heads.delete('*');
  return { codes: new Set([...heads].map(codeOf)), wide };
}

/** Calls back with each head that occurs in the context words; answers true for text outside ASCII. */
export function eachHead(context: string, visit: (code: number) => void): boolean {
  let wide = false;
  let before = 32;
  for (let at = 1; at + 1 < context.length; at += 1) {
    const code = context.charCodeAt(at);
    if (code > 127) wide = true;
    // Words begin behind anything but a letter, as `(?<![a-z])` has it: `2fa` holds `fa`.
    if (code !== 32 && !(before >= 97 && before <= 122)) {
      const two = code | (context.charCodeAt(at + 1) << 8);
      visit(two);
      visit(two | (context.charCodeAt(at + 2) << 16));
    }
    before = code;
  }
  return wide;
}

/** A test by an expression that is only run where one of its words may begin. */
export function wordTest(expression: RegExp): (context: string) => boolean {
  const heads = headsOf(expression);
  if (heads === undefined) return (context) => expression.test(context);
  let possible = false;
  const look = (code: number): void => {
    if (heads.codes.has(code)) possible = true;
  };
  return (context) => {
    possible = false;
    const wide = eachHead(context, look);
    return (possible || (wide && heads.wide)) && expression.test(context);
  };
}
