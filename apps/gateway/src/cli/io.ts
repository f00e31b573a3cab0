import type { Readable, Writable } from 'node:stream';

export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
export type InputStream = Readable & { readonly isTTY?: boolean };

/** The process around a command, handed in so that tests can be one. */
export type Io = {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly version: string;
  /** What somebody types to run this program, for remedies: `sekisho`, or a script of the repository. */
  readonly program: string;
  /** The words that start this program again: the runtime, its options and the script. */
  readonly self: readonly string[];
  /** Calls back for each signal or loss of the parent; gives back how to stop listening. */
  readonly onSignal: (listener: (signal: 'stop' | 'reload') => void) => () => void;
  /** Ends the process at once, children included. */
  readonly abort: (code: number) => void;
};

export function print(stream: Writable, text: string): void {
  stream.write(text.endsWith('\n') ? text : `${text}\n`);
}
