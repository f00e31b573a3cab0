import { createPrivateKey, createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import {
  createAuditLog,
  ed25519Signer,
  isAuditError,
  localAuditKeys,
  type AuditFileSystem,
  type AuditLog,
  type AuditObserver,
  type CheckpointPlace,
} from '@sekisho/audit';
import { subjectKeysFolder, type AuditFolders } from './folders.ts';
import { readAuditKeys, type AuditKeyMaterial } from './keys.ts';
import type { AuditSettings } from './settings.ts';
import { AuditStartError } from './start-error.ts';

export type OpenLogOptions = {
  readonly folders: AuditFolders;
  readonly settings: AuditSettings;
  readonly places?: readonly CheckpointPlace[];
  readonly observers?: readonly AuditObserver[];
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Take this log and no other. Default: that of the settings, or the first that no process writes to. */
  readonly replica?: string;
  readonly fileSystem?: AuditFileSystem;
};

export type OpenedLog = { readonly log: AuditLog; readonly replica: string };

/** Processes of one user that can write at the same time, each its own log. */
const MAX_REPLICAS = 64;

/**
 * Opens the log of this process. Several gateways of one computer each write one of their own: two writers would fork it.
 *
 * @throws AuditStartError that says which file, why, and what to do
 */
export async function openLog(options: OpenLogOptions): Promise<OpenedLog> {
  const material = await readKeyMaterial(options.folders, options.settings);
  const wanted = options.replica ?? options.settings.replica;
  const names = wanted === undefined ? Array.from({ length: MAX_REPLICAS }, (_, i) => String(i + 1)) : [wanted];
  for (const replica of names) {
    try {
      return { log: await open(options, material, replica), replica };
    } catch (error) {
      if (isAuditError(error) && error.code === 'ERR_AUDIT_LOCKED' && wanted === undefined) continue;
      throw explained(error, join(options.folders.logs, replica));
    }
  }
  throw new AuditStartError(
    'ERR_AUDIT_CANNOT_START',
    `${MAX_REPLICAS} processes already write a record in ${options.folders.logs}.`,
    'Stop some of them, or name a "replica" for each.',
  );
}

async function open(
  { folders, settings, places, observers, now, fileSystem }: OpenLogOptions,
  material: AuditKeyMaterial,
  replica: string,
): Promise<AuditLog> {
  const { origin, privateKey, publicKey, kekId, secret } = material;
  return await createAuditLog({
    ...figuresOf(settings),
    directory: join(folders.logs, replica),
    keysDirectory: subjectKeysFolder(folders, replica),
    signer: ed25519Signer({ name: `${origin}/${replica}`, privateKey, publicKey }),
    keys: localAuditKeys({ id: kekId, secret }),
    ...(places === undefined ? {} : { places }),
    ...(observers === undefined ? {} : { observers }),
    ...(now === undefined ? {} : { now }),
    ...(fileSystem === undefined ? {} : { fileSystem }),
  });
}

/** The settings of the library among those of the gateway. */
function figuresOf(settings: AuditSettings): object {
  const {
    enabled: _enabled,
    replica: _replica,
    origin: _origin,
    signingKey: _signingKey,
    keyEncryptionKey: _kek,
    retentionDays: _days,
    maxTotalBytes: _total,
    capture: _capture,
    sinks: _sinks,
    places: _places,
    sinkLagMs: _lag,
    openTelemetry: _telemetry,
    ...figures
  } = settings;
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}

/** The keys in use: those of the configuration, and those made at the first start for what it does not say. */
export async function readKeyMaterial(folders: AuditFolders, settings: AuditSettings): Promise<AuditKeyMaterial> {
  return withConfigured(await readAuditKeys(folders.keys), settings);
}

function withConfigured(made: AuditKeyMaterial, settings: AuditSettings): AuditKeyMaterial {
  const { origin = made.origin, signingKey, keyEncryptionKey } = settings;
  const keys = signingKey === undefined ? made : readSigningKey(signingKey);
  const secret = keyEncryptionKey === undefined ? made.secret : Buffer.from(keyEncryptionKey, 'base64');
  const kekId = keyEncryptionKey === undefined ? made.kekId : 'configured-1';
  return { origin, privateKey: keys.privateKey, publicKey: keys.publicKey, kekId, secret };
}

function readSigningKey(text: string): Pick<AuditKeyMaterial, 'privateKey' | 'publicKey'> {
  try {
    const privateKey = createPrivateKey(text.replaceAll(String.raw`\n`, '\n'));
    if (privateKey.asymmetricKeyType === 'ed25519') return { privateKey, publicKey: createPublicKey(privateKey) };
  } catch {
    // Not told: the text of the error could hold a piece of the key.
  }
  throw new AuditStartError(
    'ERR_AUDIT_KEYS_UNREADABLE',
    '"x-sekisho.audit.signingKey" is no Ed25519 private key.',
    'Make one with: openssl genpkey -algorithm ed25519',
  );
}

function explained(error: unknown, directory: string): Error {
  if (!isAuditError(error)) {
    const code = (error as NodeJS.ErrnoException).code;
    return new AuditStartError(
      'ERR_AUDIT_CANNOT_START',
      `The record in ${directory} cannot be opened (${code ?? String(error)}).`,
      'Make the folder writable for this user, or turn the record off with "audit": { "enabled": false } in "x-sekisho".',
      { cause: error },
    );
  }
  const remedy =
    error.code === 'ERR_AUDIT_CHAIN_BROKEN' || error.code === 'ERR_AUDIT_NOTE_INVALID'
      ? `Look at it with "sekisho audit verify", keep the folder as evidence under another name, and start again.`
      : error.code === 'ERR_AUDIT_LOCKED'
        ? 'Stop the other process, or give this one another "replica".'
        : 'Free or mend the disk, and start again.';
  return new AuditStartError(
    'ERR_AUDIT_CANNOT_START',
    `The record in ${directory} cannot be opened: ${error.message}`,
    remedy,
    {
      cause: error,
    },
  );
}
