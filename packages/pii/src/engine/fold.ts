import { SparseOffsets } from './offsets.ts';
import type { Offsets } from './offsets.ts';

/** A text as the rules see it, and the way back to the text as it was written. */
export interface Folded {
  readonly text: string;
  /** Absent when the indices are the same. */
  readonly map?: Offsets;
}

/** First code point of each block of ten decimal digits that NFKC does not turn into ASCII digits. */
const digitBlocks = [
  0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
  0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
  0xa900, 0xa9d0, 0xaa50, 0xabf0, 0x104a0, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x1e950,
] as const;

/** Letters of other scripts that look like a Latin one, each followed by it. */
const twins = Array.from(
  'аaеeоoрpсcуyхxіiјjѕsԁdһhԛqԝwӏlАAВBЕEКKМMНHОOРPСCТTУYХXІIЈJЅSοoαaνvιiρpκkΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX',
);
const lookAlikes = new Map(
  twins.flatMap((char, index) => (index % 2 === 0 ? [[char, twins[index + 1]!] as const] : [])),
);

const invisible = /^[\p{Cf}\p{Default_Ignorable_Code_Point}]$/u;
const known = new Map<number, string>();

function foldOne(point: number): string {
  const block = digitBlocks.find((zero) => point >= zero && point < zero + 10);
  if (block !== undefined) return String(point - block);
  const char = String.fromCodePoint(point);
  if (invisible.test(char)) return '';
  const twin = lookAlikes.get(char);
  if (twin !== undefined) return twin;
  if (/^\p{Pd}$/u.test(char) || point === 0x2212) return '-';
  if (/^\p{Zs}$/u.test(char)) return ' ';
  if (point === 0x3002 || point === 0xff61) return '.';
  const plain = char.normalize('NFKC');
  // A fraction or a ligature that becomes several digits would invent numbers, so only one-to-one forms are taken.
  return plain.length === 1 ? plain : char;
}

/** The same letter for every rule: width, digits of other scripts, look-alikes, dashes and spaces; format characters vanish. */
function foldPoint(point: number): string {
  let folded = known.get(point);
  if (folded === undefined) {
    folded = foldOne(point);
    // All of Unicode would be a large table; what real text holds is small.
    if (known.size < 4096) known.set(point, folded);
  }
  return folded;
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  commat: '@',
  period: '.',
  lt: '<',
  gt: '>',
  quot: '"',
  colon: ':',
  nbsp: ' ',
  hyphen: '-',
};
const escape =
  /%(?:25){0,2}([0-7][0-9a-f])|&(?:#(\d{2,3})|#x([0-9a-f]{2})|(amp|commat|period|colon|quot|lt|gt|nbsp|hyphen));|\\(?:u00|x)([0-7][0-9a-f])/iy;

function unescapeAt(text: string, at: number): { readonly char: string; readonly length: number } | undefined {
  escape.lastIndex = at;
  const found = escape.exec(text);
  if (found === null) return undefined;
  const hex = found[1] ?? found[3] ?? found[5];
  const code = hex === undefined ? Number(found[2] ?? -1) : Number.parseInt(hex, 16);
  const char = found[4] === undefined ? String.fromCharCode(code) : named[found[4].toLowerCase()]!;
  if (found[4] === undefined && (code < 32 || code > 126)) return undefined;
  return { char, length: found[0].length };
}

/** The longest escape that is undone, in code units: a stream waits for so many behind a `%`, `&` or `\`. */
export const escapeReach = 9;

// Kana, Han and Hangul are never changed, and most text that is not ASCII consists of them or of Latin letters.
/** The next character that folding may change: `%`, `&`, `\\` or one outside ASCII that is not Latin, kana, Han or Hangul. */
function nextOdd(text: string, from: number): number {
  const { length } = text;
  for (let at = from; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 128) {
      if (code === 37 || code === 38 || code === 92) return at;
    } else if (
      !(code >= 0xc0 && code <= 0x24f) &&
      !((code >= 0x3040 && code < 0xa000) || (code >= 0xac00 && code <= 0xd7a3))
    ) {
      return at;
    }
  }
  return length;
}

/**
 * Writes a text the way the rules read it: one width, ASCII digits, no invisible characters, percent and HTML escapes
 * undone. The original is untouched; the map leads back to it. Each code point is folded by itself, so that a text may
 * be folded in pieces.
 */
export function fold(text: string): Folded {
  const out: string[] = [];
  const offsets = new SparseOffsets();
  let changed = false;
  let copied = 0;
  let length = 0;
  for (let at = nextOdd(text, 0); at < text.length; at = nextOdd(text, at + 1)) {
    const code = text.charCodeAt(at);
    let replacement: string;
    let size = 1;
    if (code < 128) {
      const plain = unescapeAt(text, at);
      if (plain === undefined) continue;
      replacement = plain.char;
      size = plain.length;
    } else {
      const point = text.codePointAt(at)!;
      size = point > 0xffff ? 2 : 1;
      replacement = foldPoint(point);
      if (replacement.length === size && text.startsWith(replacement, at)) {
        at += size - 1;
        continue;
      }
    }
    changed = true;
    out.push(text.slice(copied, at), replacement);
    length += at - copied + replacement.length;
    copied = at + size;
    if (replacement.length !== size) offsets.mark(length, copied);
    at = copied - 1;
  }
  if (!changed) return { text };
  out.push(text.slice(copied));
  return offsets.empty ? { text: out.join('') } : { text: out.join(''), map: offsets };
}
