import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import type { StdioOptions } from 'node:child_process';

/** Linux: the flag in /proc/self/fdinfo that a descriptor has which closes by itself when a program is started. */
const CLOSE_ON_EXEC = 0o2_000_000;
/** Nobody hands down descriptors as high as this; a list of that length is what naming them would cost. */
const HIGHEST = 4_096;

function findInheritable(): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc/self/fdinfo');
  } catch {
    return []; // not Linux: what Node.js closes by itself is all that is closed
  }
  return names.map(Number).filter((fd) => {
    if (fd < 3 || fd > HIGHEST) return false;
    try {
      const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
      return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
    } catch {
      return false; // the one that listed the folder, closed by now
    }
  });
}

let inheritable: readonly number[] | undefined;

/**
 * Run a spawn with pipes for the first three descriptors and nothing of value behind the others. What Node.js opens is
 * closed for children anyway, but what it was itself started with it only covers up to the first gap: a supervisor's
 * log pipe or a lock file would reach every server. It can be looked up once, since nothing is added to it later.
 */
export function withOwnDescriptors<T>(spawn: (stdio: StdioOptions) => T): T {
  inheritable ??= findInheritable();
  const stdio: ('pipe' | 'ignore' | number)[] = ['pipe', 'pipe', 'pipe'];
  if (inheritable.length === 0) return spawn(stdio);
  // There is no way to have one closed; it can be replaced, though.
  const nothing = openSync('/dev/null', 'r+');
  try {
    for (let fd = 3; fd <= Math.max(...inheritable); fd++) stdio.push(inheritable.includes(fd) ? nothing : 'ignore');
    return spawn(stdio);
  } finally {
    closeSync(nothing);
  }
}
