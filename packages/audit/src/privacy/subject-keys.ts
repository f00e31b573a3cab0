import { createHmac, randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { AuditError, isAuditError, storageError } from '../audit-error.ts';
import type { SubjectName } from '../event.ts';
import type { AuditFileSystem } from '../storage/file-system.ts';
import type { AuditKeys } from './audit-keys.ts';
import { deriveKey } from './audit-keys.ts';

/** The keys that follow from a subject's key; all of them are gone once it is destroyed. */
export interface SubjectKeySet {
  /** Row of the key table: a keyed hash of issuer and subject. */
  tableId: string;
  /** Pseudonym under which the subject's envelopes can be found. */
  subj: string;
  seal: Buffer;
  mac: Buffer;
}

/** Where wrapped subject keys are kept. A port: any store that can really destroy a row. */
export interface SubjectKeyStore {
  load(tableId: string): Promise<{ kekId: string; wrapped: Uint8Array } | undefined>;
  /** Durable when it resolves. */
  save(tableId: string, entry: { kekId: string; wrapped: Uint8Array }): Promise<void>;
  /** Destroys the entry beyond recovery as far as the store can; true when there was one. */
  destroy(tableId: string): Promise<boolean>;
}

/**
 * One small file per subject, in a folder that is not the log's: backups of the log must not hold the keys.
 * Destruction overwrites the file, syncs, and removes it. A journalling or copy-on-write file system and flash memory may
 * keep old blocks; the wrapped key in them is of use only to who also has the key encryption key.
 */
export function fileSubjectKeyStore(fs: AuditFileSystem, directory: string): SubjectKeyStore {
  const pathOf = (tableId: string): string => join(directory, tableId.slice(0, 2), `${tableId}.json`);
  return {
    async load(tableId) {
      const bytes = await fs.readFile(pathOf(tableId));
      if (!bytes) return undefined;
      const { kek_id, wrapped } = JSON.parse(bytes.toString()) as { kek_id: string; wrapped: string };
      return { kekId: kek_id, wrapped: Buffer.from(wrapped, 'base64') };
    },
    async save(tableId, entry) {
      const path = pathOf(tableId);
      await fs.makeDirectory(dirname(path));
      await fs.syncDirectory(directory);
      const wrapped = Buffer.from(entry.wrapped).toString('base64');
      await fs.replaceFile(path, Buffer.from(JSON.stringify({ v: 1, kek_id: entry.kekId, wrapped })));
    },
    async destroy(tableId) {
      const path = pathOf(tableId);
      const size = await fs.size(path);
      if (size === undefined) return false;
      const file = await fs.open(path, 'write');
      try {
        await file.write(Buffer.alloc(size), 0);
        await file.datasync();
      } finally {
        await file.close();
      }
      await fs.remove(path);
      await fs.syncDirectory(dirname(path));
      return true;
    },
  };
}

function isWellFormed(name: SubjectName): boolean {
  return typeof name.issuer === 'string' && typeof name.subject === 'string' && name.subject !== '';
}

/** Finds, makes and destroys the keys of subjects. */
export class SubjectKeys {
  readonly #keys: AuditKeys;
  readonly #store: SubjectKeyStore;
  readonly #making = new Map<string, Promise<SubjectKeySet>>();

  constructor(keys: AuditKeys, store: SubjectKeyStore) {
    this.#keys = keys;
    this.#store = store;
  }

  get kekId(): string {
    return this.#keys.id;
  }

  get logMacKey(): Uint8Array {
    return this.#keys.macKey;
  }

  tableId(name: SubjectName): string {
    if (!isWellFormed(name)) throw new TypeError('A subject needs an issuer and a non-empty subject.');
    const row = JSON.stringify([name.issuer, name.subject]);
    return createHmac('sha256', this.#keys.macKey).update(`subject ${row}`).digest('hex');
  }

  /** The subject's keys, or undefined when there are none (never seen, or erased). */
  async find(name: SubjectName): Promise<SubjectKeySet | undefined> {
    const tableId = this.tableId(name);
    await this.#making.get(tableId);
    return this.#load(tableId);
  }

  /** The subject's keys; made and stored durably when there are none. */
  async findOrMake(name: SubjectName): Promise<SubjectKeySet> {
    const tableId = this.tableId(name);
    const under = this.#making.get(tableId);
    if (under) return under;
    const making = this.#make(tableId).finally(() => this.#making.delete(tableId));
    this.#making.set(tableId, making);
    return making;
  }

  async destroy(tableId: string): Promise<boolean> {
    return this.#guard(() => this.#store.destroy(tableId), 'destroying a subject key');
  }

  async #make(tableId: string): Promise<SubjectKeySet> {
    const found = await this.#load(tableId);
    if (found) return found;
    const key = randomBytes(32);
    await this.#guard(async () => {
      const wrapped = await this.#keys.wrap(key);
      await this.#store.save(tableId, { kekId: this.#keys.id, wrapped });
    }, 'storing a subject key');
    return keySet(tableId, key);
  }

  async #load(tableId: string): Promise<SubjectKeySet | undefined> {
    return this.#guard(async () => {
      const entry = await this.#store.load(tableId);
      return entry && keySet(tableId, await this.#keys.unwrap(entry.wrapped, entry.kekId));
    }, 'reading a subject key');
  }

  async #guard<T>(work: () => Promise<T>, doing: string): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (isAuditError(cause)) throw cause;
      const storage = storageError(cause, doing);
      if (storage.code === 'ERR_AUDIT_STORAGE_FULL') throw storage;
      throw new AuditError('ERR_AUDIT_KEY_FAILED', `Failed while ${doing}.`, { cause, retryAfterSeconds: 5 });
    }
  }
}

function keySet(tableId: string, key: Uint8Array): SubjectKeySet {
  return {
    tableId,
    subj: createHmac('sha256', key).update('p').digest('hex').slice(0, 32),
    seal: deriveKey(key, 'seal'),
    mac: deriveKey(key, 'subject mac'),
  };
}
