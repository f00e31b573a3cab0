import { hash, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/**
 * Signs checkpoints. A port, so that the key may live in a KMS or HSM; it must sign with Ed25519 (RFC 8032, no prehash).
 * The time `sign` takes is added to one commit per checkpoint.
 */
export interface Signer {
  /** Key name of the signed note, and the origin of the checkpoints: one per replica, such as `gw.example/audit/a`. */
  readonly name: string;
  /** The raw public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

const ED25519_SPKI_PREFIX_BYTES = 12;

/** C2SP signed-note: a key name is non-empty and holds neither white space nor a plus sign. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && name.length <= 255 && !/[\s+\p{Zs}\p{Cc}]/u.test(name);
}

/** A signer over a local private key. Throws TypeError when the key is not Ed25519 or the name is not a key name. */
export function ed25519Signer(options: { name: string; privateKey: KeyObject; publicKey: KeyObject }): Signer {
  const { name, privateKey, publicKey } = options;
  if (!isKeyName(name)) throw new TypeError('"name" must be non-empty, without white space and without "+".');
  if (privateKey.asymmetricKeyType !== 'ed25519' || publicKey.asymmetricKeyType !== 'ed25519') {
    throw new TypeError('"privateKey" and "publicKey" must be Ed25519 keys.');
  }
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(ED25519_SPKI_PREFIX_BYTES);
  return { name, publicKey: raw, sign: (message) => sign(null, message, privateKey) };
}

/** Key ID of the C2SP signed-note format: first four bytes of SHA-256(name || 0x0A || 0x01 || public key). */
export function keyId(name: string, publicKey: Uint8Array): Buffer {
  const bytes = Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([1]), publicKey]);
  return hash('sha256', bytes, 'buffer').subarray(0, 4);
}

/** The verifier key ("vkey") to hand to auditors: `name+hex key id+base64(0x01 || public key)`. */
export function verifierKey(signer: Pick<Signer, 'name' | 'publicKey'>): string {
  const tagged = Buffer.concat([Buffer.from([1]), signer.publicKey]);
  return `${signer.name}+${keyId(signer.name, signer.publicKey).toString('hex')}+${tagged.toString('base64')}`;
}
