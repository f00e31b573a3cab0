import type { ChildProcess } from 'node:child_process';
import type { LauncherStatus } from './bubblewrap/status.ts';
import type { BoxExit, EndReason } from './child.ts';
import { isAlive, processTree, startOf } from './limits/process-tree.ts';

export interface BoxLife {
  exited: Promise<BoxExit>;
  /** Ends everything now; the first reason counts. */
  end: (reason: EndReason) => void;
  /** Asks first. */
  stop(): void;
}

interface LifeRequest {
  child: ChildProcess;
  status: LauncherStatus;
  /** ms between closing the input, SIGTERM and SIGKILL. */
  graceMs: number;
  stderrTail: () => string;
}

const KILLED_CODE = 137; // what the launcher exits with when PID 1 of the box was killed

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it ended a moment ago, which is what was wanted
  }
}

const STEP_MS = 2;
const MOST_STEPS = 5000;

/**
 * When a command ends by itself the launcher leaves at once, while the kernel is still ending what the command left behind. PID 1 of the
 * box is gone when all of that is.
 */
async function waitForEnd(init: number | undefined, start: string | undefined): Promise<void> {
  if (init === undefined) return;
  for (let step = 0; step < MOST_STEPS && isAlive(init) && startOf(init) === start; step++)
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
}

/**
 * Ends a box by killing its PID 1, never its launcher: the kernel then ends the whole namespace, daemonised grandchildren included, and
 * the launcher reaps what is left. Were the launcher killed, its children would stay as zombies until the host's init takes them.
 */
export function endBox({ child, status, graceMs, stderrTail }: LifeRequest): BoxLife {
  let reason: EndReason | undefined;
  let init: number | undefined;
  let initStart: string | undefined;
  let gone = false;
  let struck = false;
  const timers: NodeJS.Timeout[] = [];
  const later = (run: () => void): void => void timers.push(setTimeout(run, graceMs).unref());
  void status.init.then((pid) => {
    init = pid;
    initStart = pid === undefined ? undefined : startOf(pid);
    if (launcherEnded) endOrphan();
  });
  let launcherEnded = false;
  /** A launcher that is killed while it starts leaves a PID 1 that waits for it forever, and holds the streams open. */
  const endOrphan = (): void => {
    if (init !== undefined && isAlive(init) && startOf(init) === initStart) send(init, 'SIGKILL');
  };
  child.once('exit', () => {
    launcherEnded = true;
    endOrphan();
  });

  const strike = (): void => {
    if (gone) return;
    struck = true;
    if (init === undefined) child.kill('SIGKILL');
    else send(init, 'SIGKILL');
  };
  const end = (why: EndReason): void => {
    if (gone || (reason !== undefined && reason !== 'stopped')) return;
    reason = why;
    strike();
  };
  const askToEnd = (): void => {
    if (gone || init === undefined) return;
    // PID 1 ignores SIGTERM, and the launcher never passes it on: the command itself is PID 1's first child.
    const command = processTree(init)[1];
    if (command === undefined) return;
    send(command, 'SIGCONT'); // a throttled command could not hear it
    send(command, 'SIGTERM');
  };
  const describe = (
    own: number | undefined,
    code: number | null,
    signal: NodeJS.Signals | null,
  ): Omit<BoxExit, 'stderrTail'> => {
    const asked = reason === undefined || reason === 'stopped';
    if (asked && !struck && own !== undefined) return { code: own, signal: null, reason: reason ?? 'exit' };
    if (asked && reason === undefined && signal === null && code !== KILLED_CODE)
      return { code, signal, reason: 'launch-failed' };
    return { code: null, signal: 'SIGKILL', reason: reason ?? 'killed' };
  };

  const exited = new Promise<BoxExit>((resolve) => {
    const settle = async (code: number | null, signal: NodeJS.Signals | null): Promise<void> => {
      gone = true;
      timers.forEach(clearTimeout);
      const exitCode = await status.exitCode;
      await waitForEnd(init, initStart);
      resolve({ ...describe(exitCode, code, signal), stderrTail: stderrTail() });
    };
    child.once('close', (code, signal) => void settle(code, signal));
    child.once('error', () => {
      if (child.pid === undefined) void settle(null, null); // it was never started: there is no 'close'
    });
  });
  return {
    exited,
    end,
    stop() {
      if (gone || reason !== undefined) return;
      reason = 'stopped';
      child.stdin?.end();
      later(() => {
        askToEnd();
        later(strike);
      });
    },
  };
}
