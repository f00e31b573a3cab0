import type { ItemKind } from '../catalogue/item.ts';
import type { Endpoint } from '../endpoint.ts';
import { asciiJson } from '../wire.ts';

/** Somebody who wants to hear of changes at one endpoint: a legacy session, or a modern listen. */
export interface Subscriber {
  readonly endpoint: Endpoint;
  /** Public URIs it subscribed to. */
  readonly uris: ReadonlySet<string>;
  listChanged(kind: ItemKind): void;
  updated(uri: string): void;
}

/** Everybody who wants to hear of changes. News go to those who asked for them and to nobody else. */
export class Subscribers {
  readonly #all = new Set<Subscriber>();

  add(subscriber: Subscriber): void {
    this.#all.add(subscriber);
  }

  remove(subscriber: Subscriber): void {
    this.#all.delete(subscriber);
  }

  listChanged(endpoint: Endpoint, kinds: ReadonlySet<ItemKind>): void {
    // Templates have no notification of their own; they change with the resources.
    const told = new Set([...kinds].map((kind) => (kind === 'template' ? 'resource' : kind)));
    for (const subscriber of this.#all) {
      if (subscriber.endpoint === endpoint) for (const kind of told) subscriber.listChanged(kind);
    }
  }

  /** @param uri in the endpoint's public form; it may name a part of the resource that was subscribed to */
  updated(endpoint: Endpoint, uri: string): void {
    for (const subscriber of this.#all) {
      if (subscriber.endpoint !== endpoint) continue;
      if (subscriber.uris.has(uri) || [...subscriber.uris].some((subscribed) => uri.startsWith(`${subscribed}/`)))
        subscriber.updated(uri);
    }
  }
}

/** A notification of the gateway's own, as JSON on one line. */
export function notificationText(method: string, params?: object): string {
  return `{"jsonrpc":"2.0","method":"${method}"${params === undefined ? '' : `,"params":${asciiJson(params)}`}}`;
}
