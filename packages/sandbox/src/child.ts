import type { Readable, Writable } from 'node:stream';

/** Why a box ended. `launch-failed`: the back end never got as far as the command; its reason is in `stderrTail`. */
export type EndReason = 'exit' | 'killed' | 'stopped' | 'memory' | 'cpu' | 'wall' | 'placeholder' | 'launch-failed';

/** How a box ended. */
export interface BoxExit {
  /** Exit code of the command, 128 + n where signal n ended it; null where the box was ended from outside. */
  code: number | null;
  /** SIGKILL where the box was ended from outside, else null. */
  signal: NodeJS.Signals | null;
  reason: EndReason;
  /** The end of what it wrote to standard error, at most 64 KiB. */
  stderrTail: string;
}

/** A command that runs in its box. The streams are its own: nothing of ours is written into them. */
export interface SandboxedChild {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Process number of the launcher, on the host. */
  readonly pid: number;
  /** Process number, on the host, of PID 1 of the box; undefined where there is none. */
  readonly init: number | undefined;
  /** Settles once, when nothing of the box is left. Never rejects. */
  readonly exited: Promise<BoxExit>;
  /** Ends everything in the box at once, and resolves when it is gone. Safe to call at any time, any number of times. */
  kill(): Promise<void>;
  /** Closes standard input, then SIGTERM, then SIGKILL, a grace time apart. */
  stop(): Promise<BoxExit>;
}
