import { hash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { AuditError, storageError } from '../audit-error.ts';
import type { AuditFileSystem } from '../storage/file-system.ts';
import { seal, unseal } from './audit-keys.ts';
import type { SubjectKeySet } from './subject-keys.ts';

/** A blob a record points at: the hash is that of the ciphertext, so the chain covers it without knowing the content. */
export interface BlobReference {
  sha256: string;
  bytes: number;
}

/** Captured content, sealed under the subject's key, one file each. */
export class SealedBlobs {
  readonly #fs: AuditFileSystem;
  readonly #directory: string;

  constructor(fs: AuditFileSystem, directory: string) {
    this.#fs = fs;
    this.#directory = directory;
  }

  #path(sha256: string): string {
    return join(this.#directory, sha256.slice(0, 2), sha256);
  }

  /** Seals and stores durably. */
  async save(keys: SubjectKeySet, content: unknown): Promise<BlobReference> {
    const sealed = seal(keys.seal, Buffer.from(JSON.stringify(content)), 'blob');
    const sha256 = hash('sha256', sealed, 'hex');
    const path = this.#path(sha256);
    try {
      await this.#fs.makeDirectory(dirname(path));
      await this.#fs.syncDirectory(this.#directory);
      await this.#fs.replaceFile(path, sealed);
    } catch (cause) {
      throw storageError(cause, 'storing captured content');
    }
    return { sha256, bytes: sealed.length };
  }

  /** The content, or undefined when the blob has been deleted. Throws AuditError ERR_AUDIT_ENVELOPE_UNREADABLE. */
  async load(keys: SubjectKeySet, sha256: string): Promise<unknown> {
    const sealed = await this.#fs.readFile(this.#path(sha256));
    if (!sealed) return undefined;
    try {
      if (hash('sha256', sealed, 'hex') !== sha256) throw new RangeError('The blob is not the one the record names.');
      return JSON.parse(unseal(keys.seal, sealed, 'blob').toString());
    } catch (cause) {
      throw new AuditError('ERR_AUDIT_ENVELOPE_UNREADABLE', 'A captured blob cannot be opened.', { cause });
    }
  }

  /** Deletes a blob; true when there was one. */
  async remove(sha256: string): Promise<boolean> {
    const path = this.#path(sha256);
    if ((await this.#fs.size(path)) === undefined) return false;
    await this.#fs.remove(path);
    return true;
  }
}
