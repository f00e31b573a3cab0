import type { Scan } from '../rule.ts';
import { reachBack } from '../rule.ts';

const shortest = 16;
const longest = 4096;
const printable = (code: number): boolean => (code >= 32 && code < 127) || code === 9 || code === 10 || code === 13;

const base64Form = /^[A-Za-z0-9+/]+={0,2}$/u;
const urlForm = /^[A-Za-z0-9_-]+={0,2}$/u;
const hexForm = /^(?:[0-9a-fA-F]{2})+$/u;

/** At least nine of ten bytes are printable ASCII, and the first eight are: keys, hashes and images are not. */
function asText(bytes: Buffer): string | undefined {
  if (bytes.length < 8) return undefined;
  for (let index = 0; index < 8; index += 1) if (!printable(bytes[index]!)) return undefined;
  const text = bytes.toString('utf8');
  if (text.includes('\ufffd')) return undefined;
  let odd = 0;
  for (let index = 0; index < text.length; index += 1) if (!printable(text.charCodeAt(index))) odd += 1;
  return odd * 10 <= text.length ? text : undefined;
}

/**
 * The text inside a base64, base64url or hexadecimal word, one level deep; undefined when it does not decode to text.
 * Words under 16 or over 4,096 code units are not tried.
 */
function decodeWord(word: string): string | undefined {
  if (word.length < shortest || word.length > longest) return undefined;
  if (word.length % 2 === 0 && hexForm.test(word)) return asText(Buffer.from(word, 'hex'));
  if (base64Form.test(word)) return asText(Buffer.from(word, 'base64'));
  return urlForm.test(word) ? asText(Buffer.from(word, 'base64url')) : undefined;
}

const sextets = new Int8Array(128).fill(-1);
for (const [value, char] of Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').entries())
  sextets[char.charCodeAt(0)] = value;
sextets[45] = 62;
sextets[95] = 63;

const hexValue = (code: number): number =>
  code >= 48 && code <= 57 ? code - 48 : (code | 32) >= 97 && (code | 32) <= 102 ? (code | 32) - 87 : -1;

/** Cheap look at the first bytes of a word, so that hashes and random keys cost no decoding. */
function mayDecode(text: string, start: number, end: number): boolean {
  let hex = (end - start) % 2 === 0;
  for (let at = start; hex && at < start + 12; at += 2) {
    const high = hexValue(text.charCodeAt(at));
    const low = hexValue(text.charCodeAt(at + 1));
    if (high < 0 || low < 0 || !printable(high * 16 + low)) hex = false;
  }
  if (hex) return true;
  for (let at = start; at < start + 8; at += 4) {
    let bits = 0;
    for (let index = 0; index < 4; index += 1) bits = bits * 64 + (sextets[text.charCodeAt(at + index) & 127] ?? 0);
    if (!printable((bits >>> 16) & 255) || !printable((bits >>> 8) & 255) || !printable(bits & 255)) return false;
  }
  return true;
}

const isTokenCode = (code: number): boolean =>
  (code >= 48 && code <= 57) ||
  ((code | 32) >= 97 && (code | 32) <= 122) ||
  code === 43 ||
  code === 47 ||
  code === 95 ||
  code === 45 ||
  code === 61;

/** The word of the base64 alphabets around an index: at most 128 before it, and up to the end of the window. */
export function tokenAround(scan: Scan, at: number): { readonly start: number; readonly stop: number } {
  const { text, lo, hi } = scan;
  let start = at;
  const least = Math.max(lo, at - reachBack);
  while (start > least && isTokenCode(text.charCodeAt(start - 1)) && text.charCodeAt(start - 1) !== 61) start -= 1;
  let stop = at;
  while (stop < hi && isTokenCode(text.charCodeAt(stop))) stop += 1;
  return { start, stop };
}

/** What a word decodes to, of a long one its beginning; undefined when that is no text or `at` lies deep inside the word. */
export function decodeAround(text: string, start: number, stop: number, at: number, long: boolean): string | undefined {
  if (stop - start < shortest || at - start >= reachBack || !mayDecode(text, start, stop)) return undefined;
  return decodeWord(text.slice(start, long ? start + ((stop - start) & ~3) : stop));
}
