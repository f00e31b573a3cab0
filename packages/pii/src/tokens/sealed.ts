import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Label } from '../label.ts';
import { isLabel } from '../label.ts';

/** Whose token it is. A token of one scope means nothing in another. */
export interface TokenScope {
  readonly tenant: string;
  readonly principal: string;
}

/** What a token turned out to be. */
export type Opened =
  | { readonly ok: true; readonly label: Label; readonly value: string }
  | { readonly ok: false; readonly reason: 'malformed' | 'foreign-or-tampered' | 'expired' };

export interface SealOptions {
  /** Keys by id; the first seals, all open. Ids are 0 to 255, keys 32 bytes. */
  readonly keys: readonly { readonly id: number; readonly secret: Uint8Array }[];
  /** How long a token can be opened, in seconds. Between one and two times this, since equal values share a token. Default 86,400, range 60 to 31,536,000. */
  readonly ttlSeconds?: number;
  /** The time in milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/** Turns values into sealed text and back. Nothing is stored. */
export interface Sealer {
  seal(label: Label, value: string, scope: TokenScope): Uint8Array;
  open(sealed: Uint8Array, label: Label, scope: TokenScope): Opened;
}

const headLength = 5;
const nonceLength = 12;
const tagLength = 16;
/** More scopes than this at once are rare; their keys are derived again. */
const cachedScopes = 1024;

/**
 * Seals with AES-256-GCM under a key of the scope. The nonce is a keyed hash of everything sealed, so the same value gives
 * the same token while it lasts, and no nonce is used for two texts. Label, scope and expiry are bound as additional data.
 *
 * @throws TypeError for no key, a key that is not 32 bytes, an id outside 0 to 255, or a lifetime outside its range.
 */
export function createSealer(options: SealOptions): Sealer {
  const ttl = options.ttlSeconds ?? 86_400;
  if (!(ttl >= 60 && ttl <= 31_536_000)) throw new TypeError('ttlSeconds must be between 60 and 31,536,000');
  const first = options.keys[0];
  if (first === undefined) throw new TypeError('Tokens need at least one key');
  for (const { id, secret } of options.keys) {
    if (secret.length !== 32) throw new TypeError('A token key must have 32 bytes');
    if (!Number.isInteger(id) || id < 0 || id > 255) throw new TypeError('A token key needs an id from 0 to 255');
  }
  const now = options.now ?? Date.now;
  const derived = new Map<string, { readonly seal: Uint8Array; readonly nonce: Uint8Array }>();
  const keysFor = (
    id: number,
    scope: TokenScope,
  ): { readonly seal: Uint8Array; readonly nonce: Uint8Array } | undefined => {
    const key = options.keys.find((one) => one.id === id);
    if (key === undefined) return undefined;
    const name = JSON.stringify([id, scope.tenant, scope.principal]);
    let pair = derived.get(name);
    if (pair === undefined) {
      const bytes = Buffer.from(hkdfSync('sha256', key.secret, '', `sekisho-pii-token-1 ${name}`, 64));
      pair = { seal: bytes.subarray(0, 32), nonce: bytes.subarray(32) };
      if (derived.size >= cachedScopes) derived.clear();
      derived.set(name, pair);
    }
    return pair;
  };
  const bound = (head: Uint8Array, label: Label, scope: TokenScope): Buffer =>
    Buffer.from(JSON.stringify([Buffer.from(head).toString('hex'), label, scope.tenant, scope.principal]));
  return {
    seal(label, value, scope) {
      const pair = keysFor(first.id, scope)!;
      // Rounding up to a common moment lets equal values share a token for at least the lifetime asked for.
      const expires = (Math.floor(now() / 1000 / ttl) + 2) * ttl;
      const head = Buffer.alloc(headLength);
      head[0] = first.id;
      head.writeUInt32BE(expires, 1);
      const data = bound(head, label, scope);
      const nonce = createHmac('sha256', pair.nonce)
        .update(data)
        .update('\0')
        .update(value)
        .digest()
        .subarray(0, nonceLength);
      const cipher = createCipheriv('aes-256-gcm', pair.seal, nonce).setAAD(data);
      const body = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
      return Buffer.concat([head, nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, label, scope) {
      const bytes = Buffer.from(sealed);
      if (bytes.length < headLength + nonceLength + tagLength || !isLabel(label))
        return { ok: false, reason: 'malformed' };
      const head = bytes.subarray(0, headLength);
      const pair = keysFor(head[0]!, scope);
      if (pair === undefined) return { ok: false, reason: 'foreign-or-tampered' };
      const data = bound(head, label, scope);
      const nonce = bytes.subarray(headLength, headLength + nonceLength);
      const decipher = createDecipheriv('aes-256-gcm', pair.seal, nonce).setAAD(data);
      decipher.setAuthTag(bytes.subarray(headLength + nonceLength, headLength + nonceLength + tagLength));
      let value: string;
      try {
        value = Buffer.concat([
          decipher.update(bytes.subarray(headLength + nonceLength + tagLength)),
          decipher.final(),
        ]).toString('utf8');
      } catch {
        // GCM says no more than that the tag is wrong; that is the answer, not a failure.
        return { ok: false, reason: 'foreign-or-tampered' };
      }
      const expected = createHmac('sha256', pair.nonce)
        .update(data)
        .update('\0')
        .update(value)
        .digest()
        .subarray(0, nonceLength);
      if (!timingSafeEqual(expected, nonce)) return { ok: false, reason: 'foreign-or-tampered' };
      if (head.readUInt32BE(1) * 1000 <= now()) return { ok: false, reason: 'expired' };
      return { ok: true, label, value };
    },
  };
}
