import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { AuditStartError } from './start-error.ts';
import { ExposedFileError, readOrMakePrivate } from '../private-file.ts';

/** What signs checkpoints and wraps the keys of subjects. Lies where the log does not, and only its owner may read it. */
export type AuditKeyMaterial = {
  /** Beginning of the origin of every log of this computer. */
  readonly origin: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly kekId: string;
  /** 32 bytes. */
  readonly secret: Buffer;
};

const fileSchema = z.object({
  v: z.literal(1),
  origin: z.string(),
  privateKey: z.string(),
  kekId: z.string(),
  secret: z.string(),
});

/** Reads the keys of this computer; makes them at the first start. Two gateways that start at once end with the same. */
export async function readAuditKeys(folder: string): Promise<AuditKeyMaterial> {
  const path = join(folder, 'signer.json');
  const text = await readOrMakePrivate(path, make).catch((error: unknown) => {
    if (!(error instanceof ExposedFileError)) throw error;
    throw new AuditStartError('ERR_AUDIT_KEYS_EXPOSED', error.message, `chmod 600 ${path}`, { cause: error });
  });
  const parsed = fileSchema.safeParse(parse(text));
  if (!parsed.success)
    throw new AuditStartError('ERR_AUDIT_KEYS_UNREADABLE', `${path} does not hold the keys of a record.`, REMEDY);
  const { origin, privateKey, kekId, secret } = parsed.data;
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' });
  return {
    origin,
    privateKey: key,
    publicKey: createPublicKey(key),
    kekId,
    secret: Buffer.from(secret, 'base64'),
  };
}

const REMEDY =
  'Restore it from a backup. Without it the identities in the record cannot be read, and a new log must be begun elsewhere.';

function make(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return JSON.stringify({
    v: 1,
    origin: `sekisho-${randomBytes(4).toString('hex')}/audit`,
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    kekId: 'local-1',
    secret: randomBytes(32).toString('base64'),
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told as what it is by the schema.
    return undefined;
  }
}
