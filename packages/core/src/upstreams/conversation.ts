import { isObject, reachesLevel } from '@sekisho/protocol';
import type { LogLevel } from '@sekisho/protocol';
import type { Log } from '../ports.ts';
import type { CallTimes } from './calls.ts';
import type { Connection } from './connect.ts';
import type { Deadlines } from './deadlines.ts';
import { KINDS } from './items.ts';
import type { ListKeeper } from './list-keeper.ts';
import { HttpPeer } from './http-peer.ts';
import { factsOf, probeHttp } from './open.ts';
import type { Identity, Outgoing } from './outgoing.ts';
import type { CallHandler, Peer } from './peer.ts';
import { Lanes, callOn } from './lanes.ts';
import type { Habits } from './habits.ts';
import { Sessions } from './sessions.ts';
import type { Affinity } from './sessions.ts';
import { Watch, updatedUri } from './watch.ts';
import type { Wanted } from './watch.ts';

export interface ConversationOptions {
  readonly identity: Identity;
  readonly deadlines: Deadlines;
  readonly times: CallTimes;
  /** The configured name of the server. */
  readonly server: string;
  readonly keeper: ListKeeper;
  readonly habits: Habits;
  /** Opens the same server once more, for calls of one client alone. Not asked where sessions share a connection. */
  openAgain(affinity: Affinity, onLost: () => void): Promise<Peer>;
  readonly log: Log;
  readonly now: () => number;
  /** What clients want news of from before. */
  readonly wanted: Wanted;
  onResourceUpdated(uri: string): void;
  /** A task tells of itself: the whole notification, a binary string. */
  onTask(text: string): void;
  /** The server speaks another era than the one it was opened in. */
  onEraChanged(): void;
}

/** Calls of clients must not make the gateway probe a server again and again. */
const DOUBT_AGAIN_MS = 10_000;
/** Conversations with one server beside the shared ones, for calls in whose middle it asks. */
const MAX_SPARE_PROCESSES = 32;
const MAX_SPARE_SESSIONS = 1_000;
/** How long calls in flight may take to finish when their server is replaced. */
const DRAIN_MS = 30_000;

/** What exists while a server is up: the way to it, the sessions kept on it, and what the gateway wants to hear from it. */
export class Conversation {
  readonly connection: Connection;
  /** When it was last asked something, by the gateway's clock. */
  usedMs: number;
  readonly #options: ConversationOptions;
  readonly #sessions: Sessions;
  readonly #watch: Watch;
  readonly #lanes: Lanes;
  #logLevel: LogLevel | undefined;
  #doubtedMs = -Infinity;

  constructor(connection: Connection, options: ConversationOptions) {
    this.connection = connection;
    this.#options = options;
    this.usedMs = options.now();
    this.#sessions = new Sessions({
      identity: options.identity,
      deadlines: options.deadlines,
      times: options.times,
      server: options.server,
      onNotification: (method, text) => this.heard(method, text),
    });
    const main = connection.peer;
    const isHttp = main instanceof HttpPeer;
    this.#lanes = new Lanes({
      habits: options.habits,
      tells: isHttp,
      maxSpare: connection.pid === undefined ? MAX_SPARE_SESSIONS : MAX_SPARE_PROCESSES,
      home: (affinity) => this.#home(affinity),
      open: (affinity, onLost) =>
        isHttp ? this.#sessions.open(affinity, main, onLost) : this.#openAgain(affinity, onLost),
    });
    const wanted = {
      facts: factsOf(options.identity),
      log: options.log,
      onNotification: (method: string, text: string) => this.heard(method, text),
      onGap: (uris: Iterable<string>) => this.#gap(uris),
    };
    this.#watch = new Watch(connection.peer, wanted, options.wanted);
  }

  get peer(): Peer {
    return this.connection.peer;
  }

  /** What clients want news of. */
  get wanted(): Wanted {
    return this.#watch.wanted;
  }

  /** Calls of clients that wait for an answer. */
  get inFlight(): number {
    return this.connection.peer.inFlight + this.#sessions.inFlight + this.#lanes.inFlight;
  }

  /** Begins to listen for news. */
  open(): Promise<void> {
    return this.#watch.open();
  }

  send(out: Outgoing, handler: CallHandler, affinity: Affinity | undefined): () => void {
    this.usedMs = this.#options.now();
    handler.sending?.();
    if (affinity && handler.ask && this.peer.opened.era === 'legacy') return this.#lanes.call(out, handler, affinity);
    return callOn((affinity && this.#sessions.peerFor(affinity, this.peer)) ?? this.peer, out, handler);
  }

  /** The conversation that calls of one client share with others, or with each other. */
  #home(affinity: Affinity): { readonly key: string; readonly peer: Peer | Promise<Peer> } {
    const own = this.#sessions.peerFor(affinity, this.peer);
    return own ? { key: affinity.key, peer: own } : { key: '', peer: this.peer };
  }

  async #openAgain(affinity: Affinity, onLost: () => void): Promise<Peer> {
    const peer = await this.#options.openAgain(affinity, onLost);
    // A server that does not take the level says less in its log; its calls are answered all the same.
    if (this.#logLevel) await peer.ask('logging/setLevel', { level: this.#logLevel }).catch(() => undefined);
    return peer;
  }

  subscribe(uri: string): Promise<void> {
    return this.#watch.add(uri);
  }

  unsubscribe(uri: string): void {
    this.#watch.remove(uri);
  }

  watchTask(task: string): Promise<void> {
    return this.#watch.addTask(task);
  }

  unwatchTask(task: string): void {
    this.#watch.removeTask(task);
  }

  /** Something may have been missed: lists are read again, and of resources it is said that they may have changed. */
  #gap(uris: Iterable<string>): void {
    this.#options.keeper.changed(...KINDS);
    for (const uri of uris) this.#options.onResourceUpdated(uri);
  }

  /**
   * A legacy server's log level is one for all: it is set to the most verbose that anybody wants, and the gateway picks out
   * what each caller asked for.
   * @returns undefined where nothing had to be asked
   */
  wantLogLevel(level: LogLevel): Promise<void> | undefined {
    const { peer } = this;
    if (peer.opened.era === 'modern' || !isObject(peer.opened.capabilities['logging'])) return undefined;
    if (this.#logLevel !== undefined && reachesLevel(level, this.#logLevel)) return undefined;
    this.#logLevel = level;
    return this.#sessions.setLogLevel(peer, level);
  }

  notify(method: string, params: string | undefined, affinity: Affinity): void {
    this.#sessions.find(affinity)?.notify(method, params);
  }

  dropAffinity(key: string): void {
    this.#sessions.drop(key);
    this.#lanes.drop(key);
  }

  /** The server says something that belongs to no call. */
  heard(method: string, text: string): void {
    const { keeper } = this.#options;
    if (method === 'notifications/tools/list_changed') keeper.changed('tool');
    else if (method === 'notifications/prompts/list_changed') keeper.changed('prompt');
    else if (method === 'notifications/resources/list_changed') keeper.changed('resource');
    else if (method === 'notifications/resources/updated') {
      const uri = updatedUri(text);
      if (uri !== undefined) this.#options.onResourceUpdated(uri);
    } else if (method === 'notifications/tasks') this.#options.onTask(text);
  }

  /** Something said that the server may have changed its era: it is asked, at most every ten seconds. */
  doubtEra(): void {
    const now = this.#options.now();
    if (now - this.#doubtedMs < DOUBT_AGAIN_MS) return;
    this.#doubtedMs = now;
    void this.keepsEra().then((keeps) => {
      if (!keeps) this.#options.onEraChanged();
    });
  }

  /**
   * Whether an HTTP server still speaks the era it was opened in. Asked beside the conversation, which goes on meanwhile; no
   * answer is no evidence.
   */
  async keepsEra(): Promise<boolean> {
    const { peer } = this.connection;
    if (!(peer instanceof HttpPeer)) return true;
    const { identity, deadlines, times } = this.#options;
    const quiet = () => undefined;
    const probe = new HttpPeer({
      link: peer.link,
      ownsLink: false,
      deadlines,
      times,
      facts: factsOf(identity),
      events: { onNotification: quiet, onRequest: quiet, onLost: quiet, onReopened: quiet },
      reopen: () => Promise.resolve(),
    });
    try {
      const verdict = await probeHttp(probe);
      return !verdict.sure || verdict.era === peer.opened.era;
    } catch {
      return true;
    } finally {
      await probe.close();
    }
  }

  /** The server forgot its session and has a new one: clients see nothing of it, but their subscriptions are made again. */
  async reopened(): Promise<void> {
    const { peer } = this.connection;
    // A server that does not take the level again says less in its log; its calls are answered all the same.
    if (this.#logLevel) await this.#sessions.setLogLevel(peer, this.#logLevel).catch(() => undefined);
    if ('openStream' in peer) peer.openStream();
    await this.#watch.open();
    this.#gap(this.wanted.uris.keys());
  }

  /** Waits until nothing is in flight, but not for ever. */
  async drain(): Promise<void> {
    const until = Date.now() + DRAIN_MS;
    while (this.inFlight > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async close(): Promise<void> {
    this.#watch.close();
    await this.#lanes.close();
    await this.#sessions.close();
    await this.connection.peer.close();
  }
}
