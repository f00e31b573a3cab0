import { chmod, copyFile, mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file in one step, so that no reader sees half of it, and keeps the old one beside it. A link stays a link:
 * what it points to is written. A new file is readable by its owner alone, since it may come to hold secrets.
 */
export async function replaceFile(
  file: string,
  text: string,
  now: () => Date,
): Promise<{ backup: string | undefined }> {
  const target = await realpath(file).catch(() => file);
  await mkdir(dirname(target), { recursive: true });
  const old = await stat(target).catch(() => undefined);
  let backup: string | undefined;
  if (old !== undefined) {
    backup = `${target}.before-sekisho-${now().toISOString().replace(/[-:]/g, '').replace(/\..*/, '')}`;
    await copyFile(target, backup);
    await chmod(backup, old.mode & 0o777);
  }
  const temporary = `${target}.sekisho-${process.pid}.tmp`;
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' });
    if (old !== undefined) await chmod(temporary, old.mode & 0o777);
    await rename(temporary, target);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
  return { backup };
}
