import type { Catalogue } from './catalogue/catalogue.ts';
import type { Session } from './client/session.ts';
import type { Subscribers } from './client/subscribers.ts';
import { Endpoint } from './endpoint.ts';
import { publicKey } from './catalogue/item.ts';
import type { ItemKind } from './catalogue/item.ts';
import type { Naming } from './names.ts';
import { publicUri } from './names.ts';
import { KINDS } from './upstreams/items.ts';
import type { UpstreamSpec, UpstreamStatus } from './upstreams/spec.ts';
import { Upstream } from './upstreams/upstream.ts';
import type { UpstreamOptions } from './upstreams/upstream-options.ts';
import type { Wanted } from './upstreams/watch.ts';
import { findResource } from './catalogue/catalogue.ts';

/** What a reload did. */
export interface ReloadReport {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly kept: readonly string[];
}

/** A tool, prompt, resource or template that a server offers. */
export interface Thing {
  /** The configured name of the server. */
  readonly server: string;
  readonly kind: ItemKind;
  /** Its own name, URI or URI template. */
  readonly name: string;
  /** The same as clients of the merged endpoint know it. */
  readonly publicName: string;
  /** Its entry in the server's list: raw JSON, a binary string (one character for each byte of UTF-8). */
  readonly definition: string;
}

export interface FleetOptions {
  readonly catalogue: Catalogue;
  readonly naming: Naming;
  readonly upstream: Omit<UpstreamOptions, 'onChange' | 'onResourceUpdated' | 'onTask'>;
  readonly subscribers: Subscribers;
  onChange(): void;
}

const TELL_AFTER_MS = 20;

/** All servers of a gateway and the endpoints that show them. */
export class Fleet {
  readonly merged: Endpoint;
  readonly #options: FleetOptions;
  #upstreams: readonly Upstream[] = [];
  readonly #singles = new Map<string, Endpoint>();
  #version = 0;
  #telling: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.merged = Endpoint.merged(
      options.catalogue,
      () => this.#upstreams.filter((one) => one.state !== 'disabled'),
      options.naming,
    );
  }

  get version(): number {
    return this.#version;
  }

  /** The endpoint of an exact path: no other spelling, letter case or ending is the same. */
  endpointAt(requested: string, path: string): Endpoint | undefined {
    if (requested === path) return this.merged;
    if (!requested.startsWith(`${path}/`)) return undefined;
    return this.#singles.get(requested.slice(path.length + 1));
  }

  async put(specs: readonly UpstreamSpec[]): Promise<ReloadReport> {
    const old = new Map(this.#upstreams.map((upstream) => [upstream.spec.name, upstream]));
    const report = { added: [] as string[], removed: [] as string[], changed: [] as string[], kept: [] as string[] };
    const ending: Upstream[] = [];
    this.#upstreams = specs.map((spec) => {
      const existing = old.get(spec.name);
      old.delete(spec.name);
      if (existing && JSON.stringify(existing.spec) === JSON.stringify(spec)) {
        report.kept.push(spec.name);
        return existing;
      }
      if (existing) ending.push(existing);
      (existing ? report.changed : report.added).push(spec.name);
      return this.#make(spec, existing?.wanted);
    });
    for (const [name, upstream] of old) {
      report.removed.push(name);
      ending.push(upstream);
      this.#singles.delete(pathOf(name));
    }
    this.#changed();
    const isNew = new Set([...report.added, ...report.changed]);
    for (const upstream of this.#upstreams) if (isNew.has(upstream.spec.name)) void upstream.start();
    await Promise.all(ending.map((upstream) => upstream.retire()));
    return report;
  }

  async ready(): Promise<void> {
    await Promise.all(this.#upstreams.map((upstream) => upstream.start()));
  }

  status(): UpstreamStatus[] {
    // Collisions are found where names are merged.
    void this.merged.view;
    return this.#upstreams.map((upstream) => upstream.status());
  }

  /** Everything that clients may come to see, by server and in the servers' own order. */
  things(): Thing[] {
    const { naming } = this.#options;
    return this.#upstreams.flatMap(({ spec, lists }) =>
      KINDS.flatMap((kind) =>
        lists[kind].items.map((item) => ({
          server: spec.name,
          kind,
          name: item.own,
          publicName: publicKey(item, naming),
          definition: item.text,
        })),
      ),
    );
  }

  /** A client's session has ended: what was kept or subscribed for it ends too. */
  forget(session: Session): void {
    const { key } = session.affinity;
    for (const uri of session.uris) {
      const found = findResource(session.view, uri);
      found?.upstream.conversation?.unsubscribe(found.own);
    }
    if (session.canBeAsked) for (const upstream of this.#upstreams) upstream.dropAffinity(key);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#telling);
    await Promise.all(this.#upstreams.map((upstream) => upstream.close()));
  }

  #make(spec: UpstreamSpec, wanted: Wanted | undefined): Upstream {
    const options: UpstreamOptions = {
      ...this.#options.upstream,
      onChange: () => this.#changed(),
      onResourceUpdated: (from, uri) => this.#updated(from, uri),
      onTask: (from, text) => this.#options.subscribers.task(from.spec.name, text),
    };
    // Who listens to a server that is replaced goes on listening to the one in its place.
    const upstream = new Upstream(spec, options, wanted);
    // The endpoint outlives a change of the server behind it, so sessions on it go on.
    const path = pathOf(spec.name);
    if (!this.#singles.has(path)) {
      const current = () => this.#upstreams.find((one) => one.spec.name === spec.name) ?? upstream;
      this.#singles.set(path, Endpoint.single(this.#options.catalogue, current, spec.name));
    }
    return upstream;
  }

  /** What was prepared for those who ask is of no use any more: other rules decide what they see. */
  forgetViews(): void {
    this.merged.invalidate();
    for (const endpoint of this.#singles.values()) endpoint.invalidate();
  }

  #changed(): void {
    if (this.#closed) return;
    this.#version++;
    this.forgetViews();
    // Servers that come up together make one round of news.
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      for (const endpoint of [this.merged, ...this.#singles.values()])
        this.#options.subscribers.listChanged(endpoint, endpoint.takeChanges());
    }, TELL_AFTER_MS).unref();
    this.#options.onChange();
  }

  #updated(upstream: Upstream, uri: string): void {
    const { subscribers, naming } = this.#options;
    const server = upstream.spec.name;
    subscribers.updated(this.merged, publicUri(server, uri, naming), { server, own: uri });
    const single = this.#singles.get(pathOf(server));
    if (single) subscribers.updated(single, uri, { server, own: uri });
  }
}

/** The last part of a server's path. */
function pathOf(name: string): string {
  return encodeURIComponent(name);
}
