import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { AuthError } from '../auth-error.ts';
import { isJsonObject, parseJsonObject } from '../json.ts';
import type { KeyRecord, KeyStore } from './key-store.ts';

export interface FileKeyStoreOptions {
  /** File of the records; made at the first key, readable by its owner only. */
  readonly path: string;
}

/** A lock older than this was left behind by a process that died: no change takes this long. */
const STALE_LOCK_MS = 10_000;
const LOCK_ATTEMPTS = 200;

/**
 * Keeps key records in one JSON file that a running server and the command line share: `find` looks at the file again when
 * it changed, so that a key revoked by another process is gone at the next check. Changes are made under a lock file and by renaming a
 * finished file over the old one, so that a crash leaves the old or the new records and nothing between.
 *
 * @throws {@link AuthError} `ERR_AUTH_KEY_STORE` from every method when the file cannot be read, understood or written.
 */
export function fileKeyStore({ path }: FileKeyStoreOptions): KeyStore {
  let seen = '';
  let byId: ReadonlyMap<string, KeyRecord> = new Map();

  const records = (): ReadonlyMap<string, KeyRecord> => {
    const version = fileVersion(path);
    if (version !== seen) {
      byId = version === 'absent' ? new Map() : readRecords(path);
      seen = version;
    }
    return byId;
  };

  const change = async (edit: (current: Map<string, KeyRecord>) => void): Promise<void> => {
    await withLock(`${path}.lock`, () => {
      const current = new Map(fileVersion(path) === 'absent' ? [] : readRecords(path));
      edit(current);
      writeRecords(path, current);
    });
  };

  return {
    find: (keyId) => records().get(keyId),
    list: () => [...records().values()],
    put: (record, also) =>
      change((current) => {
        current.set(record.keyId, record);
        if (also !== undefined) current.set(also.keyId, also);
      }),
    touch: (keyId, usedAtMs) =>
      change((current) => {
        const record = current.get(keyId);
        if (record !== undefined) current.set(keyId, { ...record, lastUsedAtMs: usedAtMs });
      }),
  };
}

/** Changes with every rename: the inode is another one, whatever the clock's resolution. */
function fileVersion(path: string): string {
  const stat = attempt(() => statSync(path, { throwIfNoEntry: false, bigint: true }), 'read');
  return stat === undefined ? 'absent' : `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
}

function readRecords(path: string): ReadonlyMap<string, KeyRecord> {
  const document = parseJsonObject(attempt(() => readFileSync(path), 'read'));
  const keys = document?.['keys'];
  if (!Array.isArray(keys) || !keys.every(isKeyRecord)) {
    // Reading a damaged file as "no keys" would lock everybody out at best and forget revocations at worst.
    throw new AuthError('ERR_AUTH_KEY_STORE', 'The file of API keys is damaged.');
  }
  return new Map(keys.map((record) => [record.keyId, record]));
}

function isKeyRecord(value: unknown): value is KeyRecord {
  if (!isJsonObject(value)) return false;
  const texts = ['keyId', 'environment', 'hmac', 'pepperId', 'principal'].every(
    (name) => typeof value[name] === 'string',
  );
  const lists = ['roles', 'scopes', 'servers', 'tools', 'networks', 'origins'].every((name) => {
    const list = value[name];
    return Array.isArray(list) && list.every((entry) => typeof entry === 'string');
  });
  const revokedAtMs = value['revokedAtMs'];
  return (
    texts &&
    lists &&
    typeof value['expiresAtMs'] === 'number' &&
    (revokedAtMs === undefined || typeof revokedAtMs === 'number')
  );
}

function writeRecords(path: string, records: ReadonlyMap<string, KeyRecord>): void {
  const text = `${JSON.stringify({ version: 1, keys: [...records.values()] }, undefined, 2)}\n`;
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  attempt(() => {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  }, 'write');
}

async function withLock(lock: string, work: () => void): Promise<void> {
  for (let tries = 0; !tryLock(lock); tries += 1) {
    if (tries === LOCK_ATTEMPTS)
      throw new AuthError('ERR_AUTH_KEY_STORE', 'The file of API keys is locked by another process.');
    await delay(25);
  }
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function tryLock(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', 0o600));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new AuthError('ERR_AUTH_KEY_STORE', 'The file of API keys cannot be locked.', { cause: error });
    }
    const stat = statSync(lock, { throwIfNoEntry: false });
    // Compared with a file's time, so the system's clock it must be.
    if (stat !== undefined && Date.now() - stat.mtimeMs > STALE_LOCK_MS) rmSync(lock, { force: true });
    return false;
  }
}

function attempt<T>(work: () => T, verb: 'read' | 'write'): T {
  try {
    return work();
  } catch (cause) {
    throw new AuthError(
      'ERR_AUTH_KEY_STORE',
      `The file of API keys cannot be ${verb === 'read' ? 'read' : 'written'}.`,
      { cause },
    );
  }
}
