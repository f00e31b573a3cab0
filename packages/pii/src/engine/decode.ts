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
export function decodeWord(word: string): string | undefined {
  if (word.length < shortest || word.length > longest) return undefined;
  if (word.length % 2 === 0 && hexForm.test(word)) return asText(Buffer.from(word, 'hex'));
  if (base64Form.test(word)) return asText(Buffer.from(word, 'base64'));
  return urlForm.test(word) ? asText(Buffer.from(word, 'base64url')) : undefined;
}

/** Cheap look at the first characters of a word, so that hashes and random keys cost no decoding. */
export function mayDecode(text: string, start: number, end: number): boolean {
  const head = text.slice(start, Math.min(end, start + 12));
  const bytes = hexForm.test(head) && (end - start) % 2 === 0 ? Buffer.from(head, 'hex') : Buffer.from(head, 'base64url');
  for (const byte of bytes) if (!printable(byte)) return false;
  return bytes.length >= 6;
}
