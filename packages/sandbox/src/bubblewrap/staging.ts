import { lstatSync } from 'node:fs';
import type { BoxPlan } from '../plan.ts';
import type { BoxIdentity } from './identity.ts';
import { canReach } from './reach.ts';

/**
 * For a gateway that is root: granted paths below a directory that the box's user may not enter (Node below /root, say). Root binds
 * each to a place of its own, in a mount namespace that lives and dies with the box, and only then steps down to the box's user.
 */
export interface Staging {
  /** Granted path -> where the box's user finds it. */
  sources: Map<string, string>;
  /** Words to put in front of bubblewrap's own. */
  prefix: string[];
}

const UNSHARE = '/usr/bin/unshare';
const SETPRIV = '/usr/bin/setpriv';
const PLACE = '/mnt';

// $1 uid, $2 gid, $3 number of pairs; then pairs of kind and path; then the command. Nothing of it is readable from inside the box.
const SCRIPT = `
set -e
uid=$1; gid=$2; count=$3; shift 3
/bin/mount -t tmpfs -o mode=0755,size=1m,nosuid,nodev none ${PLACE}
i=0
while [ "$i" -lt "$count" ]; do
  if [ "$1" = d ]; then /bin/mkdir ${PLACE}/$i; else : > ${PLACE}/$i; fi
  /bin/mount --rbind -- "$2" ${PLACE}/$i
  shift 2; i=$((i+1))
done
exec ${SETPRIV} --reuid "$uid" --regid "$gid" --clear-groups --inh-caps=-all -- "$@"
`;

/** What has to be staged for this user, or undefined where he can go everywhere by himself. */
export function planStaging(
  plan: BoxPlan,
  identity: BoxIdentity,
  alsoNeeded: readonly string[] = [],
): Staging | undefined {
  if (process.getuid!() !== 0) return undefined;
  const granted = plan.mounts.filter(({ kind }) => kind === 'read' || kind === 'write').map(({ path }) => path);
  const hidden = [...new Set([...granted, ...alsoNeeded])].filter((path) => !canReach(path, identity));
  if (hidden.length === 0) return undefined;
  const sources = new Map(hidden.map((path, index) => [path, `${PLACE}/${index}`]));
  const pairs = hidden.flatMap((path) => [lstatSync(path).isDirectory() ? 'd' : 'f', path]);
  return {
    sources,
    prefix: [
      UNSHARE,
      '--mount',
      '--propagation',
      'private',
      '--',
      '/bin/sh',
      '-c',
      SCRIPT,
      'sh',
      String(identity.uid),
      String(identity.gid),
      String(hidden.length),
      ...pairs,
    ],
  };
}
