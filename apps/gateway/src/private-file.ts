import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findUnsafePermission } from './config/permissions.ts';

/**
 * Reads a file that only its owner may read; makes it where there is none. Two processes that start at once end with the same
 * content.
 *
 * @throws ExposedFileError where others can read it
 */
export async function readOrMakePrivate(
  path: string,
  make: () => string,
  platform: NodeJS.Platform = process.platform,
): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (!(await exists(path))) await publish(path, make());
  const unsafe = findUnsafePermission(await stat(path), 'secrets', platform);
  if (unsafe !== undefined) throw new ExposedFileError(path, unsafe);
  return await readFile(path, 'utf8');
}

export class ExposedFileError extends Error {
  readonly path: string;
  /** Who else can read it, in words. */
  readonly reason: string;

  constructor(path: string, reason: string) {
    super(`${path}: ${reason}.`);
    this.name = 'ExposedFileError';
    this.path = path;
    this.reason = reason;
  }
}

/** Puts other content in the place of a file at once: every process sees the old one or the new one, and only its owner reads it. */
export async function replacePrivate(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const staged = stagedName(path);
  try {
    await writeFile(staged, content, { mode: 0o600, flag: 'wx', flush: true });
    await rename(staged, path);
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
}

/** Beside the file, so that it can be moved there; what is left of a crash is told from what counts. */
function stagedName(path: string): string {
  return `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
}

async function publish(path: string, content: string): Promise<void> {
  const own = stagedName(path);
  await writeFile(own, content, { mode: 0o600, flag: 'wx', flush: true });
  try {
    // A link appears whole or not at all, and not over one that is there: whoever comes second takes the first one's.
    await link(own, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(own);
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}
