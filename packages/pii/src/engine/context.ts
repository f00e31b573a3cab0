import { contextReach } from '../rule.ts';

// Only the marks of Latin letters: those of kana and Indic scripts make other letters.
const marks = /[\u0300-\u036f]+/gu;
const glue = /[^\p{L}\p{N}#]+/gu;
const camel = /(?<=[a-z])(?=[A-Z])/gu;

/** Lower-case words with single spaces around each: `steuerID_nr` becomes ` steuer id nr `. */
export function toWords(text: string): string {
  // eslint-disable-next-line no-control-regex -- the test is for anything outside ASCII
  const plain = /[^\x00-\x7f]/u.test(text) ? text.normalize('NFD').replace(marks, '').normalize('NFC') : text;
  return ` ${plain.replace(camel, ' ').toLowerCase().replace(glue, ' ').trim()} `;
}

const breaks = ['\n', '","', ',"', '{"', '; ', '. ', '? ', '! ', '&', '|', '\t', '\\n'] as const;
const letter = /\p{L}/u;

/** What stands before a candidate in the same line, field or sentence; the one before it when that has no letter. */
function before(text: string, lo: number, start: number): string {
  const piece = text.slice(Math.max(lo, start - contextReach), start);
  let cut = piece.length;
  let rest = '';
  for (let tries = 0; tries < 3; tries += 1) {
    let last = -1;
    if (cut > 0) {
      for (const mark of breaks) {
        const at = piece.lastIndexOf(mark, cut - 1);
        if (at >= 0 && at + mark.length > last && at < cut) last = at + mark.length > cut ? at : at + mark.length;
      }
    }
    rest = piece.slice(Math.max(0, last));
    if (last <= 0 || letter.test(rest)) return rest;
    cut = Math.max(0, last - 1);
  }
  return rest;
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
  if (cells.length < 2 || !cells.every((cell) => /^\s*"?[\p{L}_][\p{L}\p{N} _.()/-]{0,48}"?\s*$/u.test(cell))) return undefined;
  return { names: cells.map(toWords), separator };
}

/** Name of the column that a candidate stands in, or empty when its line does not begin within 512 code units. */
export function columnAt(columns: NonNullable<ReturnType<typeof columnsOf>>, text: string, lo: number, start: number): string {
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
