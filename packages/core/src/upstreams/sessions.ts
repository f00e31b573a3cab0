import type { JsonObject, LogLevel } from '@sekisho/protocol';
import type { CallTimes } from './calls.ts';
import type { Deadlines } from './deadlines.ts';
import { HttpPeer } from './http-peer.ts';
import { factsOf, initialize } from './open.ts';
import type { Identity } from './outgoing.ts';
import type { Peer, ServerRequest } from './peer.ts';

/**
 * Whose conversation a call belongs to. A legacy server keeps state in its session, and its capabilities are fixed when it
 * is opened; so principals do not share one, and a client that can be asked things has its own.
 */
export interface Affinity {
  /** Principal, and the client's session where it can be asked. */
  readonly key: string;
  /** What the client declared, as far as it can be relayed. */
  readonly capabilities: JsonObject;
  /** A question of the server that belongs to no call. */
  onRequest?(request: ServerRequest, server: string): void;
  /** News of the server that belong to no call. */
  onNotification?(method: string, text: string, server: string): void;
}

export interface SessionsOptions {
  readonly identity: Identity;
  readonly deadlines: Deadlines;
  readonly times: CallTimes;
  /** The configured name of the server. */
  readonly server: string;
  onNotification(method: string, text: string): void;
}

const IDLE_MS = 300_000;
const MAX_SESSIONS = 1_000;

interface Entry {
  readonly key: string;
  peer: HttpPeer | undefined;
  opening: Promise<HttpPeer>;
  usedMs: number;
}

/** The conversations with one legacy HTTP server that are kept for one client or principal each. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #entries = new Map<string, Entry>();
  #sweep: NodeJS.Timeout | undefined;
  #logLevel: LogLevel | undefined;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** The peer for a call, or undefined where the server's one conversation serves all: processes, and modern servers. */
  peerFor(affinity: Affinity, main: Peer): Peer | Promise<Peer> | undefined {
    if (!(main instanceof HttpPeer) || main.opened.era === 'modern' || main.sessionId === undefined) return undefined;
    const entry = this.#entries.get(affinity.key) ?? this.#create(affinity, main);
    entry.usedMs = Date.now();
    return entry.peer ?? entry.opening;
  }

  /** Calls of clients that wait for an answer. */
  get inFlight(): number {
    let count = 0;
    for (const entry of this.#entries.values()) count += entry.peer?.inFlight ?? 1;
    return count;
  }

  find(affinity: Affinity): Peer | undefined {
    return this.#entries.get(affinity.key)?.peer;
  }

  /** Sets the log level of the main conversation and of every kept one, and of those that are opened later. */
  async setLogLevel(main: Peer, level: LogLevel): Promise<void> {
    this.#logLevel = level;
    const peers = [main, ...[...this.#entries.values()].flatMap((entry) => entry.peer ?? [])];
    await Promise.all(peers.map((peer) => peer.ask('logging/setLevel', { level })));
  }

  drop(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    void end(entry);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    this.#sweep = undefined;
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(entries.map(end));
  }

  #create(affinity: Affinity, main: HttpPeer): Entry {
    if (this.#entries.size >= MAX_SESSIONS) this.#dropOldest();
    const opening = this.open(affinity, main, () => this.drop(affinity.key)).then(
      (peer) => (entry.peer = peer),
      (error: unknown) => {
        this.#entries.delete(affinity.key);
        throw error;
      },
    );
    const entry: Entry = { key: affinity.key, peer: undefined, opening, usedMs: Date.now() };
    this.#entries.set(affinity.key, entry);
    this.#sweep ??= setInterval(() => this.#dropIdle(), IDLE_MS / 5).unref();
    return entry;
  }

  /** Opens another session with the server of `main`, which nothing keeps but the caller. */
  async open(affinity: Affinity, main: HttpPeer, onLost: () => void): Promise<HttpPeer> {
    const { identity, deadlines, times } = this.#options;
    // Questions that belong to no call come on the stream of news; a client that cannot be asked needs none.
    const canBeAsked = affinity.onRequest !== undefined || Object.keys(affinity.capabilities).length > 0;
    const peer = new HttpPeer({
      link: main.link,
      ownsLink: false,
      deadlines,
      times,
      facts: factsOf(identity),
      events: {
        onNotification: (method, text) => {
          this.#options.onNotification(method, text);
          affinity.onNotification?.(method, text, this.#options.server);
        },
        onRequest: (request) =>
          affinity.onRequest ? affinity.onRequest(request, this.#options.server) : peer.askUnclaimed(request),
        onLost,
        onReopened: () => {
          if (canBeAsked) peer.openStream();
        },
      },
      reopen: (again) => initialize(again, affinity.capabilities, identity),
    });
    try {
      await initialize(peer, affinity.capabilities, identity);
    } catch (error) {
      await peer.close();
      throw error;
    }
    // A server that does not take the level says less in its log; its calls are answered all the same.
    if (this.#logLevel) await peer.ask('logging/setLevel', { level: this.#logLevel }).catch(() => undefined);
    if (canBeAsked) peer.openStream();
    return peer;
  }

  #dropIdle(): void {
    const limit = Date.now() - IDLE_MS;
    for (const entry of this.#entries.values()) {
      if (entry.usedMs < limit && (entry.peer?.inFlight ?? 0) === 0) this.drop(entry.key);
    }
  }

  #dropOldest(): void {
    let oldest: Entry | undefined;
    // Calls in flight may have run and may wait for a person: their session stays, whatever the limit.
    for (const entry of this.#entries.values()) {
      if (entry.peer?.inFlight === 0 && !(oldest && oldest.usedMs <= entry.usedMs)) oldest = entry;
    }
    if (oldest) this.drop(oldest.key);
  }
}

async function end(entry: Entry): Promise<void> {
  const peer = await entry.opening.catch(() => undefined);
  await peer?.close();
}
