import { readdirSync, readFileSync } from 'node:fs';

/** A box seen from outside, through /proc. A process that ends while we look simply counts as nothing. */
const TICK_MS = 10; // USER_HZ is 100 on every Linux that Node runs on
const PAGE_BYTES = 4096;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it ended
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // it ended
  }
}

const childrenOf = (pid: number): number[] =>
  threadsOf(pid).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );

/** From PID 1 of a box: whoever daemonises is re-parented to it, so that nobody is missed. */
export function processTree(init: number): number[] {
  const all = [init];
  for (let i = 0; i < all.length; i++) all.push(...childrenOf(all[i]!).filter((pid) => !all.includes(pid)));
  return all;
}

/** Fields of /proc/PID/stat from the third on; the name before them may hold anything. */
const statFields = (pid: number): string[] => {
  const stat = read(`/proc/${pid}/stat`);
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
};

export const isAlive = (pid: number): boolean => {
  const state = statFields(pid)[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
};

/** Tells a process from a later one with the same number: when it was started, in ticks since the machine was. */
export const startOf = (pid: number): string | undefined => statFields(pid)[19];

/** Resident memory in bytes; pages that processes share count once for each. */
export const residentBytes = (pid: number): number =>
  Number(read(`/proc/${pid}/statm`).split(' ')[1] ?? 0) * PAGE_BYTES;

/** Resident memory in bytes, shared pages divided among those who share them; undefined where it cannot be read. Some 1.5 ms. */
export function proportionalBytes(pid: number): number | undefined {
  const match = /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`));
  return match === null ? undefined : Number(match[1]) * 1024;
}

/** Processor time in ms: of the process, and of its children that have ended. */
export function processorMs(pid: number): number {
  const fields = statFields(pid);
  return [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0) * TICK_MS;
}

/** Memory of a tree in bytes. The cheap sum decides as long as it is below the limit; near it the honest one does. */
export function treeMemory(pids: readonly number[], limitBytes: number): number {
  const resident = pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
  if (resident <= limitBytes) return resident;
  return pids.reduce((sum, pid) => sum + (proportionalBytes(pid) ?? residentBytes(pid)), 0);
}

export const treeProcessorMs = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + processorMs(pid), 0);
