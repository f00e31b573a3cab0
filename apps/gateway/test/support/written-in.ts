import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** All that is written into a folder, as text; files that `leaveOut` names by their end are not read. */
export async function writtenIn(folder: string, leaveOut: readonly string[] = []): Promise<string> {
  const parts: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && !leaveOut.some((end) => file.endsWith(end))) parts.push(await readFile(file, 'latin1'));
  }
  return parts.join('\n');
}
