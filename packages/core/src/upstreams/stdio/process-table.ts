import { readdirSync, readFileSync } from 'node:fs';

/** A process as Linux shows it. A pid may be given out again; together with the start time it is one process for good. */
export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  session: number;
  startTicks: string;
}

/** The variable whose random value marks everything that came from one start, wherever it has moved. */
export const MARKER_NAME = 'SEKISHO_CHILD';

function readProc(pid: number, file: string): Buffer | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`);
  } catch {
    return undefined; // it ended while we looked, or it is not ours to look at
  }
}

/** Undefined for a process that is not there, and for one that has ended and only waits to be collected. */
export function findProcess(pid: number): ProcessEntry | undefined {
  const stat = readProc(pid, 'stat')?.toString('latin1');
  if (stat === undefined) return undefined;
  const [state, parent, group, session, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X' || state === 'x') return undefined;
  return { pid, parent: Number(parent), group: Number(group), session: Number(session), startTicks: rest[15] ?? '' };
}

export const isSame = (entry: ProcessEntry): boolean => findProcess(entry.pid)?.startTicks === entry.startTicks;

/** Whether there is a table at all: elsewhere than on Linux, and where /proc is hidden, process groups are all there is. */
export const hasProcessTable = (): boolean => findProcess(process.pid) !== undefined;

export function listProcesses(): ProcessEntry[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names.flatMap((name) => (/^\d+$/.test(name) ? (findProcess(Number(name)) ?? []) : []));
}

function hasMarker(pid: number, marker: string): boolean {
  const environment = readProc(pid, 'environ');
  if (environment === undefined) return false;
  const at = environment.indexOf(`${MARKER_NAME}=${marker}\0`);
  return at === 0 || (at > 0 && environment[at - 1] === 0);
}

/**
 * Everything that came from `root`: by group, by session, by parentage, by marker, and in turn what came from those.
 * Missed is only what left the group and the session, was handed over to init and has cleared its environment.
 */
export function familyOf(root: number, marker: string): ProcessEntry[] {
  const strangers = new Map(listProcesses().map((entry) => [entry.pid, entry]));
  strangers.delete(process.pid);
  strangers.delete(1);
  const family = new Map<number, ProcessEntry>();
  let before = -1;
  while (family.size !== before) {
    before = family.size;
    for (const entry of strangers.values()) {
      const related =
        entry.pid === root ||
        entry.group === root ||
        entry.session === root ||
        entry.parent === root ||
        family.has(entry.parent);
      if (related || (before === 0 && hasMarker(entry.pid, marker))) {
        family.set(entry.pid, entry);
        strangers.delete(entry.pid);
      }
    }
  }
  return [...family.values()];
}
