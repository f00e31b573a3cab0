import { chownSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a file that belongs to whoever the directory belongs to: the user of the box, where the gateway is root. */
export function putFile(path: string, content: string): void {
  writeFileSync(path, content, { mode: 0o644 });
  const { uid, gid } = statSync(dirname(path));
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
}
