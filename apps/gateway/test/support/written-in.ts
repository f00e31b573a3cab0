import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** All that is written into a folder, as text. */
export async function writtenIn(folder: string): Promise<string> {
  const parts: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) parts.push(await readFile(file, 'latin1'));
  }
  return parts.join('\n');
}
