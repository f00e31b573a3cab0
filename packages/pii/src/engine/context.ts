import { contextReach } from '../rule.ts';

// Only the marks of Latin letters: those of kana and Indic scripts make other letters.
const marks = /[\u0300-\u036f]+/gu;
const glue = /[^\p{L}\p{N}#]+/gu;
const camel = /(?<=[a-z])(?=[A-Z])/gu;

const buffer = Buffer.alloc(1024);
const isUpper = (code: number): boolean => code >= 65 && code <= 90;
const isLower = (code: number): boolean => code >= 97 && code <= 122;

/** The same for ASCII, without the cost of expressions; undefined when the text is not all ASCII or too long. */
function toWordsAscii(text: string): string | undefined {
  if (text.length > 480) return undefined;
  let size = 1;
  buffer[0] = 32;
  let before = 32;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 127) return undefined;
    if (isUpper(code)) {
      if (isLower(before)) buffer[size++] = 32;
      buffer[size++] = code + 32;
    } else if (isLower(code) || (code >= 48 && code <= 57) || code === 35) {
      buffer[size++] = code;
    } else if (buffer[size - 1] !== 32) {
      buffer[size++] = 32;
    }
    before = code;
  }
  if (buffer[size - 1] !== 32 || size === 1) buffer[size++] = 32;
  return buffer.toString('latin1', 0, size);
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

/** What stands before a candidate in the same line, field or sentence; the one before it when that has no letter. */
function before(text: string, lo: number, start: number): string {
  const least = Math.max(lo, start - contextReach);
  let letters = false;
  let pieces = 0;
  let at = start;
  for (; at > least; at -= 1) {
    if (at < start && beginsAt(text, at)) {
      pieces += 1;
      if (letters || pieces === 3) break;
    }
    const code = text.charCodeAt(at - 1);
    if (isLower(code | 32) || code > 191) letters = true;
  }
  return text.slice(at, start);
}

/** A few words behind a candidate: `536-90-4399 (SSN)`. */
function after(text: string, hi: number, end: number): string {
  const piece = text.slice(end, Math.min(hi, end + 24));
  const stop = piece.search(/[\n;,"{}|=:&]|\. |\d/u);
  return stop < 0 ? piece : piece.slice(0, stop);
}

/** Context of a candidate in running text. Reads at most 96 code units before and 24 behind it. */
export function wordsAround(text: string, lo: number, hi: number, start: number, end: number): string {
  return toWords(`${before(text, lo, start)} ${after(text, hi, end)}`);
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
