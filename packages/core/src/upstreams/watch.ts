import { isObject } from '@sekisho/protocol';
import type { JsonObject } from '@sekisho/protocol';
import type { Log } from '../ports.ts';
import { parseObject } from '../wire.ts';
import { OpenError } from './failure.ts';
import { TASKS } from '../relayable.ts';
import { ownParams } from './outgoing.ts';
import type { CallerFacts } from './outgoing.ts';
import type { Peer } from './peer.ts';

export interface WatchOptions {
  readonly facts: CallerFacts;
  readonly log: Log;
  /** A notification about lists or resources came. */
  onNotification(method: string, text: string): void;
  /** The line of news was broken and is up again: something may have been missed, also about these resources. */
  onGap(uris: Iterable<string>): void;
}

const LONGEST_RETRY_MS = 60_000;
/** How long a modern server may take to say what it honours, milliseconds; what comes later is taken for granted. */
const ACKNOWLEDGE_MS = 5_000;

/** What clients want news of, with the number of clients for each: resources by URI, tasks by the server's own id. */
export interface Wanted {
  readonly uris: ReadonlyMap<string, number>;
  readonly tasks: ReadonlyMap<string, number>;
}
export const NOTHING: Wanted = { uris: new Map(), tasks: new Map() };

/** What a server said that it honours of a listen; undefined where it said nothing in time. */
type Honoured = JsonObject | undefined;

/**
 * What the gateway wants to hear from one server: changes of its lists, of the resources and of the tasks that clients
 * subscribed to. One subscription of the gateway's own serves all clients; URIs and tasks are counted. A modern server has one
 * `subscriptions/listen` whose filter cannot be changed, so the new one is opened before the old one is closed.
 */
export class Watch {
  readonly #peer: Peer;
  readonly #options: WatchOptions;
  readonly #uris = new Map<string, number>();
  readonly #tasks = new Map<string, number>();
  #stop: (() => void) | undefined;
  #renewing: Promise<Honoured> | undefined;
  #closed = false;
  #retryMs = 500;

  constructor(peer: Peer, options: WatchOptions, wanted: Wanted = NOTHING) {
    this.#peer = peer;
    this.#options = options;
    for (const [uri, clients] of wanted.uris) this.#uris.set(uri, clients);
    for (const [task, clients] of wanted.tasks) this.#tasks.set(task, clients);
  }

  /** What is wanted now. */
  get wanted(): Wanted {
    return { uris: this.#uris, tasks: this.#tasks };
  }

  /** Begins to listen; subscribes anew to every wanted resource. */
  async open(): Promise<void> {
    if (this.#peer.opened.era === 'modern') return void this.#listen(false);
    await Promise.all([...this.#uris.keys()].map((uri) => this.#askLegacy('resources/subscribe', uri)));
  }

  /** One more client wants news of `uri`. Resolves when the server has agreed; a refusal rejects. */
  async add(uri: string): Promise<void> {
    const isFirst = count(this.#uris, uri, 1) === 1;
    try {
      if (this.#peer.opened.era === 'modern') {
        const honoured = await (isFirst ? this.#renew() : this.#renewing);
        if (honoured && !names(honoured['resourceSubscriptions'], uri))
          throw new OpenError('ERR_UPSTREAM_REFUSED', 'the server does not tell of this resource');
      } else if (isFirst) await this.#peer.ask('resources/subscribe', { uri });
    } catch (error) {
      this.remove(uri);
      throw error;
    }
  }

  /** One client less wants news of `uri`. */
  remove(uri: string): void {
    if (count(this.#uris, uri, -1) !== 0 || this.#closed) return;
    if (this.#peer.opened.era === 'modern') void this.#renew();
    else void this.#askLegacy('resources/unsubscribe', uri);
  }

  /** One more client wants news of a task (2026-07-28 only). Resolves when the server has agreed; a refusal rejects. */
  async addTask(task: string): Promise<void> {
    const isFirst = count(this.#tasks, task, 1) === 1;
    const honoured = await (isFirst ? this.#renew() : this.#renewing);
    if (!honoured || names(honoured['taskIds'], task)) return;
    this.removeTask(task);
    throw new OpenError('ERR_UPSTREAM_REFUSED', 'the server does not tell of this task');
  }

  removeTask(task: string): void {
    if (count(this.#tasks, task, -1) === 0 && !this.#closed) void this.#renew();
  }

  close(): void {
    this.#closed = true;
    this.#stop?.();
  }

  async #askLegacy(method: string, uri: string): Promise<void> {
    try {
      await this.#peer.ask(method, { uri });
    } catch (error) {
      this.#options.log.warn({ method, error: String(error) }, 'the server did not take a subscription');
    }
  }

  /** Several changes of one turn make one new listen. */
  #renew(): Promise<Honoured> {
    if (this.#closed) return Promise.resolve(undefined);
    this.#renewing ??= Promise.resolve().then(() => {
      this.#renewing = undefined;
      return this.#closed ? undefined : this.#listen(false);
    });
    return this.#renewing;
  }

  /** @param gap news may have been missed before it */
  #listen(gap: boolean): Promise<Honoured> {
    const old = this.#stop;
    const filter = this.#filter();
    if (!filter) {
      old?.();
      this.#stop = undefined;
      return Promise.resolve({});
    }
    const said = Promise.withResolvers<Honoured>();
    const late = setTimeout(() => said.resolve(undefined), ACKNOWLEDGE_MS).unref();
    let current = true;
    const again = () => {
      said.resolve(undefined);
      if (!current || this.#closed) return;
      // Also what replaced another: until it is up again nobody else listens.
      const timer = setTimeout(() => void this.#listen(true), this.#retryMs).unref();
      this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
      this.#stop = () => {
        old?.();
        clearTimeout(timer);
      };
    };
    const facts = filter['taskIds'] === undefined ? this.#options.facts : withTasks(this.#options.facts);
    const cancel = this.#peer.call(
      {
        own: true,
        method: 'subscriptions/listen',
        source: ownParams({ notifications: filter }),
        changes: {},
        caller: facts,
        progressToken: undefined,
        name: undefined,
      },
      {
        answer: again,
        fail: again,
        notify: (method, text) => {
          if (method !== 'notifications/subscriptions/acknowledged') return this.#options.onNotification(method, text);
          clearTimeout(late);
          this.#retryMs = 500;
          old?.();
          said.resolve(honouredIn(text));
          // Only now: what changes from here on is heard.
          if (gap) this.#options.onGap(this.#uris.keys());
        },
      },
    );
    if (!current) return said.promise;
    this.#stop = () => {
      current = false;
      clearTimeout(late);
      said.resolve(undefined);
      old?.();
      cancel();
    };
    return said.promise;
  }

  #filter(): Record<string, unknown> | undefined {
    const { capabilities } = this.#peer.opened;
    const can = (key: string, what: string) => {
      const part = capabilities[key];
      return isObject(part) && part[what] === true;
    };
    const filter: Record<string, unknown> = {};
    if (can('tools', 'listChanged')) filter['toolsListChanged'] = true;
    if (can('prompts', 'listChanged')) filter['promptsListChanged'] = true;
    if (can('resources', 'listChanged')) filter['resourcesListChanged'] = true;
    if (this.#uris.size > 0 && can('resources', 'subscribe')) filter['resourceSubscriptions'] = [...this.#uris.keys()];
    if (this.#tasks.size > 0) filter['taskIds'] = [...this.#tasks.keys()];
    return Object.keys(filter).length > 0 ? filter : undefined;
  }
}

/** Changes how many want something. @returns how many do now */
function count(wanted: Map<string, number>, key: string, by: 1 | -1): number {
  const before = wanted.get(key) ?? 0;
  // One more may be taken off than was put on: the last one has gone already.
  if (before === 0 && by < 0) return -1;
  const now = before + by;
  if (now > 0) wanted.set(key, now);
  else wanted.delete(key);
  return now;
}

function names(list: unknown, one: string): boolean {
  return Array.isArray(list) && list.includes(one);
}

function withTasks(facts: CallerFacts): CallerFacts {
  return { ...facts, capabilities: { ...facts.capabilities, extensions: { [TASKS]: {} } } };
}

function honouredIn(text: string): JsonObject {
  const params = parseObject(text)['params'];
  const honoured = isObject(params) ? params['notifications'] : undefined;
  return isObject(honoured) ? honoured : {};
}

/** The URI of a `notifications/resources/updated`. */
export function updatedUri(text: string): string | undefined {
  const params = parseObject(text)['params'];
  const uri = isObject(params) ? params['uri'] : undefined;
  return typeof uri === 'string' ? uri : undefined;
}
