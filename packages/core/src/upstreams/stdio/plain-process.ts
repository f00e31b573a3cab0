import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { withOwnDescriptors } from './inherited.ts';
import { killTree, signalProcess } from './kill-tree.ts';
import { findSetpriv, withParentDeath } from './parent-death.ts';
import type { ProcessSpec, ProcessStarter, StartedProcess } from './process.ts';
import { familyOf, MARKER_NAME } from './process-table.ts';
import { toStartFailure } from './start-failure.ts';
import { toWindowsCommand } from './windows-command.ts';

export interface PlainProcessOptions {
  /** How long a server may take to end by itself once its input has ended, in milliseconds. Default 500, 0 to 60,000. */
  stdinMs?: number;
  /** How long SIGTERM may take before SIGKILL follows, in milliseconds. Default 2,000, 0 to 60,000. */
  termMs?: number;
  /**
   * Linux only: let the kernel kill the started process when ours is killed. Default false: the end of its input tells
   * it. Needs `setpriv` of util-linux, and must not be used from a worker thread, whose end would count as ours.
   */
  parentDeathGuard?: boolean;
}

const running = new Map<number, { marker: string }>();

/** Kill at once all that the starters of this module have running. Synchronous, for `process.on('exit', killAllNow)`. */
export function killAllNow(): void {
  for (const [pid, { marker }] of running) {
    if (process.platform === 'win32') {
      spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { windowsHide: true, timeout: 5_000 });
      continue;
    }
    const family = familyOf(pid, marker);
    signalProcess(-pid, 'SIGKILL');
    for (const entry of family) signalProcess(entry.pid, 'SIGKILL');
  }
  running.clear();
}

function checkMs(name: string, value: number): number {
  if (!Number.isFinite(value) || value < 0 || value > 60_000) {
    throw new TypeError(`"${name}" must be a number of milliseconds from 0 to 60000`);
  }
  return value;
}

/**
 * Starts servers as plain children: an own process group, no shell, exactly the given environment and one marker more.
 * It confines nothing: the child can do what the gateway's user can do.
 */
export function plainProcessStarter(options: PlainProcessOptions = {}): ProcessStarter {
  const stdinMs = checkMs('stdinMs', options.stdinMs ?? 500);
  const termMs = checkMs('termMs', options.termMs ?? 2_000);
  const setpriv = options.parentDeathGuard === true ? findSetpriv() : undefined;
  if (options.parentDeathGuard === true && setpriv === undefined) {
    throw new TypeError('"parentDeathGuard" needs Linux and the program setpriv of util-linux');
  }

  return {
    start(spec) {
      const marker = randomUUID();
      let child: ChildProcessWithoutNullStreams;
      try {
        child = launch(spec, marker, setpriv);
      } catch (error) {
        return Promise.reject(toStartFailure(spec, error));
      }
      return new Promise((resolve, reject) => {
        child.once('error', (error) => reject(toStartFailure(spec, error)));
        child.once('spawn', () => {
          // From here on it reports kill() that failed and the like, which `exited` and `kill` answer for.
          child.on('error', () => {});
          resolve(watch(child, marker, stdinMs, termMs));
        });
      });
    },
  };
}

function launch(spec: ProcessSpec, marker: string, setpriv: string | undefined): ChildProcessWithoutNullStreams {
  const windows = process.platform === 'win32';
  const { file, args, verbatim } = windows
    ? toWindowsCommand(spec)
    : { ...(setpriv ? withParentDeath(spec, setpriv) : { file: spec.command, args: spec.args }), verbatim: false };
  return withOwnDescriptors((stdio) =>
    spawn(file, args, {
      env: { ...spec.env, [MARKER_NAME]: marker },
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      stdio,
      // A group of its own can be signalled as one. On Windows the word means a console window, and taskkill has the tree.
      detached: !windows,
      shell: false,
      windowsHide: true,
      windowsVerbatimArguments: verbatim,
    }),
  ) as ChildProcessWithoutNullStreams; // the first three are pipes
}

function watch(child: ChildProcessWithoutNullStreams, marker: string, stdinMs: number, termMs: number): StartedProcess {
  const pid = child.pid as number; // it has spawned
  running.set(pid, { marker });
  let killing: Promise<void> | undefined;
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const endInput = (): void => {
    child.stdin.end();
  };
  // Writing to a process that has gone is no news: its end is.
  child.stdin.on('error', () => {});

  const kill = (): Promise<void> =>
    (killing ??= (
      process.platform === 'win32'
        ? killWindows(pid, endInput, exited, stdinMs)
        : killTree({ pid, marker, endInput, exited, stdinMs, termMs })
    ).then((gone) => {
      if (gone) running.delete(pid);
    }));
  // Helpers that a server leaves behind when it ends are ended too, whether or not anybody asks.
  void exited.then(kill);
  return { pid, stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exited, kill };
}

async function killWindows(
  pid: number,
  endInput: () => void,
  exited: Promise<unknown>,
  stdinMs: number,
): Promise<boolean> {
  endInput();
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([exited, new Promise((resolve) => (timer = setTimeout(resolve, stdinMs)))]);
  clearTimeout(timer);
  await new Promise<void>((resolve) => {
    const killer = spawn('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true });
    killer.once('error', () => resolve());
    killer.once('exit', () => resolve());
  });
  await exited;
  return true;
}
