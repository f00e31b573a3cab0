import { hash } from 'node:crypto';

/**
 * Digests of keys: names of callers do not belong into a shared database, and all keys are of one length. 128 bits, so
 * that nobody can find a name that shares another's bucket. A digest takes a microsecond, hence the memory of recent ones.
 */
export class DigestCache {
  readonly #maxKeys: number;
  #recent = new Map<string, string>();
  #older = new Map<string, string>();

  /** @param maxKeys Remembered at most twice as many; all that were used since half of them were new. */
  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  of(key: string): string {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    const digest = this.#older.get(key) ?? hash('sha256', key, 'base64url').slice(0, 22);
    // Two generations instead of an order of use, which would cost more than the digest it saves.
    if (this.#recent.size >= this.#maxKeys) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, digest);
    return digest;
  }
}
