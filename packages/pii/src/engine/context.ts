import { contextReach } from '../rule.ts';

// Only the marks of Latin letters: those of kana and Indic scripts make other letters.
const marks = /[\u0300-\u036f]+/gu;
const glue = /[^\p{L}\p{N}#]+/gu;
const camel = /(?<=[a-z])(?=[A-Z])/gu;

const isUpper = (code: number): boolean => code >= 65 && code <= 90;
const isLower = (code: number): boolean => code >= 97 && code <= 122;

const buffer = Buffer.alloc(1024);
/** What an ASCII character is in words: itself or its lower case, and a space for what stands between words. */
const inWords = new Uint8Array(128).fill(32);
for (let code = 0; code < 128; code += 1) {
  if (isUpper(code)) inWords[code] = code + 32;
  else if (isLower(code) || (code >= 48 && code <= 57) || code === 35) inWords[code] = code;
}

/** Appends the words of `text[from, to)` to the buffer; the answer is the new size, -1 when it is not all ASCII. */
function putWords(text: string, from: number, to: number, begin: number): number {
  let size = begin;
  let before = 32;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 127) return -1;
    const word = inWords[code]!;
    if (word !== 32) {
      if (word !== code && isLower(before)) buffer[size++] = 32;
      buffer[size++] = word;
    } else if (buffer[size - 1] !== 32) {
      buffer[size++] = 32;
    }
    before = code;
  }
  return size;
}

function bufferToWords(end: number): string {
  let size = end;
  if (buffer[size - 1] !== 32 || size === 1) buffer[size++] = 32;
  return buffer.toString('latin1', 0, size);
}

/** The same for ASCII, without the cost of expressions; undefined when the text is not all ASCII or too long. */
function toWordsAscii(text: string): string | undefined {
  if (text.length > 480) return undefined;
  buffer[0] = 32;
  const size = putWords(text, 0, text.length, 1);
  return size < 0 ? undefined : bufferToWords(size);
}

/** Lower-case words with single spaces around each: `steuerID_nr` becomes ` steuer id nr `. */
export function toWords(text: string): string {
  const ascii = toWordsAscii(text);
  if (ascii !== undefined) return ascii;
  return ` ${text.normalize('NFD').replace(marks, '').normalize('NFC').replace(camel, ' ').toLowerCase().replace(glue, ' ').trim()} `;
}

/** True where a line, a field or a sentence begins at `at`. */
function beginsAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at - 1);
  const before = text.charCodeAt(at - 2);
  switch (code) {
    case 10: // newline
    case 9: // tab
    case 124: // |
    case 38: // &
      return true;
    case 34: // a quote that opens a name or a value behind `,` or `{`
      return before === 44 || before === 123;
    case 32: // a space behind ; . ? !
      return before === 59 || before === 46 || before === 63 || before === 33;
    case 110: // a newline that is written out
      return before === 92;
    default:
      return false;
  }
}

/** Letters are 1; 2 is what a line, a field or a sentence may begin behind; `n` is both. */
const kinds = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) if (isLower(code | 32)) kinds[code] = 1;
for (const code of [10, 9, 124, 38, 34, 32]) kinds[code] = 2;
kinds[110] = 3;

/** Begin of what stands before a candidate in the same line, field or sentence; of the one before when that has no letter. */
function beforeFrom(text: string, lo: number, start: number): number {
  const least = Math.max(lo, start - contextReach);
  let letters = false;
  let pieces = 0;
  let at = start;
  for (; at > least; at -= 1) {
    const code = text.charCodeAt(at - 1);
    const kind = code < 128 ? kinds[code]! : code > 191 ? 1 : 0;
    if (kind === 0) continue;
    if (kind > 1 && at < start && beginsAt(text, at)) {
      pieces += 1;
      if (letters || pieces === 3) break;
    }
    if ((kind & 1) === 1) letters = true;
  }
  return at;
}

const stops = new Uint8Array(128);
for (const char of '\n;,"{}|=:&0123456789') stops[char.charCodeAt(0)] = 1;

/** End of the few words behind a candidate: `536-90-4399 (SSN)`. */
function afterTo(text: string, hi: number, end: number): number {
  const most = Math.min(hi, end + 24);
  let at = end;
  for (; at < most; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 128 && stops[code] === 1) break;
    if (code === 46 && at + 1 < most && text.charCodeAt(at + 1) === 32) break;
  }
  return at;
}

/** Context of a candidate in running text. Reads at most 96 code units before and 24 behind it. */
export function wordsAround(text: string, lo: number, hi: number, start: number, end: number): string {
  const from = beforeFrom(text, lo, start);
  const to = afterTo(text, hi, end);
  buffer[0] = 32;
  let size = putWords(text, from, start, 1);
  if (size >= 0) {
    if (buffer[size - 1] !== 32) buffer[size++] = 32;
    size = putWords(text, end, to, size);
  }
  return size >= 0 ? bufferToWords(size) : toWords(`${text.slice(from, start)} ${text.slice(end, to)}`);
}

const heading = /^[^\n\r]{3,1024}/u;

/** Column names of a table: a first line of at least two names without a digit-only cell. Empty when it is not one. */
export function columnsOf(text: string): { readonly names: readonly string[]; readonly separator: string } | undefined {
  const line = heading.exec(text)?.[0];
  if (line === undefined || line.length >= 1024 || !/^[\n\r]/u.test(text.slice(line.length))) return undefined;
  const separator = [',', ';', '\t', '|'].find((char) => line.includes(char));
  if (separator === undefined) return undefined;
  const cells = line.split(separator);
  if (cells.length < 2 || !cells.every((cell) => /^\s*"?[\p{L}_][\p{L}\p{N} _.()/-]{0,48}"?\s*$/u.test(cell)))
    return undefined;
  return { names: cells.map(toWords), separator };
}

/** Name of the column that a candidate stands in, or empty when its line does not begin within 512 code units. */
export function columnAt(
  columns: NonNullable<ReturnType<typeof columnsOf>>,
  text: string,
  lo: number,
  start: number,
): string {
  const from = Math.max(lo, start - 400);
  const line = text.lastIndexOf('\n', start - 1) + 1;
  if (line < from || line === 0) return '';
  let column = 0;
  let quoted = false;
  for (let at = line; at < start; at += 1) {
    if (text[at] === '"') quoted = !quoted;
    else if (!quoted && text[at] === columns.separator) column += 1;
  }
  return columns.names[column] ?? '';
}
