import { fault } from '../faults.ts';
import type { Fault } from '../faults.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Bytes of one message as text.
 *
 * Refuses what two parsers could read differently: a byte order mark (RFC 8259, section 8.1, forbids adding one),
 * UTF-16 and UTF-32, and anything that is not well-formed UTF-8. Does NOT check that the text is JSON.
 *
 * @returns the text, or a fault with reason `encoding`
 */
export function readText(bytes: Uint8Array): string | Fault {
  const first = bytes[0];
  const second = bytes[1];
  if (first === 0xef && second === 0xbb && bytes[2] === 0xbf) {
    return fault('encoding', 'The body begins with a byte order mark; send plain UTF-8.');
  }
  // JSON begins with an ASCII character, so a zero byte or a UTF-16 mark among the first two gives the encoding away.
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || first === 0 || second === 0) {
    return fault('encoding', 'The body is not UTF-8; send plain UTF-8.');
  }
  try {
    return decoder.decode(bytes);
  } catch {
    return fault('encoding', 'The body is not well-formed UTF-8.');
  }
}
