import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../audit-error.ts';

/** An open file, addressed by position so that a failed write can be written again over itself. */
export interface AuditFile {
  /** Writes all bytes or throws; a partial write may be left behind. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Fills from `position`; returns the number of bytes read, 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Returns once what was written is on stable storage. */
  datasync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** The part of a file system the log uses. A port, so that tests can inject ENOSPC, EIO and slow disks. */
export interface AuditFileSystem {
  /** `create` fails when the file exists; `read` and `write` fail when it does not. */
  open(path: string, mode: 'create' | 'read' | 'write'): Promise<AuditFile>;
  /** The whole file, or undefined when there is none. */
  readFile(path: string): Promise<Buffer | undefined>;
  /** Makes the file have exactly these bytes, durably and in one step (a temporary file, fsync, rename). */
  replaceFile(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a folder with all it holds; nothing happens when there is none. */
  remove(path: string): Promise<void>;
  /** Names in a folder, sorted; empty when there is no such folder. */
  list(directory: string): Promise<string[]>;
  /** Size in bytes, or undefined when there is no such file. */
  size(path: string): Promise<number | undefined>;
  makeDirectory(directory: string): Promise<void>;
  /** Makes creations, renames and removals in the folder durable. */
  syncDirectory(directory: string): Promise<void>;
}

const FLAGS = {
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
};

/** Owner only: the log holds ciphertext, sizes and times, which are nobody else's business. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

function nodeFile(handle: FileHandle): AuditFile {
  return {
    async write(bytes, position) {
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
        done += bytesWritten;
      }
    },
    async read(into, position) {
      const { bytesRead } = await handle.read(into, 0, into.length, position);
      return bytesRead;
    },
    datasync: () => handle.datasync(),
    truncate: (bytes) => handle.truncate(bytes),
    close: () => handle.close(),
  };
}

async function unlessMissing<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The real file system. Files are created with mode 0600 and folders with 0700. */
export function nodeFileSystem(): AuditFileSystem {
  const syncDirectory = async (directory: string): Promise<void> => {
    const handle = await open(directory, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  };
  let counter = 0;
  return {
    open: async (path, mode) => nodeFile(await open(path, FLAGS[mode], FILE_MODE)),
    readFile: (path) => unlessMissing(readFile(path)),
    async replaceFile(path, bytes) {
      counter += 1;
      const temporary = `${path}.${process.pid}-${counter}.tmp`;
      try {
        const handle = await open(temporary, FLAGS.create, FILE_MODE);
        try {
          await handle.writeFile(bytes);
          await handle.datasync();
        } finally {
          await handle.close();
        }
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      await syncDirectory(dirname(path));
    },
    rename,
    remove: (path) => rm(path, { force: true, recursive: true }),
    list: async (directory) => ((await unlessMissing(readdir(directory))) ?? []).sort(),
    size: async (path) => (await unlessMissing(stat(path)))?.size,
    async makeDirectory(directory) {
      await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
    },
    syncDirectory,
  };
}
