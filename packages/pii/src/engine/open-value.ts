import type { Label } from '../label.ts';

/** A value longer than a rule may read: it is followed to its end character by character, in constant memory. */
export interface OpenValue {
  start: number;
  readonly kind: 'token' | 'pem';
  readonly label: Label;
  readonly rule: string;
  readonly score: number;
  /** State of a PEM line: length of the word, whether a space stood in the line, whether it is a header. */
  word: number;
  spaced: boolean;
  colon: boolean;
}

const isAlnum = (code: number): boolean => (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 122);
const marker = '-----END';
const markerReach = 96;

/** `+ - . / = _ ~ %`, letters and digits. */
const isTokenCode = (code: number): boolean =>
  isAlnum(code) ||
  code === 43 ||
  (code >= 45 && code <= 47) ||
  code === 61 ||
  code === 95 ||
  code === 126 ||
  code === 37;

/** Where the value stops inside `text[from, end)`; not closed when it goes on behind `end`. */
export function endOfOpen(
  open: OpenValue,
  text: string,
  from: number,
  end: number,
  final: boolean,
): { readonly at: number; readonly closed: boolean } {
  if (open.kind === 'token') {
    let at = from;
    while (at < end && isTokenCode(text.charCodeAt(at))) at += 1;
    return { at, closed: at < end || final };
  }
  return endOfPem(open, text, from, end, final);
}

/**
 * The body of a PEM block up to and with its END line. Without one it ends where the text stops looking like a key: a
 * character that no key holds, or a second word in a line that is no header. So a cut-off key is masked, prose is not.
 */
function endOfPem(
  open: OpenValue,
  text: string,
  from: number,
  end: number,
  final: boolean,
): { readonly at: number; readonly closed: boolean } {
  for (let at = from; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 45 && (at + marker.length > end ? !final : text.startsWith(marker, at))) {
      if (!final && at + markerReach > end) return { at, closed: false };
      const close = text.indexOf('-----', at + marker.length);
      return {
        at: close >= 0 && close < at + markerReach && close + 5 <= end ? close + 5 : Math.min(end, at + marker.length),
        closed: true,
      };
    }
    if (code === 10 || code === 13) {
      open.word = 0;
      open.spaced = false;
      open.colon = false;
    } else if (open.word === 0 && (code === 62 || code === 124 || code === 35 || code === 42)) {
      // A quoted or commented key has a mark before each line.
      continue;
    } else if (code === 58) {
      open.colon = true;
    } else if (code === 32 || code === 9) {
      // A key that was put into one line keeps blocks of 64; anything shorter before a space is prose.
      if (open.word > 0 && open.word < 40 && !open.colon) open.spaced = true;
      open.word = 0;
    } else if (
      isAlnum(code) ||
      code === 43 ||
      code === 47 ||
      code === 61 ||
      code === 45 ||
      code === 92 ||
      code === 44 ||
      code === 46
    ) {
      if (open.spaced) return { at: at, closed: true };
      // `\n` written out inside a string literal ends a line as well.
      if (code === 92) open.word = 0;
      else open.word += 1;
    } else if (!(open.colon && code > 32 && code < 127) && code !== 34 && code !== 39) {
      return { at, closed: true };
    } else if (code === 34 || code === 39) {
      return { at, closed: true };
    }
  }
  return { at: end, closed: final };
}
