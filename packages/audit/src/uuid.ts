/** Source of random bytes; `node:crypto`'s randomFillSync by default. */
export type RandomFill = (bytes: Uint8Array) => void;

const POOL_BYTES = 4096;

/**
 * UUID version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, then 74 random bits.
 * Random bytes are drawn in pools because a draw per record would cost more than the rest of the identifier.
 */
export function createUuidV7(random: RandomFill): (nowMs: number) => string {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  let lastMs = -1;
  let timePart = '';
  return (nowMs) => {
    if (used + 10 > POOL_BYTES) {
      random(pool);
      used = 0;
    }
    if (nowMs !== lastMs) {
      const hex = Math.max(0, Math.trunc(nowMs)).toString(16).padStart(12, '0').slice(-12);
      timePart = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
      lastMs = nowMs;
    }
    pool[used + 2] = (pool[used + 2]! & 0x3f) | 0x80;
    const hex = pool.toString('hex', used, used + 10);
    used += 10;
    return `${timePart}${hex.slice(0, 3)}-${hex.slice(4, 8)}-${hex.slice(8, 20)}`;
  };
}
