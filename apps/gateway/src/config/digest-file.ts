import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/**
 * What a file is at this moment, as a short text: its rights and its content, or why it cannot be read. Two equal ones
 * mean that nothing has changed; the coming of a file that was absent is a change like any other.
 */
export async function digestFile(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const stats = await file.stat();
    // A device may never end.
    if (!stats.isFile()) return 'no regular file';
    const hash = createHash('sha256').update(await file.readFile());
    return `${stats.mode.toString(8)} ${hash.digest('hex')}`;
  } catch (thrown) {
    return `unreadable ${(thrown as NodeJS.ErrnoException).code}`;
  }
}
