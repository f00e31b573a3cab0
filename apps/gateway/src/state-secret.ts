import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findUnsafePermission } from './config/permissions.ts';

const BYTES = 32;

/** A secret of this computer that others can read, or that is not whole. */
export class StateSecretError extends Error {
  override readonly name = 'StateSecretError';
}

/**
 * Reads a secret of 32 bytes from the state folder, base64 on one line; makes it where there is none. Of several programs that
 * start at once one makes it and the others read what that has made.
 *
 * @throws StateSecretError for a file that others can read, and for one that holds something else
 */
export async function readOrMakeSecret(file: string, platform: NodeJS.Platform = process.platform): Promise<Buffer> {
  if ((await stat(file).catch(() => undefined)) === undefined) await make(file);
  const unsafe = findUnsafePermission(await stat(file), 'secrets', platform);
  if (unsafe !== undefined)
    throw new StateSecretError(`${file} is not used: ${unsafe}. Take their rights away with: chmod 600 ${file}`);
  const secret = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64');
  if (secret.length < BYTES)
    throw new StateSecretError(
      `${file} is damaged. Restore it from a backup; what was made with it does not work with another.`,
    );
  return secret;
}

/** The whole file appears at once, and never in the place of one that is there. */
async function make(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const staged = `${file}.${randomUUID()}.tmp`;
  await writeFile(staged, `${randomBytes(BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(staged, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(staged, { force: true });
  }
}
