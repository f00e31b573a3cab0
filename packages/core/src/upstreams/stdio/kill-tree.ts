import { setTimeout as sleep } from 'node:timers/promises';
import { familyOf, hasProcessTable, isSame, type ProcessEntry } from './process-table.ts';

export interface KillTreeOptions {
  /** The process that was started; it leads its own group. */
  pid: number;
  marker: string;
  /** Close its input. */
  endInput: () => void;
  /** Resolves when the leader has ended. */
  exited: Promise<unknown>;
  /** How long the end of its input may take to work, in milliseconds. */
  stdinMs: number;
  /** How long SIGTERM may take to work, in milliseconds. */
  termMs: number;
}

const POLL_MS = 20;
/** A process in an uninterruptible call cannot be killed by anyone: after this long we stop waiting for it. */
const GIVE_UP_MS = 10_000;

const errno = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** False when there is nobody to signal. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // EPERM means that it lives and belongs to another user: a setuid program, which we cannot end.
    return errno(error) === 'EPERM';
  }
}

/** End a process tree: the end of input first, then SIGTERM, then SIGKILL. False when something outlived even that. */
export async function killTree(options: KillTreeOptions): Promise<boolean> {
  const { pid, marker, endInput, exited, stdinMs, termMs } = options;
  const hasTable = hasProcessTable();
  const known = new Map<string, ProcessEntry>();
  let leaderGone = false;
  const leaderExit = exited.then(() => {
    leaderGone = true;
  });

  /** Children are found before their parent dies and hands them over to init. */
  const gather = (): void => {
    if (hasTable) for (const entry of familyOf(pid, marker)) known.set(`${entry.pid}/${entry.startTicks}`, entry);
  };
  const othersAlive = (): boolean => {
    if (!hasTable) return signalProcess(-pid, 0);
    for (const [key, entry] of known) if (!isSame(entry)) known.delete(key);
    return known.size > 0;
  };
  const anyAlive = (): boolean => !leaderGone || othersAlive();
  const goneWithin = async (ms: number): Promise<boolean> => {
    const until = performance.now() + ms;
    while (anyAlive()) {
      const left = until - performance.now();
      if (left <= 0) return false;
      await Promise.race([sleep(Math.min(POLL_MS, left)), ...(leaderGone ? [] : [leaderExit])]);
    }
    return true;
  };
  const signal = (name: NodeJS.Signals): void => {
    // The number of a group stays taken while its leader is not collected; later it could be a stranger's.
    if (!leaderGone || !hasTable) signalProcess(-pid, name);
    for (const entry of known.values()) if (isSame(entry)) signalProcess(entry.pid, name);
  };

  // A turn for an exit that has already happened, so that a process which is gone costs no waiting.
  await Promise.race([leaderExit, Promise.resolve().then(() => {})]);
  gather();
  endInput();
  // Only the leader is waited for here: a helper that it left behind has no input that could end.
  if (!leaderGone) {
    await waitFor(leaderExit, stdinMs);
    gather();
  }
  if (!anyAlive()) return true;
  signal('SIGTERM');
  await goneWithin(termMs);
  // Again and again, since a process may start another one between our look and our signal.
  const until = performance.now() + GIVE_UP_MS;
  for (gather(); anyAlive(); gather()) {
    if (performance.now() > until) return false;
    signal('SIGKILL');
    await goneWithin(POLL_MS * 5);
  }
  return true;
}

async function waitFor(event: Promise<void>, ms: number): Promise<void> {
  const stop = new AbortController();
  await Promise.race([event, sleep(ms, undefined, { signal: stop.signal }).catch(() => {})]);
  stop.abort(); // a timer left behind would hold the program's exit
}
