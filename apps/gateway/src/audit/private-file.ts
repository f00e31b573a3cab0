import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findUnsafePermission } from '../config/permissions.ts';

/**
 * Reads a file that only its owner may read; makes it where there is none. Two processes that start at once end with the same
 * content.
 *
 * @throws Error with `unsafe` set to why, where others can read it
 */
export async function readOrMakePrivate(path: string, make: () => string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (!(await exists(path))) await publish(path, make());
  const unsafe = findUnsafePermission(await stat(path), 'secrets', process.platform);
  if (unsafe !== undefined) throw new ExposedFileError(path, unsafe);
  return await readFile(path, 'utf8');
}

export class ExposedFileError extends Error {
  readonly path: string;

  constructor(path: string, unsafe: string) {
    super(`${path}: ${unsafe}.`);
    this.name = 'ExposedFileError';
    this.path = path;
  }
}

async function publish(path: string, content: string): Promise<void> {
  const own = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
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
