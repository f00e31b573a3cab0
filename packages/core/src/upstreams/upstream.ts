import type { LogLevel } from '@sekisho/protocol';
import type { ItemKind } from '../catalogue/item.ts';
import { createBackoff } from './backoff.ts';
import { comeUp } from './come-up.ts';
import type { Conversation } from './conversation.ts';
import { Deadlines } from './deadlines.ts';
import { OpenError, failure } from './failure.ts';
import type { UpstreamFailure } from './failure.ts';
import { toRemembered } from './items.ts';
import type { ItemLists } from './items.ts';
import { Habits } from './habits.ts';
import { IdleStop } from './idle-stop.ts';
import { ListKeeper } from './list-keeper.ts';
import type { Outgoing } from './outgoing.ts';
import type { CallHandler, Opened } from './peer.ts';
import { problemOf, problemOfLoss, statusOf } from './upstream-status.ts';
import type { Affinity } from './sessions.ts';
import type { RefusedItem, UpstreamProblem, UpstreamSpec, UpstreamState, UpstreamStatus } from './spec.ts';
import type { UpstreamOptions } from './upstream-options.ts';
import { NOTHING } from './watch.ts';
import type { Wanted } from './watch.ts';

/** One configured server over its whole life: started, watched, restarted, stopped when idle and started on demand. */
export class Upstream {
  readonly spec: UpstreamSpec;
  /** Names that the catalogue refused; set by it. */
  collisions: readonly RefusedItem[] = [];
  readonly #options: UpstreamOptions;
  readonly #deadlines: Deadlines;
  readonly #backoff;
  readonly #keeper: ListKeeper;
  readonly #habits = new Habits();
  readonly #idle: IdleStop;
  #state: UpstreamState;
  #sinceMs: number;
  #conversation: Conversation | undefined;
  #opened: Opened | undefined;
  #opening: Promise<void> | undefined;
  #abort: AbortController | undefined;
  #retry: NodeJS.Timeout | undefined;
  #problem: UpstreamProblem | undefined;
  #restarts = -1;
  /** What clients want news of, kept while the server is down. */
  #wanted: Wanted;
  #closed = false;

  /** @param wanted what clients want news of from before, of a server that this one replaces */
  constructor(spec: UpstreamSpec, options: UpstreamOptions, wanted: Wanted = NOTHING) {
    this.#wanted = wanted;
    this.spec = spec;
    this.#options = options;
    this.#deadlines = new Deadlines(options.now);
    this.#backoff = createBackoff({ now: options.now, random: options.random });
    this.#idle = new IdleStop({
      idleMs: spec.kind === 'stdio' ? (spec.timeouts?.idleMs ?? 0) : 0,
      now: options.now,
      conversation: () => (this.#state === 'ready' ? this.#conversation : undefined),
      stop: () => void this.#sleep(),
    });
    this.#state = spec.enabled === false ? 'disabled' : 'stopped';
    this.#sinceMs = Date.now();
    const remembered = options.memory.recall(spec);
    this.#keeper = new ListKeeper(
      {
        spec,
        now: options.now,
        log: options.log,
        peer: () => (this.#state === 'ready' ? this.#conversation?.peer : undefined),
        onChange: () => {
          if (this.#closed) return;
          this.#remember();
          options.onChange(this);
        },
      },
      spec.enabled === false ? undefined : remembered,
    );
    if (remembered) this.#opened = remembered.opened;
  }

  /** Its lists as they were last read, or are remembered. */
  get lists(): ItemLists {
    return this.#keeper.lists;
  }

  /** What clients want news of. */
  get wanted(): Wanted {
    return this.#conversation?.wanted ?? this.#wanted;
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
    const conversation = this.#conversation;
    if (this.#state === 'ready' && conversation) return conversation.send(out, handler, affinity);
    const down = (why: string) =>
      handler.fail(failure('ERR_UPSTREAM_UNAVAILABLE', this.#problem?.message ?? why, false));
    if (this.#state !== 'starting' && this.#state !== 'idle' && this.#state !== 'stopped') {
      down(`the server is ${this.#state}`);
      return () => undefined;
    }
    let cancel: (() => void) | undefined;
    let cancelled = false;
    void this.start().then(() => {
      if (cancelled) return;
      if (this.#state !== 'ready' || !this.#conversation) down('the server did not come up');
      else cancel = this.#conversation.send(out, handler, affinity);
    });
    return () => {
      cancelled = true;
      cancel?.();
    };
  }

  /** Reads lists again that may have changed without a word. Returns at once. */
  refreshIfStale(): void {
    this.#keeper.refreshIfStale();
  }

  /** Reads one list again. Resolves when it is read, or cannot be; never rejects. */
  refresh(kind: ItemKind): Promise<void> {
    return this.#keeper.refresh(kind);
  }

  /** What exists while it is up. */
  get conversation(): Conversation | undefined {
    return this.#conversation;
  }

  /** The same, started where it is not up. Rejects where it does not come up. */
  async up(): Promise<Conversation> {
    if (this.#state !== 'ready') await this.start();
    if (!this.#conversation) throw new OpenError('ERR_UPSTREAM_UNAVAILABLE', 'the server is not up');
    return this.#conversation;
  }

  /** Makes the server say at least this much in its log. @returns undefined where nothing had to be asked */
  wantLogLevel(level: LogLevel): Promise<void> | undefined {
    return this.#conversation?.wantLogLevel(level);
  }

  /** Sends a notification on the conversation that belongs to `affinity`, if there is one. */
  notify(method: string, params: string | undefined, affinity: Affinity): void {
    this.#conversation?.notify(method, params, affinity);
  }

  /** Ends the conversations kept for one client. */
  dropAffinity(key: string): void {
    this.#conversation?.dropAffinity(key);
  }

  /** An answer was not one of the era the server was opened in: if it has changed sides, it is opened anew. */
  doubtEra(): void {
    this.#conversation?.doubtEra();
  }

  /** Taken out of service: what is in flight may finish, then it closes. */
  async retire(): Promise<void> {
    await this.#conversation?.drain();
    await this.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#idle.close();
    this.#keeper.close();
    this.#abort?.abort(new OpenError('ERR_UPSTREAM_CLOSED', 'closed by the gateway'));
    await this.#opening;
    await this.#disconnect();
    this.#deadlines.close();
    this.#enter('stopped');
  }

  status(): UpstreamStatus {
    return statusOf({
      spec: this.spec,
      lists: this.lists,
      opened: this.#opened,
      collisions: this.collisions,
      state: this.#state,
      problem: this.#problem ?? this.#keeper.problem,
      pid: this.#conversation?.connection.pid,
      sinceMs: this.#sinceMs,
      restarts: Math.max(0, this.#restarts),
    });
  }

  async #open(): Promise<void> {
    this.#enter('starting');
    this.#restarts++;
    const abort = new AbortController();
    this.#abort = abort;
    try {
      this.#conversation = await comeUp(this.spec, {
        ...this.#options,
        deadlines: this.#deadlines,
        keeper: this.#keeper,
        habits: this.#habits,
        wanted: this.#wanted,
        abort,
        onLost: (reason) => void this.#lost(reason),
        onReopened: () => void this.#reopened(),
        onResourceUpdated: (uri) => this.#options.onResourceUpdated(this, uri),
        onTask: (text) => this.#options.onTask(this, text),
      });
      this.#opened = this.#conversation.peer.opened;
      this.#problem = undefined;
      this.#backoff.opened();
      this.#remember();
      this.#enter('ready');
      // While it was away its resources may have changed, and nobody was told.
      for (const uri of this.#wanted.uris.keys()) this.#options.onResourceUpdated(this, uri);
      this.#idle.arm();
    } catch (error) {
      this.#failed(error);
    }
  }

  async #reopened(): Promise<void> {
    if (this.#state !== 'ready' || !this.#conversation) return;
    this.#opened = this.#conversation.peer.opened;
    await this.#conversation.reopened();
  }

  async #lost(reason: UpstreamFailure): Promise<void> {
    if (this.#closed || this.#state !== 'ready') return;
    this.#problem = problemOfLoss(reason, this.#conversation?.connection);
    await this.#disconnect();
    this.#tryLater();
  }

  #failed(error: unknown): void {
    if (this.#closed) return;
    this.#problem = problemOf(error, (error as { stderrTail?: string }).stderrTail);
    if ((error as { permanent?: boolean }).permanent) this.#enter('failed');
    else this.#tryLater();
  }

  #tryLater(): void {
    const waitMs = Math.max(this.#backoff.failed(), 20);
    const { name } = this.spec;
    this.#enter('backoff');
    this.#options.log.warn(
      { upstream: name, code: this.#problem?.code, waitMs: Math.round(waitMs) },
      'upstream is down',
    );
    this.#retry = setTimeout(() => void this.start(), waitMs).unref();
  }

  #sleep(): Promise<void> {
    this.#enter('idle');
    return this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    const conversation = this.#conversation;
    if (!conversation) return;
    this.#conversation = undefined;
    this.#wanted = conversation.wanted;
    await conversation.close();
  }

  #remember(): void {
    const connection = this.#conversation?.connection;
    if (!connection) return;
    const { opened } = connection.peer;
    const { sure, era } = connection.verdict;
    this.#options.memory.remember(this.spec, { lists: toRemembered(this.lists), opened, ...(sure ? { era } : {}) });
  }

  #enter(state: UpstreamState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#sinceMs = Date.now();
    this.#options.log.info({ upstream: this.spec.name, state }, 'upstream');
    this.#options.onChange(this);
  }
}
