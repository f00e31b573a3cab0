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
  /** What the starter alone understands, from `StdioSpec.launch`. */
  launch?: Readonly<Record<string, unknown>>;
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
  /** Asked when it did not come up or ended: what the operator can do, where the starter knows why. Gets its last words. */
  remedy?(stderrTail: string): string | undefined;
}

/**
 * The port: plain child processes here, the sandbox elsewhere. Failures to start are a `StartFailure`, or an error with a
 * `code`, a `remedy` and perhaps `permanent`. A starter may take its time to prepare; when the signal aborts it gives up.
 */
export interface ProcessStarter {
  start(spec: ProcessSpec, signal?: AbortSignal): StartedProcess | Promise<StartedProcess>;
}
