import { createHmac, hash } from 'node:crypto';
import type { Mac } from '../writer/record-head.ts';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Longer content is hashed as a stream: copying it would cost more than the objects that a stream needs. */
const MAX_COPIED_BYTES = 16_384;

/** Room for the inner block and the content; used from one call to the next, and never across an await. */
const scratch = Buffer.alloc(BLOCK_BYTES + MAX_COPIED_BYTES);

/**
 * Hex HMAC-SHA-256 (RFC 2104) under the given key. Short content is hashed by two calls of the one-shot function, which is
 * several times faster than the objects of `createHmac`; the result is the same.
 */
export function macWith(key: Uint8Array): Mac {
  const inner = Buffer.alloc(BLOCK_BYTES, 0x36);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, 0x5c);
  const short = key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key;
  for (let i = 0; i < short.length; i += 1) {
    inner[i]! ^= short[i]!;
    outer[i]! ^= short[i]!;
  }
  return (content) => {
    // A text has at most three bytes for each of its units.
    const most = typeof content === 'string' ? content.length * 3 : content.length;
    if (most > MAX_COPIED_BYTES) return createHmac('sha256', key).update(content).digest('hex');
    scratch.set(inner);
    let end = BLOCK_BYTES;
    if (typeof content === 'string') end += scratch.write(content, end, 'utf8');
    else {
      scratch.set(content, end);
      end += content.length;
    }
    outer.write(hash('sha256', scratch.subarray(0, end), 'binary'), BLOCK_BYTES, 'latin1');
    return hash('sha256', outer, 'hex');
  };
}
