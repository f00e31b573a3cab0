import { randomBytes } from 'node:crypto';
import { ExposedFileError, readOrMakePrivate } from './private-file.ts';

const BYTES = 32;

/** A secret of this computer that others can read, or that is not whole. */
export class StateSecretError extends Error {
  override readonly name = 'StateSecretError';
}

/**
 * Reads a secret of 32 bytes from the state folder, base64 on one line; makes it where there is none.
 *
 * @throws StateSecretError for a file that others can read, and for one that holds something else
 */
export async function readOrMakeSecret(file: string, platform: NodeJS.Platform = process.platform): Promise<Buffer> {
  const make = (): string => `${randomBytes(BYTES).toString('base64')}\n`;
  const text = await readOrMakePrivate(file, make, platform).catch((cause: unknown) => {
    if (!(cause instanceof ExposedFileError)) throw cause;
    const remedy = `Take their rights away with: chmod 600 ${file}`;
    throw new StateSecretError(`${file} is not used: ${cause.reason}. ${remedy}`, { cause });
  });
  const secret = Buffer.from(text.trim(), 'base64');
  if (secret.length < BYTES)
    throw new StateSecretError(
      `${file} is damaged. Restore it from a backup; what was made with it does not work with another.`,
    );
  return secret;
}
