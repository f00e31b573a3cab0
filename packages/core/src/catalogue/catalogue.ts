import { ownUri } from '../names.ts';
import type { Naming } from '../names.ts';
import type { RefusedItem } from '../upstreams/spec.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { publicKey } from './item.ts';
import type { Item, ItemKind } from './item.ts';
import { compileTemplate } from './template.ts';
import type { Template } from './template.ts';
import { KINDS } from '../upstreams/items.ts';

/** What one endpoint serves, at one moment. Immutable: a change makes a new one, so what is prepared from it never goes stale. */
export interface View {
  readonly naming: Naming;
  readonly upstreams: readonly Upstream[];
  /** Things by their public name or URI, in the order of the configuration and of each server's own list. */
  readonly items: Readonly<Record<ItemKind, ReadonlyMap<string, Item>>>;
  readonly templates: readonly Template[];
  /** Prepared answers, kept as long as the view. */
  readonly prepared: Map<string, unknown>;
  /** What is left of it for principals who may not know of every server: by principal, and by the set of servers. */
  readonly sights: WeakMap<object, View>;
  readonly narrowed: Map<string, View>;
}

/** A thing a client named, and where it lives. */
export interface Located {
  readonly upstream: Upstream;
  /** Its own name or URI. */
  readonly own: string;
  /** Its list entry, where it is listed. */
  readonly item: Item | undefined;
}

type Holders = Map<string, string>;

/**
 * All things of all servers under names that each belong to exactly one of them. A name that is claimed twice stays with
 * the server that held it first, at the start with the one that stands first in the configuration; the other is refused it
 * and says so in its status. Nobody ever takes a name over from another.
 */
export class Catalogue {
  #holders: Record<ItemKind, Holders> = {
    tool: new Map(),
    prompt: new Map(),
    resource: new Map(),
    template: new Map(),
  };

  /** Builds the merged view and records with each upstream which names it was refused. */
  merge(upstreams: readonly Upstream[], naming: Naming): View {
    const collisions = new Map<Upstream, RefusedItem[]>(upstreams.map((upstream) => [upstream, []]));
    const items = emptyItems();
    for (const kind of KINDS) {
      const holders: Holders = new Map();
      const earlier = this.#holders[kind];
      const here = new Set(upstreams.map((upstream) => upstream.spec.name));
      for (const upstream of upstreams) {
        const server = upstream.spec.name;
        for (const item of upstream.lists[kind].items) {
          const key = publicKey(item, naming);
          const holder = holders.get(key) ?? heldBy(earlier.get(key), here, upstreams, kind, key, naming) ?? server;
          holders.set(key, holder);
          if (holder === server && !items[kind].has(key)) items[kind].set(key, item);
          else
            collisions.get(upstream)!.push({
              kind,
              name: item.own,
              reason: `"${key}" already belongs to the server "${holder}"; rename one, or use the naming mode "prefix"`,
            });
        }
      }
      this.#holders[kind] = holders;
    }
    for (const [upstream, refused] of collisions) upstream.collisions = refused;
    return viewOf(upstreams, naming, items);
  }

  /** One server under its own names. */
  single(upstream: Upstream): View {
    const items = emptyItems();
    for (const kind of KINDS) for (const item of upstream.lists[kind].items) items[kind].set(item.own, item);
    return viewOf([upstream], 'none', items);
  }
}

type Items = Record<ItemKind, Map<string, Item>>;

function emptyItems(): Items {
  return { tool: new Map(), prompt: new Map(), resource: new Map(), template: new Map() };
}

/** The server that held a name before, if it is still there and still claims it. */
function heldBy(
  earlier: string | undefined,
  here: ReadonlySet<string>,
  upstreams: readonly Upstream[],
  kind: ItemKind,
  key: string,
  naming: Naming,
): string | undefined {
  if (earlier === undefined || !here.has(earlier)) return undefined;
  const upstream = upstreams.find((one) => one.spec.name === earlier);
  return upstream?.lists[kind].items.some((item) => publicKey(item, naming) === key) ? earlier : undefined;
}

/** The view of servers and their things. */
export function viewOf(upstreams: readonly Upstream[], naming: Naming, items: View['items']): View {
  const templates = naming === 'none' ? [...items.template.values()].map(compileTemplate) : [];
  return { naming, upstreams, items, templates, prepared: new Map(), sights: new WeakMap(), narrowed: new Map() };
}

/** The tool or prompt of that very name. */
export function findNamed(view: View, kind: 'tool' | 'prompt', name: string): Located | undefined {
  const item = view.items[kind].get(name);
  return item && locate(view, item.server, item.own, item);
}

/** The server behind a URI: listed, made from a template, or (with prefixed names) named by the URI itself. */
export function findResource(view: View, uri: string): Located | undefined {
  const item = view.items.resource.get(uri) ?? view.items.template.get(uri);
  if (item) return locate(view, item.server, item.own, item.kind === 'resource' ? item : undefined);
  if (view.naming === 'prefix') {
    const own = ownUri(uri);
    return own && locate(view, own.server, own.uri, undefined);
  }
  const template = view.templates.find((one) => one.matches(uri));
  if (template) return locate(view, template.item.server, uri, undefined);
  const holders = view.upstreams.filter((upstream) => upstream.opened?.capabilities['resources'] !== undefined);
  return holders.length === 1 ? { upstream: holders[0]!, own: uri, item: undefined } : undefined;
}

/** The server whose prefix a name bears though it lists no such thing: it may not be up. */
export function ownerOf(view: View, name: string): Upstream | undefined {
  if (view.upstreams.length === 1) return view.upstreams[0];
  if (view.naming === 'none') return undefined;
  return view.upstreams.find((upstream) => name.startsWith(`${upstream.spec.name}__`));
}

function locate(view: View, server: string, own: string, item: Item | undefined): Located | undefined {
  const upstream = view.upstreams.find((one) => one.spec.name === server);
  return upstream && { upstream, own, item };
}
