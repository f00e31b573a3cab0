import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { isObject } from '@sekisho/protocol';

/** What a `requestState` of ours stands for. */
export type SealedState =
  /** A call that waits in this process, by its handle; `round` is good for one retry. */
  | { readonly kind: 'parked'; readonly handle: string; readonly round: number }
  /** A modern server's own state, on its way through the client; good until `expiresMs`, milliseconds since 1970. */
  | { readonly kind: 'relay'; readonly server: string; readonly state: string; readonly expiresMs: number }
  /** A server's task: its own id, and the tool that made it, by which everything that is done with it is decided. */
  | { readonly kind: 'task'; readonly server: string; readonly task: string; readonly tool: string };

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 1;
const INFO = 'sekisho requestState v1';

/**
 * Seals what goes to a client and comes back (MCP 2026-07-28, basic/patterns/mrtr, "requestState"): AES-256-GCM with a random
 * nonce (NIST SP 800-38D, section 8.2.2), under a key derived with HKDF-SHA-256 (RFC 5869). What the state is bound to is
 * authenticated beside it and not written into it, so that a state in foreign hands is just a state that does not open.
 *
 * Does NOT know expiry or single use: that is for whoever opens it.
 */
export class StateSeal {
  readonly #key: Buffer;

  /** @param key at least 32 bytes of secret; default: random, so that states end with the process */
  constructor(key: Uint8Array = randomBytes(32)) {
    if (key.length < 32) throw new TypeError('the key of "parked" must have at least 32 bytes');
    this.#key = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), INFO, 32));
  }

  /** @param binding what must be the same when it comes back */
  seal(state: SealedState, binding: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(Buffer.from(binding));
    const text = JSON.stringify(state);
    return Buffer.concat([
      Buffer.of(VERSION),
      nonce,
      cipher.update(text, 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ]).toString('base64url');
  }

  /** The state, or undefined for whatever was not sealed here for this binding. */
  open(sealed: string, binding: string): SealedState | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    // Decoders pass over foreign characters and spare bits: only the one spelling that we gave is ours.
    if (bytes.toString('base64url') !== sealed) return undefined;
    if (bytes.length <= 1 + NONCE_BYTES + TAG_BYTES || bytes[0] !== VERSION) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(1, 1 + NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(binding));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    try {
      const text =
        decipher.update(bytes.subarray(1 + NONCE_BYTES, bytes.length - TAG_BYTES), undefined, 'utf8') +
        decipher.final('utf8');
      const state: unknown = JSON.parse(text);
      return isObject(state) ? (state as unknown as SealedState) : undefined;
    } catch {
      return undefined;
    }
  }
}
