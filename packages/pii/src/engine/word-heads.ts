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
    if (literal.length === 1 && part === literal) {
      // A word of one letter, as `v` in `v2`: what may follow it is anything but a letter.
      for (const after of ' #0123456789') into.add(literal + after);
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

/** Letters `a` to `z` are 1 to 26, digits 27 to 36, a space 37, anything else 38. */
const digitOfHead = new Uint8Array(128).fill(38);
for (let letter = 0; letter < 26; letter += 1) digitOfHead[97 + letter] = letter + 1;
for (let digit = 0; digit < 10; digit += 1) digitOfHead[48 + digit] = digit + 27;
digitOfHead[32] = 37;
const radix = 39;
/** For two or three letters of a head, as a number in base 39: which head that anybody asks for it is, or 0. */
const wanted = new Uint16Array(radix * radix * radix);
/** Bits for two letters that some head begins with, so that most words cost one look. */
const begins = new Uint8Array(radix * radix);
let heads = 0;

/** The number under which a head is known from now on; heads are those of the rules, a few thousand at most. */
export function headNumber(code: number): number {
  const place = placeOf(code & 255, (code >> 8) & 255, (code >> 16) & 255);
  if (wanted[place] === 0) {
    heads += 1;
    wanted[place] = heads;
    begins[Math.floor(place / radix)] = 1;
  }
  return wanted[place]!;
}

// Two letters are three with a 0 behind, so that both kinds share a table.
const placeOf = (one: number, two: number, three: number): number =>
  (digitOfHead[one & 127]! * radix + digitOfHead[two & 127]!) * radix + (three === 0 ? 0 : digitOfHead[three & 127]!);

/** What the context asked about last holds: the numbers of its heads. */
const present = new Uint16Array(512);
const state = { count: 0, wide: false, round: 0, context: '' };

/** Reads a context once for all who ask about it: which heads it holds, and whether it goes beyond ASCII. */
export function readHeads(context: string): typeof state {
  if (context === state.context) return state;
  state.context = context;
  state.round += 1;
  let wide = false;
  let count = 0;
  let before = 32;
  const last = context.length - 1;
  for (let at = 1; at < last; at += 1) {
    const code = context.charCodeAt(at);
    if (code > 127) {
      wide = true;
      before = code;
      continue;
    }
    // Words begin behind anything but a letter, as `(?<![a-z])` has it: `2fa` holds `fa`.
    if (code !== 32 && !(before >= 97 && before <= 122)) {
      const two = context.charCodeAt(at + 1);
      if (two < 128) {
        const pair = digitOfHead[code]! * radix + digitOfHead[two]!;
        if (begins[pair] === 1 && count < 510) {
          const short = wanted[pair * radix]!;
          if (short > 0) present[count++] = short;
          const three = at + 2 <= last ? context.charCodeAt(at + 2) : 128;
          const long = three < 128 ? wanted[pair * radix + digitOfHead[three]!]! : 0;
          if (long > 0) present[count++] = long;
        }
      }
    }
    before = code;
  }
  state.count = count;
  state.wide = wide;
  return state;
}

/** The numbers of the heads that the context read last holds. */
export const presentHeads: Uint16Array = present;

/** A test by an expression that is only run where one of its words may begin, and once for each context. */
export function wordTest(expression: RegExp): (context: string) => boolean {
  const own = headsOf(expression);
  if (own === undefined) return (context) => expression.test(context);
  const numbers = new Set([...own.codes].map(headNumber));
  const { wide } = own;
  let table = new Uint8Array(0);
  let round = -1;
  let answer = false;
  return (context) => {
    const read = readHeads(context);
    if (read.round === round) return answer;
    round = read.round;
    if (table.length <= heads) {
      table = new Uint8Array(heads + 64);
      for (const number of numbers) table[number] = 1;
    }
    let possible = read.wide && wide;
    for (let at = 0; at < read.count && !possible; at += 1) possible = table[present[at]!] === 1;
    answer = possible && expression.test(context);
    return answer;
  };
}
