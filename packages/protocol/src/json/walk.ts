/**
 * Walking raw JSON text without parsing it: where a value ends, which members an object has, which elements an array has.
 * All of these expect text that is valid JSON at the given place (the edge has parsed it, or a peer's answer is checked by
 * its reader); on other text they return -1 or stop, they never loop for ever. Every function is linear in the text.
 *
 * The text may be decoded UTF-8 or a "binary string" (one character for each byte): JSON's structure is ASCII in both.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** A place in a text: `[start, end)` in characters. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A member of an object: its key and where key and value stand. */
export interface Member extends Span {
  /** The key, unescaped. */
  readonly key: string;
  /** Where the key's opening quote stands; `start` is where the value begins. */
  readonly keyStart: number;
}

/** Index of the first character at or after `at` that is not white space. */
export function skipSpace(text: string, at: number): number {
  let i = at;
  for (;;) {
    const c = text.charCodeAt(i);
    if (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) i++;
    else return i;
  }
}

/** Index after the string whose opening quote stands at `at`, or -1 if it does not end. */
export function stringEnd(text: string, at: number): number {
  let i = at + 1;
  for (;;) {
    const quote = text.indexOf('"', i);
    if (quote < 0) return -1;
    let slashes = 0;
    for (let k = quote - 1; k > at && text.charCodeAt(k) === BACKSLASH; k--) slashes++;
    if (slashes % 2 === 0) return quote + 1;
    i = quote + 1;
  }
}

/** Index after the value that begins at `at` (no white space before it), or -1. */
export function valueEnd(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return stringEnd(text, at);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return containerEnd(text, at);
  let i = at;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === COMMA || c === CLOSE_BRACE || c === CLOSE_BRACKET || c <= 0x20) break;
  }
  return i > at ? i : -1;
}

function containerEnd(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      i = stringEnd(text, i) - 1;
      if (i < 0) return -1;
    } else if (c === OPEN_BRACE || c === OPEN_BRACKET) depth++;
    else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) {
      depth--;
      if (depth === 0) return i + 1;
    }
  }
  return -1;
}

/** The key that stands between `start` and `end`, quotes included; undefined where an escape in it is broken. */
export function readKey(text: string, start: number, end: number): string | undefined {
  const raw = text.slice(start + 1, end - 1);
  if (!raw.includes('\\')) return raw;
  try {
    return JSON.parse(text.slice(start, end)) as string;
  } catch {
    return undefined;
  }
}

/**
 * Reads the members of the object that begins at `at` into `into`, in one pass.
 *
 * @param within gives the end of a member's value where the caller walks it itself; -1 for "not an object after all", and
 *   undefined for values that are merely passed over
 * @returns the index after the object, or -1 where no object stands there
 */
export function readMembers(
  text: string,
  at: number,
  into: Member[],
  within?: (key: string, start: number) => number | undefined,
): number {
  if (text.charCodeAt(at) !== OPEN_BRACE) return -1;
  let i = skipSpace(text, at + 1);
  if (text.charCodeAt(i) === CLOSE_BRACE) return i + 1;
  for (;;) {
    if (text.charCodeAt(i) !== QUOTE) return -1;
    const keyStart = i;
    const keyEnd = stringEnd(text, i);
    if (keyEnd < 0) return -1;
    i = skipSpace(text, keyEnd);
    if (text.charCodeAt(i) !== COLON) return -1;
    const start = skipSpace(text, i + 1);
    const key = readKey(text, keyStart, keyEnd);
    if (key === undefined) return -1;
    const end = within?.(key, start) ?? valueEnd(text, start);
    if (end < 0) return -1;
    into.push({ key, keyStart, start, end });
    i = skipSpace(text, end);
    const c = text.charCodeAt(i);
    if (c === CLOSE_BRACE) return i + 1;
    if (c !== COMMA) return -1;
    i = skipSpace(text, i + 1);
  }
}

/** The members of the object that begins at `at`, in their order; undefined where no object stands there. */
export function objectMembers(text: string, at: number): Member[] | undefined {
  const members: Member[] = [];
  return readMembers(text, at, members) < 0 ? undefined : members;
}

/** The elements of the array that begins at `at`; undefined where no array stands there. */
export function arrayElements(text: string, at: number): Span[] | undefined {
  if (text.charCodeAt(at) !== OPEN_BRACKET) return undefined;
  const elements: Span[] = [];
  let i = skipSpace(text, at + 1);
  if (text.charCodeAt(i) === CLOSE_BRACKET) return elements;
  for (;;) {
    const end = valueEnd(text, i);
    if (end < 0) return undefined;
    elements.push({ start: i, end });
    i = skipSpace(text, end);
    const c = text.charCodeAt(i);
    if (c === CLOSE_BRACKET) return elements;
    if (c !== COMMA) return undefined;
    i = skipSpace(text, i + 1);
  }
}

/** The member called `key` of the object at `at`, or undefined. */
export function findMember(text: string, at: number, key: string): Member | undefined {
  return objectMembers(text, at)?.find((member) => member.key === key);
}
