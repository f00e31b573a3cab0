/**
 * Reads JSON, JSONC and JSON5 (each a subset of the next) and remembers where every value stands and which keys were
 * written twice. The usual libraries give either the one or the other, and without both we could neither name the line
 * of a mistake nor notice that one of two servers of the same name would silently win.
 */
export type Json5Document = {
  readonly value: unknown;
  /** Offset of each key (for list items: of the item), by {@link pathKey}. */
  readonly offsets: ReadonlyMap<string, number>;
  readonly duplicates: readonly { readonly path: readonly string[]; readonly offset: number; readonly first: number }[];
};

export class Json5SyntaxError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.name = 'Json5SyntaxError';
    this.offset = offset;
  }
}

export function pathKey(path: readonly string[]): string {
  return JSON.stringify(path);
}

/** Deeper than any real configuration, and shallow enough that the recursion stays far from the end of the stack. */
const maxDepth = 200;
const blank = /[\s\u{FEFF}]/u;
const identifierStart = /[\p{ID_Start}$_]/u;
const identifierPart = /[\p{ID_Continue}$_\u200C\u200D]/u;
const number = /[+-]?(?:Infinity|NaN|0[xX][0-9a-fA-F]+|(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)/y;
const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', 0: '\0' };

export function readJson5(text: string): Json5Document {
  const offsets = new Map<string, number>();
  const duplicates: { path: readonly string[]; offset: number; first: number }[] = [];
  let at = 0;

  const fail = (message: string, offset = at): never => {
    throw new Json5SyntaxError(message, offset);
  };
  const character = (): string => String.fromCodePoint(text.codePointAt(at)!);
  const seen = (): string => (at >= text.length ? 'the end of the file' : JSON.stringify(character()));

  function skipBlank(): void {
    while (at < text.length) {
      if (blank.test(text[at]!)) at++;
      else if (text.startsWith('//', at)) {
        while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at++;
      } else if (text.startsWith('/*', at)) {
        const end = text.indexOf('*/', at + 2);
        if (end < 0) fail('This comment is never closed.');
        at = end + 2;
      } else return;
    }
  }

  function readValue(path: readonly string[]): unknown {
    if (path.length > maxDepth) fail(`Nested deeper than ${maxDepth} levels.`);
    const next = text[at];
    if (next === '{') return readObject(path);
    if (next === '[') return readList(path);
    if (next === '"' || next === "'") return readText();
    number.lastIndex = at;
    const digits = number.exec(text)?.[0];
    if (digits !== undefined) {
      at += digits.length;
      if (at < text.length && identifierPart.test(character())) fail(`Unexpected ${seen()} in a number.`);
      const sign = digits.startsWith('-') ? -1 : 1;
      return sign * Number(digits.replace(/^[+-]/, ''));
    }
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (!text.startsWith(word, at)) continue;
      at += word.length;
      if (at < text.length && identifierPart.test(character()))
        fail('Text must stand between quotes.', at - word.length);
      return value;
    }
    return fail(
      at < text.length && identifierStart.test(character())
        ? 'Text must stand between quotes.'
        : `A value is expected here, not ${seen()}.`,
    );
  }

  function readObject(path: readonly string[]): Record<string, unknown> {
    const opened = at++;
    // Without a prototype, so that a server called "__proto__" is a name like any other.
    const object = Object.create(null) as Record<string, unknown>;
    const first = new Map<string, number>();
    for (skipBlank(); text[at] !== '}'; skipBlank()) {
      if (at >= text.length) fail('This "{" is never closed.', opened);
      const offset = at;
      const key = text[at] === '"' || text[at] === "'" ? readText() : readIdentifier();
      const inner = [...path, key];
      if (first.has(key)) duplicates.push({ path: inner, offset, first: first.get(key)! });
      else first.set(key, offset);
      offsets.set(pathKey(inner), offset);
      skipBlank();
      if (text[at] !== ':') fail(`A ":" is expected after the key "${key}", not ${seen()}.`);
      at++;
      skipBlank();
      object[key] = readValue(inner);
      readSeparator('}', opened);
    }
    at++;
    return object;
  }

  function readList(path: readonly string[]): unknown[] {
    const opened = at++;
    const list: unknown[] = [];
    for (skipBlank(); text[at] !== ']'; skipBlank()) {
      if (at >= text.length) fail('This "[" is never closed.', opened);
      const inner = [...path, String(list.length)];
      offsets.set(pathKey(inner), at);
      list.push(readValue(inner));
      readSeparator(']', opened);
    }
    at++;
    return list;
  }

  function readSeparator(closing: string, opened: number): void {
    skipBlank();
    if (text[at] === ',') at++;
    else if (at >= text.length) fail(`This "${text[opened]}" is never closed.`, opened);
    else if (text[at] !== closing) fail(`A "," or "${closing}" is expected here, not ${seen()}.`);
  }

  function readIdentifier(): string {
    const start = at;
    if (!identifierStart.test(character())) fail(`A key is expected here, not ${seen()}.`);
    while (at < text.length && identifierPart.test(character())) at += character().length;
    return text.slice(start, at);
  }

  function readText(): string {
    const opened = at;
    const quote = text[at++];
    let out = '';
    for (;;) {
      const next = text[at];
      if (next === undefined || next === '\n' || next === '\r') fail('This text is never closed by a quote.', opened);
      at++;
      if (next === quote) return out;
      out += next === '\\' ? readEscape() : next;
    }
  }

  function readEscape(): string {
    const next = text[at++] ?? '';
    if (next === 'u' || next === 'x') {
      const length = next === 'u' ? 4 : 2;
      const digits = text.slice(at, at + length);
      if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits))
        fail(`"\\${next}" needs ${length} hexadecimal digits.`, at - 2);
      at += length;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    if (next === '\r' && text[at] === '\n') at++;
    if (next === '\n' || next === '\r' || next === '\u2028' || next === '\u2029') return '';
    if (/[1-9]/.test(next) || (next === '0' && /\d/.test(text[at] ?? '')))
      fail('Octal escapes are not allowed.', at - 2);
    return escapes[next] ?? next;
  }

  skipBlank();
  if (at >= text.length) fail('The file is empty.', 0);
  const value = readValue([]);
  skipBlank();
  if (at < text.length) fail(`Nothing is expected after the end of the value, but there is ${seen()}.`);
  return { value, offsets, duplicates };
}
