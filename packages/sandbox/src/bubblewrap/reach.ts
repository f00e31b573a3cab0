import { statSync } from 'node:fs';
import { selfAndAncestors } from '../profile/paths.ts';
import type { BoxIdentity } from './identity.ts';

const EXECUTE = 1;

/** Whether this user may do `bit` (4 read, 2 write, 1 enter) to a path, by its owner, group and mode; not by access lists. */
export function mayAccess(path: string, bit: number, { uid, gid }: BoxIdentity): boolean {
  const stat = statSync(path);
  const shift = stat.uid === uid ? 6 : stat.gid === gid ? 3 : 0;
  return ((stat.mode >> shift) & bit) !== 0;
}

/** Whether this user can get to a path at all: every directory above it has to let him through. */
export function canReach(path: string, identity: BoxIdentity): boolean {
  return selfAndAncestors(path)
    .slice(1)
    .every((directory) => mayAccess(directory, EXECUTE, identity));
}
