import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { AuditError } from '../audit-error.ts';

/**
 * Wraps the keys of subjects. A port, so that the key encryption key may live in a KMS.
 * Backups of wrapped keys must expire (30 days at most), or an erasure is undone by a restore.
 */
export interface AuditKeys {
  /** Identifies the key encryption key in use; written into envelopes. */
  readonly id: string;
  /** 32 bytes; keys the hashes of content without a subject and of the names in the key table. Never changes. */
  readonly macKey: Uint8Array;
  wrap(key: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** `id` names the key encryption key that wrapped it. */
  unwrap(wrapped: Uint8Array, id: string): Uint8Array | Promise<Uint8Array>;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM: nonce, ciphertext, tag. A fresh random nonce each time. */
export function seal(key: Uint8Array, plain: Uint8Array, additional: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(additional));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what `seal` made. Throws when the key, the additional data or a byte is not the same. */
export function unseal(key: Uint8Array, sealed: Uint8Array, additional: string): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new RangeError('Too short to be sealed data.');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(additional));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
}

/** One purpose, one key: derives a 32 byte key from another. */
export function deriveKey(key: Uint8Array, purpose: string): Buffer {
  return createHmac('sha256', key).update(`sekisho-audit/${purpose}`).digest();
}

export interface LocalAuditKeysOptions {
  /** Name of the key in use, for example `2026-11`. */
  id: string;
  /** The key encryption key, 32 bytes. */
  secret: Uint8Array;
  /** Keys the hashes; 32 bytes, must stay the same when `secret` is rotated. Default: derived from `secret`. */
  macSecret?: Uint8Array;
  /** Former keys, to open what they wrapped. */
  previous?: readonly { id: string; secret: Uint8Array }[];
}

/** Key encryption with keys held in memory. Throws TypeError when a secret has not 32 bytes. */
export function localAuditKeys(options: LocalAuditKeysOptions): AuditKeys {
  const all = new Map([...(options.previous ?? []), options].map(({ id, secret }) => [id, secret]));
  for (const secret of [...all.values(), options.macSecret ?? options.secret]) {
    if (secret.length !== 32) throw new TypeError('A secret must have 32 bytes.');
  }
  if (options.previous?.length && !options.macSecret) {
    throw new TypeError('"macSecret" must be given once "secret" has been rotated.');
  }
  return {
    id: options.id,
    macKey: options.macSecret ?? deriveKey(options.secret, 'mac'),
    wrap: (key) => seal(options.secret, key, `kek ${options.id}`),
    unwrap(wrapped, id) {
      const secret = all.get(id);
      if (!secret)
        throw new AuditError('ERR_AUDIT_KEY_FAILED', `There is no key encryption key ${JSON.stringify(id)}.`);
      return unseal(secret, wrapped, `kek ${id}`);
    },
  };
}
