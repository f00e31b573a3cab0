import type { Readable, Writable } from 'node:stream';

/** What to run. No shell reads any of it. */
export interface ProcessSpec {
  /** The name of the upstream, for messages. */
  name: string;
  command: string;
  args: readonly string[];
  /** The whole environment of the child: nothing of the gateway's own environment is added. */
  env: Readonly<Record<string, string>>;
  cwd?: string;
}

export interface StartedProcess {
  pid?: number;
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** Resolves when the process itself has ended; never rejects. */
  exited: Promise<{ code: number | null; signal: string | null }>;
  /** End the process and all that came from it; resolves when they are gone. May be called again, never rejects. */
  kill(): Promise<void>;
}

/** The port: plain child processes here, the sandbox elsewhere. Failures to start are a `StartFailure`. */
export interface ProcessStarter {
  start(spec: ProcessSpec): StartedProcess | Promise<StartedProcess>;
}
