import { LinkError } from '../http/link-error.ts';
import { createLineSplitter } from './line-splitter.ts';
import type { ProcessSpec, ProcessStarter } from './process.ts';
import { createTail } from './tail.ts';
import { createTurnWriter } from './turn-writer.ts';

export interface StdioExit {
  code: number | null;
  signal: string | null;
  /** The last words on stderr. They are the server's own and may hold anything. */
  stderrTail: string;
  /** Set when the link ended the process because of what it did. */
  error?: LinkError;
}

/** The part of a pino logger that a link uses. */
export interface LinkLog {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface StdioLinkOptions {
  starter: ProcessStarter;
  spec: ProcessSpec;
  /** One line of stdout that looks like JSON. The buffer may be kept. */
  onMessage: (line: Buffer) => void;
  /** Once, after the last message, when the process and all its children are gone. */
  onExit: (exit: StdioExit) => void;
  /** Any other line of stdout: many servers print a banner there. */
  onNoise?: (line: Buffer) => void;
  /** Longest line of stdout in bytes; the process is ended over a longer one. Default 64 MiB. */
  maxLineBytes?: number;
  /** How much of the end of stderr is kept, in bytes. Default 8 KiB. */
  stderrTailBytes?: number;
  log?: LinkLog;
  /** Ends the preparation of a start; a process that runs is ended by `close`. */
  signal?: AbortSignal;
}

export interface StdioLink {
  /** Send one message. What is sent in one turn of the event loop goes out as one write. Never throws. */
  send(text: string): void;
  /** End the process and everything it started; resolves when they are gone. */
  close(): Promise<void>;
  readonly pid: number | undefined;
  stderrTail(): string;
  /** What the starter would advise, if it is down. */
  remedy(): string | undefined;
  /** Bytes that were sent and that the process has not taken yet. */
  bufferedBytes(): number;
}

/** How long the rest of stdout may take to come out of a pipe whose writers are all gone, in milliseconds. */
const DRAIN_MS = 2_000;

/** Start a server and speak lines with it. Rejects with a `StartFailure` when there is nothing to speak with. */
export async function openStdioLink(options: StdioLinkOptions): Promise<StdioLink> {
  const { starter, spec, onMessage, onExit, onNoise, maxLineBytes, stderrTailBytes = 8 * 1024, log, signal } = options;
  const child = await starter.start(spec, signal);
  const { stdin, stdout, stderr } = child;
  const tail = createTail(stderrTailBytes);
  let error: LinkError | undefined;

  const splitter = createLineSplitter({
    ...(maxLineBytes === undefined ? {} : { maxLineBytes }),
    onLine(line) {
      const at = startOfText(line);
      const first = line[at];
      if (first === BRACE || first === BRACKET) onMessage(at === 0 ? line : line.subarray(at));
      else onNoise?.(line);
    },
  });

  stdout.on('data', (chunk: Buffer) => {
    if (splitter.push(chunk) || error !== undefined) return;
    error = new LinkError('ERR_UPSTREAM_TOO_LARGE', `${spec.name} wrote a line that is longer than allowed`, {
      sent: true,
    });
    log?.warn({ upstream: spec.name, pid: child.pid }, 'ending an upstream that wrote an endless line');
    void child.kill();
  });
  stderr.on('data', (chunk: Buffer) => tail.push(chunk));
  for (const [stream, name] of [
    [stdin, 'stdin'],
    [stdout, 'stdout'],
    [stderr, 'stderr'],
  ] as const) {
    // A broken pipe is the end of the process seen from another side, and onExit tells of that.
    stream.on('error', (cause: Error) => {
      log?.debug({ upstream: spec.name, stream: name, cause: cause.message }, 'a pipe of an upstream failed');
    });
  }
  // A server that closed its stdout can answer nobody: it is ended, so that its callers hear of it.
  const outputEnded = new Promise<void>((resolve) => {
    stdout.once('close', resolve);
    stdout.once('end', resolve);
  });
  void outputEnded.then(() => child.kill());
  const writer = createTurnWriter(stdin);

  const finished = (async (): Promise<void> => {
    const { code, signal } = await child.exited;
    writer.stop();
    // With the helpers gone too, nobody holds the pipe open, and the last lines end in an end of file.
    await child.kill();
    await within(outputEnded, DRAIN_MS);
    stdin.destroy();
    stdout.destroy();
    stderr.destroy();
    if (splitter.pendingBytes > 0) {
      log?.debug({ upstream: spec.name, bytes: splitter.pendingBytes }, 'an upstream ended in the middle of a line');
    }
    onExit({ code, signal, stderrTail: tail.text(), ...(error === undefined ? {} : { error }) });
  })();

  return {
    send: writer.send,
    async close() {
      writer.flush();
      await child.kill();
      await finished;
    },
    pid: child.pid,
    stderrTail: tail.text,
    remedy: () => child.remedy?.(tail.text()),
    bufferedBytes: writer.bufferedBytes,
  };
}

const BRACE = 0x7b;
const BRACKET = 0x5b;

/** Past blanks and a byte order mark, which some runtimes put in front of their first line. */
function startOfText(line: Buffer): number {
  let at = line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? 3 : 0;
  while (line[at] === 0x20 || line[at] === 0x09) at += 1;
  return at;
}

async function within(event: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([event, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
