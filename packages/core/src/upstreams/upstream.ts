import { isObject, reachesLevel } from '@sekisho/protocol';
import type { JsonObject, LogLevel } from '@sekisho/protocol';
import type { Log } from '../ports.ts';
import { createBackoff } from './backoff.ts';
import { connect } from './connect.ts';
import type { Connection } from './connect.ts';
import { Deadlines } from './deadlines.ts';
import { OpenError, failure } from './failure.ts';
import type { UpstreamFailure } from './failure.ts';
import { EMPTY_LISTS, KINDS, fromRemembered, loadList, sameList, serverInfoOf, toRemembered } from './items.ts';
import type { ItemLists } from './items.ts';
import type { ItemKind } from '../catalogue/item.ts';
import { factsOf } from './open.ts';
import type { Identity, Outgoing } from './outgoing.ts';
import type { CallHandler, Opened, Peer, PeerEvents } from './peer.ts';
import { Sessions } from './sessions.ts';
import type { Affinity } from './sessions.ts';
import type { RefusedItem, UpstreamProblem, UpstreamSpec, UpstreamState, UpstreamStatus } from './spec.ts';
import type { ProcessStarter } from './stdio/process.ts';
import type { Memory } from './memory.ts';
import { Watch, updatedUri } from './watch.ts';

export interface UpstreamOptions {
  readonly identity: Identity;
  readonly starter: ProcessStarter;
  readonly memory: Memory;
  readonly log: Log;
  readonly now: () => number;
  readonly random: () => number;
  /** Its state or lists changed. */
  onChange(upstream: Upstream): void;
  /** A resource that some client subscribed to was updated; the upstream's own URI. */
  onResourceUpdated(upstream: Upstream, uri: string): void;
}

const START_MS = 60_000;
const CALL_MS = 120_000;
const MAX_CALL_MS = 3_600_000;
/** How long calls in flight may take to finish when their server is replaced. */
const RETIRE_MS = 30_000;
const PROBE_SILENCE_MS = 2_000;
const RELOAD_AFTER_MS = 50;
/** Lists of a server that cannot tell of changes are read again at most this often, when somebody asks. */
const STALE_AFTER_MS = 60_000;

/** One configured server over its whole life: started, watched, restarted, stopped when idle and started on demand. */
export class Upstream {
  readonly spec: UpstreamSpec;
  lists: ItemLists = EMPTY_LISTS;
  /** Names that the catalogue refused; set by it. */
  collisions: readonly RefusedItem[] = [];
  readonly #options: UpstreamOptions;
  readonly #deadlines: Deadlines;
  readonly #backoff;
  readonly #sessions: Sessions;
  #state: UpstreamState;
  #sinceMs: number;
  #connection: Connection | undefined;
  #opened: Opened | undefined;
  #opening: Promise<void> | undefined;
  #abort: AbortController | undefined;
  #retry: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #reload: NodeJS.Timeout | undefined;
  readonly #stale = new Set<ItemKind>();
  #watch: Watch | undefined;
  #problem: UpstreamProblem | undefined;
  #restarts = -1;
  #usedMs = 0;
  #logLevel: LogLevel | undefined;
  #closed = false;

  constructor(spec: UpstreamSpec, options: UpstreamOptions) {
    this.spec = spec;
    this.#options = options;
    this.#deadlines = new Deadlines(options.now);
    this.#backoff = createBackoff({ now: options.now, random: options.random });
    this.#sessions = new Sessions({
      identity: options.identity,
      deadlines: this.#deadlines,
      times: this.#times(),
      onNotification: (method, text) => this.#heard(method, text),
    });
    this.#state = spec.enabled === false ? 'disabled' : 'stopped';
    this.#sinceMs = Date.now();
    const remembered = options.memory.recall(spec);
    if (remembered && spec.enabled !== false) this.lists = fromRemembered(remembered.lists, spec.name, spec.tools);
    if (remembered) this.#opened = remembered.opened;
  }

  get state(): UpstreamState {
    return this.#state;
  }

  /** What the server said of itself, now or the last time it ran. */
  get opened(): Opened | undefined {
    return this.#opened;
  }

  /** Starts the server if it is not up. Resolves when it is ready or when this attempt has failed; never rejects. */
  start(): Promise<void> {
    if (this.#closed || this.#state === 'disabled' || this.#state === 'ready') return Promise.resolve();
    clearTimeout(this.#retry);
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /**
   * Makes a call. Starts the server where it was stopped for being idle; waits where it is starting; fails at once where it
   * is known not to come up. Exactly one of the handler's `answer` and `fail` is called, unless the call is cancelled.
   */
  call(out: Outgoing, handler: CallHandler, affinity?: Affinity): () => void {
    const connection = this.#connection;
    if (this.#state === 'ready' && connection) return this.#send(connection.peer, out, handler, affinity);
    if (this.#state !== 'starting' && this.#state !== 'idle' && this.#state !== 'stopped') {
      handler.fail(
        failure('ERR_UPSTREAM_UNAVAILABLE', this.#problem?.message ?? `the server is ${this.#state}`, false),
      );
      return () => undefined;
    }
    let cancel: (() => void) | undefined;
    let cancelled = false;
    void this.start().then(() => {
      if (cancelled) return;
      if (this.#state === 'ready' && this.#connection)
        cancel = this.#send(this.#connection.peer, out, handler, affinity);
      else
        handler.fail(
          failure('ERR_UPSTREAM_UNAVAILABLE', this.#problem?.message ?? 'the server did not come up', false),
        );
    });
    return () => {
      cancelled = true;
      cancel?.();
    };
  }

  /** Reads lists again that may have changed without a word. Returns at once. */
  refreshIfStale(): void {
    if (this.#state !== 'ready') return;
    const now = this.#options.now();
    for (const kind of KINDS) {
      const list = this.lists[kind];
      if (list.atMs > 0 && now - list.atMs > this.#keepMs(kind)) this.#changed(kind);
    }
  }

  async subscribe(uri: string): Promise<void> {
    if (this.#state !== 'ready') await this.start();
    if (!this.#watch) throw new OpenError('ERR_UPSTREAM_UNAVAILABLE', 'the server is not up');
    await this.#watch.add(uri);
  }

  unsubscribe(uri: string): void {
    this.#watch?.remove(uri);
  }

  /**
   * A legacy server's log level is one for all: it is set to the most verbose that anybody wants, and the gateway picks out
   * what each caller asked for.
   * @returns undefined where nothing had to be asked
   */
  wantLogLevel(level: LogLevel): Promise<void> | undefined {
    const peer = this.#connection?.peer;
    if (!peer || peer.opened.era === 'modern' || !isObject(peer.opened.capabilities['logging'])) return undefined;
    if (this.#logLevel !== undefined && reachesLevel(level, this.#logLevel)) return undefined;
    this.#logLevel = level;
    return this.#sessions.setLogLevel(peer, level);
  }

  /** Sends a notification on the conversation that belongs to `affinity`, if there is one. */
  notify(method: string, params: string | undefined, affinity: Affinity): void {
    this.#sessions.find(affinity)?.notify(method, params);
  }

  /** Ends the conversations kept for one client. */
  dropAffinity(key: string): void {
    this.#sessions.drop(key);
  }

  /** Taken out of service: what is in flight may finish, then it closes. */
  async retire(): Promise<void> {
    const until = Date.now() + RETIRE_MS;
    while (this.#inFlight() > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    await this.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#idle);
    clearTimeout(this.#reload);
    this.#abort?.abort(new OpenError('ERR_UPSTREAM_CLOSED', 'closed by the gateway'));
    await this.#opening;
    await this.#disconnect();
    this.#deadlines.close();
    this.#enter('stopped');
  }

  status(): UpstreamStatus {
    const { spec, lists } = this;
    const info = serverInfoOf(this.#opened?.serverInfo);
    const refused = [...KINDS.flatMap((kind) => lists[kind].refused), ...this.collisions];
    const problem = this.#problem ?? this.#listProblem();
    return {
      name: spec.name,
      kind: spec.kind,
      state: this.#state,
      ...(this.#opened ? { era: this.#opened.era, revision: this.#opened.revision } : {}),
      ...(info ? { serverInfo: info } : {}),
      counts: {
        tools: lists.tool.items.length,
        prompts: lists.prompt.items.length,
        resources: lists.resource.items.length,
        templates: lists.template.items.length,
      },
      ...(problem ? { error: problem } : {}),
      ...(this.#connection?.pid === undefined ? {} : { pid: this.#connection.pid }),
      sinceMs: this.#sinceMs,
      restarts: Math.max(0, this.#restarts),
      refused,
    };
  }

  #listProblem(): UpstreamProblem | undefined {
    for (const kind of KINDS) {
      const { error } = this.lists[kind];
      if (error !== undefined) return { code: 'ERR_UPSTREAM_LIST', message: error };
    }
    return undefined;
  }

  #times() {
    return {
      callMs: this.spec.timeouts?.callMs ?? CALL_MS,
      maxCallMs: Math.max(MAX_CALL_MS, this.spec.timeouts?.callMs ?? 0),
    };
  }

  /** How long a list may be kept: for ever where the server tells of changes, else by its own hint, else a minute. */
  #keepMs(kind: ItemKind): number {
    const capability = this.#opened?.capabilities[kind === 'template' ? 'resources' : `${kind}s`];
    if (isObject(capability) && capability['listChanged'] === true) return Infinity;
    const { ttlMs } = this.lists[kind];
    return Math.max(ttlMs === Infinity ? 0 : ttlMs, STALE_AFTER_MS);
  }

  #send(peer: Peer, out: Outgoing, handler: CallHandler, affinity: Affinity | undefined): () => void {
    this.#usedMs = this.#options.now();
    const own = affinity && this.#sessions.peerFor(affinity, peer);
    return own instanceof Promise ? this.#sendLater(own, out, handler) : (own ?? peer).call(out, handler);
  }

  #sendLater(peer: Promise<Peer>, out: Outgoing, handler: CallHandler): () => void {
    let cancel: (() => void) | undefined;
    let cancelled = false;
    peer.then(
      (ready) => {
        if (!cancelled) cancel = ready.call(out, handler);
      },
      (error: unknown) => handler.fail(failure('ERR_UPSTREAM_SESSION', String(error), false)),
    );
    return () => {
      cancelled = true;
      cancel?.();
    };
  }

  async #open(): Promise<void> {
    this.#enter('starting');
    const abort = new AbortController();
    this.#abort = abort;
    const startMs = this.spec.timeouts?.startMs ?? START_MS;
    const timer = setTimeout(
      () => abort.abort(new OpenError('ERR_UPSTREAM_TIMEOUT', `the server did not answer within ${startMs} ms`)),
      startMs,
    );
    let ready = false;
    const events: PeerEvents = {
      onNotification: (method, text) => this.#heard(method, text),
      onRequest: (request) =>
        request.respond('"error":{"code":-32601,"message":"No client is attached that can answer this."}'),
      onLost: (reason) => ready && void this.#lost(reason),
      onReopened: () => void this.#reopened(),
    };
    try {
      this.#restarts++;
      const connection = await connect(this.spec, {
        identity: this.#options.identity,
        starter: this.#options.starter,
        deadlines: this.#deadlines,
        times: this.#times(),
        events,
        log: this.#options.log,
        hint: this.#options.memory.eraHint(this.spec),
        silenceMs: PROBE_SILENCE_MS,
        signal: abort.signal,
      });
      this.#connection = connection;
      this.#opened = connection.peer.opened;
      await this.#loadAll(connection.peer);
      if (abort.signal.aborted) throw abort.signal.reason;
      ready = true;
      this.#logLevel = undefined;
      await this.#watchFrom(connection.peer);
      this.#problem = undefined;
      this.#backoff.opened();
      this.#remember(connection);
      this.#enter('ready');
      this.#armIdle();
    } catch (error) {
      await this.#disconnect();
      this.#failed(abort.signal.aborted ? (abort.signal.reason as unknown) : error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #watchFrom(peer: Peer): Promise<void> {
    this.#watch = new Watch(
      peer,
      {
        facts: factsOf(this.#options.identity),
        log: this.#options.log,
        onNotification: (method, text) => this.#heard(method, text),
        onGap: () => KINDS.forEach((kind) => this.#changed(kind)),
      },
      this.#watch?.uris,
    );
    await this.#watch.open();
  }

  async #loadAll(peer: Peer): Promise<void> {
    await Promise.all(KINDS.map((kind) => this.#load(peer, kind)));
  }

  async #load(peer: Peer, kind: ItemKind): Promise<boolean> {
    const old = this.lists[kind];
    let list;
    try {
      list = await loadList(peer, kind, this.spec.name, this.spec.tools, this.#options.now());
    } catch (error) {
      // An error never becomes a shorter list: what was known stays, and the reason is shown.
      list = {
        ...old,
        atMs: this.#options.now(),
        error: `its ${kind}s cannot be listed: ${String(error instanceof Error ? error.message : error)}`,
      };
    }
    this.lists = { ...this.lists, [kind]: list };
    return !sameList(old, list);
  }

  /** The server said, or may have forgotten to say, that a list changed: read it again, once for a burst of such news. */
  #changed(kind: ItemKind): void {
    this.#stale.add(kind);
    if (kind === 'resource') this.#stale.add('template');
    this.#reload ??= setTimeout(() => {
      this.#reload = undefined;
      void this.#reloadStale();
    }, RELOAD_AFTER_MS).unref();
  }

  async #reloadStale(): Promise<void> {
    const peer = this.#connection?.peer;
    const kinds = [...this.#stale];
    this.#stale.clear();
    if (!peer || this.#state !== 'ready') return;
    const changed = await Promise.all(kinds.map((kind) => this.#load(peer, kind)));
    if (this.#closed || !changed.some(Boolean)) return;
    if (this.#connection) this.#remember(this.#connection);
    this.#options.onChange(this);
  }

  #heard(method: string, text: string): void {
    if (method === 'notifications/tools/list_changed') this.#changed('tool');
    else if (method === 'notifications/prompts/list_changed') this.#changed('prompt');
    else if (method === 'notifications/resources/list_changed') this.#changed('resource');
    else if (method === 'notifications/resources/updated') {
      const uri = updatedUri(text);
      if (uri !== undefined) this.#options.onResourceUpdated(this, uri);
    }
  }

  /** The server forgot its session and has a new one: clients see nothing of it, but their subscriptions are made again. */
  async #reopened(): Promise<void> {
    const peer = this.#connection?.peer;
    if (!peer || this.#state !== 'ready') return;
    this.#opened = peer.opened;
    if (this.#logLevel) await this.#sessions.setLogLevel(peer, this.#logLevel).catch(() => undefined);
    if ('openStream' in peer) peer.openStream();
    await this.#watch?.open();
    for (const kind of KINDS) this.#changed(kind);
  }

  async #lost(reason: UpstreamFailure): Promise<void> {
    if (this.#closed || this.#state !== 'ready') return;
    const stderrTail = this.#connection?.stderrTail();
    this.#problem = problemOf(new OpenError(reason.code, reason.detail), stderrTail);
    await this.#disconnect();
    this.#tryLater();
  }

  #failed(error: unknown): void {
    if (this.#closed) return;
    const tail = (error as { stderrTail?: string }).stderrTail;
    this.#problem = problemOf(error, tail);
    if ((error as { permanent?: boolean }).permanent) this.#enter('failed');
    else this.#tryLater();
  }

  #tryLater(): void {
    const waitMs = this.#backoff.failed();
    this.#enter('backoff');
    this.#options.log.warn(
      { upstream: this.spec.name, code: this.#problem?.code, waitMs: Math.round(waitMs) },
      'upstream is down',
    );
    // A crash during an idle phase of an on-demand server needs no restart; the next call starts it.
    this.#retry = setTimeout(() => void this.start(), Math.max(waitMs, 20));
    this.#retry.unref();
  }

  /** Stops a process that nothing was asked of for a while; the next call starts it again. */
  #armIdle(): void {
    const idleMs = this.spec.timeouts?.idleMs ?? 0;
    clearTimeout(this.#idle);
    if (idleMs <= 0 || this.spec.kind !== 'stdio') return;
    this.#usedMs = this.#options.now();
    const look = () => {
      if (this.#state !== 'ready') return;
      const restMs = this.#usedMs + idleMs - this.#options.now();
      const busy = this.#inFlight() > 0 || (this.#watch?.uris.size ?? 0) > 0;
      if (restMs > 0 || busy) {
        this.#idle = setTimeout(look, busy ? idleMs : restMs).unref();
        return;
      }
      this.#enter('idle');
      void this.#disconnect();
    };
    this.#idle = setTimeout(look, idleMs).unref();
  }

  #inFlight(): number {
    return (this.#connection?.peer.inFlight ?? 0) + this.#sessions.inFlight;
  }

  async #disconnect(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#watch?.close();
    await this.#sessions.close();
    await connection?.peer.close();
  }

  #remember(connection: Connection): void {
    this.#options.memory.remember(this.spec, {
      lists: toRemembered(this.lists),
      opened: connection.peer.opened,
      ...(connection.verdict.sure ? { era: connection.verdict.era } : {}),
    });
  }

  #enter(state: UpstreamState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#sinceMs = Date.now();
    this.#options.log.info({ upstream: this.spec.name, state }, 'upstream');
    this.#options.onChange(this);
  }
}

/** What an error means for the operator. */
function problemOf(error: unknown, stderrTail: string | undefined): UpstreamProblem {
  const { code, remedy } = error as { code?: string; remedy?: string };
  return {
    code: typeof code === 'string' ? code : 'ERR_UPSTREAM_START',
    message: error instanceof Error ? error.message : String(error),
    ...(typeof remedy === 'string' ? { remedy } : {}),
    ...(stderrTail ? { stderrTail } : {}),
  };
}

/** The capabilities a server declared, or none. */
export function capabilitiesOf(upstream: Upstream): JsonObject {
  return upstream.opened?.capabilities ?? {};
}
