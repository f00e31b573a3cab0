import type { JsonObject } from '@sekisho/protocol';
import type { Log } from '../ports.ts';
import type { CallTimes } from './calls.ts';
import type { Deadlines } from './deadlines.ts';
import { DuplexPeer } from './duplex-peer.ts';
import { OpenError, failure } from './failure.ts';
import { HttpPeer } from './http-peer.ts';
import { factsOf, initialize, openDuplex, openHttp, suggestsSse } from './open.ts';
import type { Verdict } from './open.ts';
import type { Identity } from './outgoing.ts';
import type { PeerEvents } from './peer.ts';
import type { HttpSpec, StdioSpec, UpstreamSpec } from './spec.ts';
import type { ProcessStarter } from './stdio/process.ts';
import { openStdioLink } from './stdio/stdio-link.ts';
import type { StdioLink } from './stdio/stdio-link.ts';

export interface ConnectOptions {
  readonly identity: Identity;
  readonly starter: ProcessStarter;
  readonly deadlines: Deadlines;
  readonly times: CallTimes;
  readonly events: PeerEvents;
  readonly log: Log;
  /** A remembered verdict: `legacy` skips the probe. A wrong one shows itself when the server refuses. */
  readonly hint: 'legacy' | undefined;
  /** What a legacy server is told that its clients can be asked. */
  readonly capabilities: JsonObject;
  /** How long a process may be silent to the probe before it is asked in the legacy way too, milliseconds. */
  readonly silenceMs: number;
  /** Aborts the attempt; everything that was started is ended. */
  readonly signal: AbortSignal;
  /** Called when there is something to speak with: what came before was the starter's own business. */
  onLaunched(): void;
}

export interface Connection {
  readonly peer: DuplexPeer | HttpPeer;
  readonly verdict: Verdict;
  readonly pid: number | undefined;
  /** What the process last wrote on stderr. */
  stderrTail(): string;
  /** What would let the process live, where its starter knows. */
  remedy?(): string | undefined;
}

/** Opens a conversation with the server of a spec, whatever its transport and era. Rejects with an OpenError or StartFailure. */
export async function connect(spec: UpstreamSpec, options: ConnectOptions): Promise<Connection> {
  if (spec.kind === 'stdio') return connectStdio(spec, options);
  options.onLaunched();
  if (spec.transport === 'sse') return connectSse(spec, options);
  try {
    return await connectHttp(spec, options);
  } catch (error) {
    if (spec.transport !== 'auto' || !suggestsSse(error)) throw error;
    return await connectSse(spec, options);
  }
}

async function connectStdio(spec: UpstreamSpec & StdioSpec, options: ConnectOptions): Promise<Connection> {
  const attempt = async (hint: 'legacy' | undefined): Promise<Connection> => {
    const peer = newDuplex(options);
    let tail = '';
    const link: StdioLink = await openStdioLink({
      starter: options.starter,
      spec: {
        name: spec.name,
        command: spec.command,
        args: spec.args,
        env: spec.env,
        ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
        ...(spec.launch === undefined ? {} : { launch: spec.launch }),
      },
      signal: options.signal,
      onMessage: (line) => peer.receive(line),
      onExit: ({ code, signal, stderrTail, error }) => {
        tail = stderrTail;
        const how = error ? error.message : signal ? `ended by ${signal}` : `exited with code ${code}`;
        peer.lost(failure('ERR_UPSTREAM_CRASHED', `the process ${how}`, true));
      },
      onNoise: () => options.log.debug({ upstream: spec.name }, 'a line on stdout that is no message was dropped'),
      log: options.log,
    });
    peer.attach(link);
    options.onLaunched();
    const words = { stderrTail: () => tail || link.stderrTail(), remedy: () => link.remedy() };
    const verdict = await guarded(
      peer,
      options.signal,
      () =>
        openDuplex(peer, options.identity, {
          hint,
          silenceMs: options.silenceMs,
          capabilities: options.capabilities,
        }),
      words,
    );
    return { peer, verdict, pid: link.pid, ...words };
  };
  try {
    return await attempt(options.hint);
  } catch (error) {
    // Servers built on some SDKs exit on any request before `initialize`: the probe itself ended them.
    const ended =
      error instanceof OpenError &&
      error.code === 'ERR_UPSTREAM_CRASHED' &&
      error.message.startsWith('server/discover');
    if (!ended || options.signal.aborted) throw error;
    return await attempt('legacy');
  }
}

async function connectHttp(spec: UpstreamSpec & HttpSpec, options: ConnectOptions): Promise<Connection> {
  // Loaded when it is needed: a gateway of processes only comes up sooner without an HTTP client.
  const { createHttpLink } = await import('./http/http-link.ts');
  const link = createHttpLink({ url: spec.url, headers: spec.headers, headersTimeoutMs: 0 });
  const peer = new HttpPeer({
    link,
    deadlines: options.deadlines,
    times: options.times,
    events: options.events,
    facts: factsOf(options.identity),
    reopen: (again) => initialize(again, options.capabilities, options.identity),
  });
  const verdict = await guarded(peer, options.signal, () => openHttp(peer, options.identity, options));
  peer.openStream();
  return { peer, verdict, pid: undefined, stderrTail: () => '' };
}

async function connectSse(spec: UpstreamSpec & HttpSpec, options: ConnectOptions): Promise<Connection> {
  const peer = newDuplex(options);
  const { openSseLink } = await import('./http/sse-link.ts');
  const link = await openSseLink({
    url: spec.url,
    headers: spec.headers,
    onMessage: (bytes) => peer.receive(bytes),
    onClose: (error) =>
      peer.lost(failure('ERR_UPSTREAM_CLOSED', error?.message ?? 'the server closed the stream', true)),
  });
  peer.attach(link);
  await guarded(peer, options.signal, () => initialize(peer, options.capabilities, options.identity));
  return { peer, verdict: { era: 'legacy', sure: false }, pid: undefined, stderrTail: () => '' };
}

function newDuplex(options: ConnectOptions): DuplexPeer {
  return new DuplexPeer({
    deadlines: options.deadlines,
    times: options.times,
    events: options.events,
    facts: factsOf(options.identity),
  });
}

/** Runs the handshake; on failure or abort nothing that was opened stays behind. */
async function guarded<T>(
  peer: DuplexPeer | HttpPeer,
  signal: AbortSignal,
  handshake: () => Promise<T>,
  words?: { stderrTail(): string; remedy(): string | undefined },
): Promise<T> {
  const onAbort = () => void peer.close();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    signal.throwIfAborted();
    return await handshake();
  } catch (error) {
    await peer.close();
    if (words) tellWords(error, words);
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Adds to a failure what its process said, and what its starter makes of that. */
export function tellWords(error: unknown, words: { stderrTail(): string; remedy?(): string | undefined }): void {
  if (!(error instanceof OpenError)) return;
  const remedy = error.remedy ?? words.remedy?.();
  Object.assign(error, { stderrTail: words.stderrTail(), ...(remedy === undefined ? {} : { remedy }) });
}
