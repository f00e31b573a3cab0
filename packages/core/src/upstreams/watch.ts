import { isObject } from '@sekisho/protocol';
import type { Log } from '../ports.ts';
import { parseObject } from '../wire.ts';
import { ownParams } from './outgoing.ts';
import type { CallerFacts } from './outgoing.ts';
import type { Peer } from './peer.ts';

export interface WatchOptions {
  readonly facts: CallerFacts;
  readonly log: Log;
  /** A notification about lists or resources came. */
  onNotification(method: string, text: string): void;
  /** The line of news was broken and is up again: something may have been missed. */
  onGap(): void;
}

const LONGEST_RETRY_MS = 60_000;

/**
 * What the gateway wants to hear from one server: changes of its lists, and of the resources that clients subscribed to.
 * One subscription of the gateway's own serves all clients; URIs are counted. A modern server has one `subscriptions/listen`
 * whose filter cannot be changed, so the new one is opened before the old one is closed.
 */
export class Watch {
  readonly #peer: Peer;
  readonly #options: WatchOptions;
  readonly #uris = new Map<string, number>();
  #stop: (() => void) | undefined;
  #renewing = false;
  #closed = false;
  #retryMs = 500;

  constructor(peer: Peer, options: WatchOptions, uris: Iterable<[string, number]> = []) {
    this.#peer = peer;
    this.#options = options;
    for (const [uri, count] of uris) this.#uris.set(uri, count);
  }

  /** The URIs that are wanted, with the number of clients for each. */
  get uris(): ReadonlyMap<string, number> {
    return this.#uris;
  }

  /** Begins to listen; subscribes anew to every wanted resource. */
  async open(): Promise<void> {
    if (this.#peer.opened.era === 'modern') return this.#listen();
    await Promise.all([...this.#uris.keys()].map((uri) => this.#askLegacy('resources/subscribe', uri)));
  }

  /** One more client wants news of `uri`. Resolves when the server was asked; a refusal rejects. */
  async add(uri: string): Promise<void> {
    const count = this.#uris.get(uri) ?? 0;
    this.#uris.set(uri, count + 1);
    if (count > 0) return;
    try {
      if (this.#peer.opened.era === 'modern') this.#renew();
      else await this.#peer.ask('resources/subscribe', { uri });
    } catch (error) {
      this.remove(uri);
      throw error;
    }
  }

  /** One client less wants news of `uri`. */
  remove(uri: string): void {
    const count = this.#uris.get(uri) ?? 0;
    if (count > 1) {
      this.#uris.set(uri, count - 1);
      return;
    }
    if (!this.#uris.delete(uri) || this.#closed) return;
    if (this.#peer.opened.era === 'modern') this.#renew();
    else void this.#askLegacy('resources/unsubscribe', uri);
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

  #renew(): void {
    if (this.#renewing || this.#closed) return;
    // Several changes of one turn make one new listen.
    this.#renewing = true;
    queueMicrotask(() => {
      this.#renewing = false;
      if (!this.#closed) this.#listen();
    });
  }

  #listen(): void {
    const old = this.#stop;
    const filter = this.#filter();
    if (!filter) {
      old?.();
      this.#stop = undefined;
      return;
    }
    let current = true;
    const again = () => {
      if (!current || this.#closed) return;
      const timer = setTimeout(() => {
        this.#listen();
        this.#options.onGap();
      }, this.#retryMs).unref();
      this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
      this.#stop = () => clearTimeout(timer);
    };
    const cancel = this.#peer.call(
      {
        own: true,
        method: 'subscriptions/listen',
        source: ownParams({ notifications: filter }),
        changes: {},
        caller: this.#options.facts,
        progressToken: undefined,
        name: undefined,
      },
      {
        answer: again,
        fail: again,
        notify: (method, text) => {
          if (method !== 'notifications/subscriptions/acknowledged') return this.#options.onNotification(method, text);
          this.#retryMs = 500;
          old?.();
        },
      },
    );
    this.#stop = () => {
      current = false;
      old?.();
      cancel();
    };
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
    return Object.keys(filter).length > 0 ? filter : undefined;
  }
}

/** The URI of a `notifications/resources/updated`. */
export function updatedUri(text: string): string | undefined {
  const params = parseObject(text)['params'];
  const uri = isObject(params) ? params['uri'] : undefined;
  return typeof uri === 'string' ? uri : undefined;
}
