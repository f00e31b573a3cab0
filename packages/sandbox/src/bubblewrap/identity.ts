import { lstatSync } from 'node:fs';
import type { BoxPlan } from '../plan.ts';

/** The user on the host that the box runs as. */
export interface BoxIdentity {
  uid: number;
  gid: number;
}

const NOBODY: BoxIdentity = { uid: 65_534, gid: 65_534 };

/**
 * An ordinary gateway's box runs as the gateway's own user. A gateway that is root never starts bubblewrap as root (limits would not bind,
 * and files would be opened as root): the box then runs as `runAs`, or as the owner of what it may write, if that is one ordinary
 * user, or as nobody.
 */
export function chooseIdentity(plan: BoxPlan, runAs: BoxIdentity | undefined): BoxIdentity {
  const [uid, gid] = [process.getuid!(), process.getgid!()];
  if (uid !== 0) return { uid, gid };
  if (runAs !== undefined) return runAs;
  const owners = plan.mounts.filter(({ kind }) => kind === 'write').map(({ path }) => lstatSync(path));
  const [first] = owners;
  if (first === undefined || first.uid === 0 || owners.some((owner) => owner.uid !== first.uid)) return NOBODY;
  return { uid: first.uid, gid: first.gid };
}
