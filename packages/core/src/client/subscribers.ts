import type { ItemKind } from '../catalogue/item.ts';
import { targetOf } from '../catalogue/lists.ts';
import type { Changes, Endpoint } from '../endpoint.ts';
import { isRefusal } from '../ports.ts';
import type { Awaitable, Log, Ports, Principal } from '../ports.ts';
import { asciiJson } from '../wire.ts';

/** Somebody who wants to hear of changes at one endpoint: a legacy session, or a modern listen. */
export interface Subscriber {
  readonly endpoint: Endpoint;
  readonly principal: Principal;
  /** The client's network address. */
  readonly address: string | undefined;
  /** Public URIs it subscribed to. */
  readonly uris: ReadonlySet<string>;
  listChanged(kind: ItemKind): void;
  updated(uri: string): void;
  /** A task of `server` tells of itself. For those who can listen to tasks. */
  task?(server: string, text: string): void;
}

/** A resource that has changed, by the URI of its server. */
export interface Updated {
  readonly server: string;
  readonly own: string;
}

/** Everybody who wants to hear of changes. News go to those who asked for them and see what they are about, and to nobody else. */
export class Subscribers {
  readonly #all = new Set<Subscriber>();
  readonly #ports: Ports;
  readonly #log: Log;

  constructor(ports: Ports, log: Log) {
    this.#ports = ports;
    this.#log = log;
  }

  [Symbol.iterator](): IterableIterator<Subscriber> {
    return this.#all.values();
  }

  add(subscriber: Subscriber): void {
    this.#all.add(subscriber);
  }

  remove(subscriber: Subscriber): void {
    this.#all.delete(subscriber);
  }

  /** Tells of changed lists those who see one of the things that have changed. */
  listChanged(endpoint: Endpoint, changes: Changes): void {
    for (const subscriber of this.#all) {
      if (subscriber.endpoint !== endpoint) continue;
      const { principal, address } = subscriber;
      const told = new Set<ItemKind>();
      for (const [kind, items] of changes) {
        const known = items.filter(({ server }) => this.#ports.knows?.(principal, server) ?? true);
        if (known.length === 0) continue;
        this.#after(
          () => this.#ports.sees(principal, known.map(targetOf), address),
          (seen) => {
            // Templates have no notification of their own; they change with the resources.
            const news = kind === 'template' ? 'resource' : kind;
            if (!seen.includes(true) || told.has(news)) return;
            told.add(news);
            subscriber.listChanged(news);
          },
        );
      }
    }
  }

  /** @param uri in the endpoint's public form; it may name a part of the resource that was subscribed to */
  updated(endpoint: Endpoint, uri: string, { server, own }: Updated): void {
    for (const subscriber of this.#all) {
      if (subscriber.endpoint !== endpoint) continue;
      if (!subscriber.uris.has(uri) && ![...subscriber.uris].some((subscribed) => uri.startsWith(`${subscribed}/`)))
        continue;
      // What it may subscribe to is asked again for every piece of news: rules and rights change while streams are open.
      const target = { method: 'resources/subscribe', kind: 'subscription', server, name: own } as const;
      this.#after(
        () => this.#ports.decide(subscriber.principal, target, subscriber.address),
        (refusal) => {
          if (!isRefusal(refusal)) subscriber.updated(uri);
        },
      );
    }
  }

  /** Each of them knows which tasks it listens to. */
  task(server: string, text: string): void {
    for (const subscriber of this.#all) subscriber.task?.(server, text);
  }

  /** A question that fails is no permission: nobody is told, and it is on the log. */
  #after<T>(ask: () => Awaitable<T>, next: (answer: T) => void): void {
    const failed = (error: unknown) =>
      this.#log.error({ error: String(error) }, 'news were withheld: nobody could decide who sees them');
    try {
      const answer = ask();
      if (answer instanceof Promise) answer.then(next).catch(failed);
      else next(answer);
    } catch (error) {
      failed(error);
    }
  }
}

/** A notification of the gateway's own, as JSON on one line. */
export function notificationText(method: string, params?: object): string {
  return `{"jsonrpc":"2.0","method":"${method}"${params === undefined ? '' : `,"params":${asciiJson(params)}`}}`;
}
