import { readdirSync, readFileSync } from 'node:fs';

/** Counts for leak tests, read from /proc: Linux only. */

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it ended while we looked
  }
}

export interface CountedProcess {
  pid: number;
  parent: number;
  /** One letter; Z is a process that has ended and that its parent has not collected. */
  state: string;
  command: string;
}

export function processes(): CountedProcess[] {
  return readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : '';
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === undefined || parent === undefined) return [];
    const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
    return [{ pid: Number(name), parent: Number(parent), state, command }];
  });
}

/** Children, their children and so on, zombies included: a zombie is a leak too. */
export function descendants(of: number = process.pid): CountedProcess[] {
  const all = processes();
  const found: CountedProcess[] = [];
  for (let parents = new Set([of]); parents.size > 0;) {
    const children = all.filter(({ parent }) => parents.has(parent));
    found.push(...children);
    parents = new Set(children.map(({ pid }) => pid));
  }
  return found;
}

export function countDescendants(of: number = process.pid): number {
  return descendants(of).length;
}

export function countFds(of: number | 'self' = 'self'): number {
  const names = readdirSync(`/proc/${of}/fd`);
  // Reading our own folder opens it, and so shows one descriptor that is gone again.
  return of === 'self' ? names.length - 1 : names.length;
}

export function isAlive(pid: number): boolean {
  return processes().some((entry) => entry.pid === pid && entry.state !== 'Z');
}
