import { isObject } from '@sekisho/protocol';
import type { JsonObject } from '@sekisho/protocol';
import type { Catalogue, View } from './catalogue/catalogue.ts';
import type { Item, ItemKind } from './catalogue/item.ts';
import type { Naming } from './names.ts';
import { cleanListed } from './outbound.ts';
import type { Filter } from './ports.ts';
import { asciiJson } from './wire.ts';
import { CARRIED_EXTENSIONS, TASKS } from './relayable.ts';
import { KINDS } from './upstreams/items.ts';
import type { Upstream } from './upstreams/upstream.ts';

/** One URL of the gateway: all servers together, or one of them under its own names. */
export class Endpoint {
  /** The server's name; undefined for the merged endpoint. */
  readonly server: string | undefined;
  readonly #build: () => View;
  #view: View | undefined;
  #told: View | undefined;

  constructor(server: string | undefined, build: () => View) {
    this.server = server;
    this.#build = build;
  }

  static merged(catalogue: Catalogue, upstreams: () => readonly Upstream[], naming: Naming): Endpoint {
    return new Endpoint(undefined, () => catalogue.merge(upstreams(), naming));
  }

  static single(catalogue: Catalogue, upstream: () => Upstream, server: string): Endpoint {
    return new Endpoint(server, () => catalogue.single(upstream()));
  }

  get view(): View {
    return (this.#view ??= this.#build());
  }

  /** Something changed behind it: the next look builds anew. */
  invalidate(): void {
    this.#view = undefined;
  }

  /** By kind: the items that differ from what clients were last told of, as they were and as they are. */
  takeChanges(): Changes {
    const old = this.#told;
    const view = this.view;
    this.#told = view;
    const changes = new Map<ItemKind, Item[]>();
    if (!old || old === view) return changes;
    for (const kind of KINDS) {
      const items = differing(old.items[kind], view.items[kind]);
      if (items.length > 0) changes.set(kind, items);
    }
    return changes;
  }
}

/** What has changed, so that it can be told to those who see it and to nobody else. */
export type Changes = ReadonlyMap<ItemKind, readonly Item[]>;

function differing(a: View['items'][ItemKind], b: View['items'][ItemKind]): Item[] {
  const items: Item[] = [];
  for (const [key, item] of a) if (b.get(key)?.text !== item.text) items.push(item);
  for (const [key, item] of b) if (a.get(key)?.text !== item.text) items.push(item);
  return items;
}

/**
 * What an endpoint can do: the union of what its servers can. Lists are always there, since a server may still come up; what
 * the gateway does not carry (tasks, unknown extensions) is left out rather than promised.
 */
export function capabilitiesOf(view: View): JsonObject {
  const known = view.prepared.get('capabilities') as JsonObject | undefined;
  if (known) return known;
  const capabilities = mergeCapabilities(view);
  view.prepared.set('capabilities', capabilities);
  return capabilities;
}

function mergeCapabilities(view: View): JsonObject {
  const all = view.upstreams.map((upstream) => upstream.opened?.capabilities ?? {});
  const unknown = view.upstreams.some((upstream) => !upstream.opened && upstream.state !== 'disabled');
  const some = (key: string) => all.some((capabilities) => Object.hasOwn(capabilities, key));
  const canSubscribe = all.some(
    (capabilities) => isObject(capabilities['resources']) && capabilities['resources']['subscribe'] === true,
  );
  const merged: Record<string, unknown> = {};
  for (const capabilities of all) {
    for (const [key, value] of Object.entries(capabilities)) {
      if (key === 'tasks' || key === 'extensions') continue;
      merged[key] = isObject(merged[key]) && isObject(value) ? { ...value, ...merged[key] } : (merged[key] ?? value);
    }
  }
  const carried = carriedExtensions(view);
  const single = view.upstreams.length === 1 && !unknown;
  if (!single || some('tools')) merged['tools'] = { ...(merged['tools'] as object), listChanged: true };
  if (!single || some('prompts')) merged['prompts'] = { ...(merged['prompts'] as object), listChanged: true };
  if (!single || some('resources'))
    merged['resources'] = {
      ...(merged['resources'] as object),
      listChanged: true,
      ...(canSubscribe || unknown ? { subscribe: true } : {}),
    };
  if (unknown) Object.assign(merged, { completions: merged['completions'] ?? {}, logging: merged['logging'] ?? {} });
  if (Object.keys(carried).length > 0) merged['extensions'] = carried;
  return merged;
}

/** Extensions that the servers have and the gateway carries. Tasks only of modern servers: the older ones are another protocol. */
function carriedExtensions(view: View): Record<string, unknown> {
  const carried: Record<string, unknown> = {};
  for (const { opened } of view.upstreams) {
    const extensions = opened?.capabilities['extensions'];
    if (!opened || !isObject(extensions)) continue;
    for (const [id, settings] of Object.entries(extensions))
      if (CARRIED_EXTENSIONS.has(id) && !(id === TASKS && opened.era === 'legacy')) carried[id] ??= settings;
  }
  return carried;
}

/** The servers' instructions, each under the name of the server that gave it. */
export function instructionsOf(view: View, filters: readonly Filter[]): string | undefined {
  const parts = view.upstreams.flatMap((upstream) => {
    const said = upstream.spec.instructions === false ? undefined : upstream.opened?.instructions;
    if (!said) return [];
    const about = { server: upstream.spec.name, kind: 'instructions' } as const;
    const text = filters.some((filter) => filter.listed !== undefined)
      ? (JSON.parse(cleanListed(filters, asciiJson(said), about)) as string)
      : said;
    return view.upstreams.length === 1 ? [text] : [`## Server "${upstream.spec.name}"\n\n${text}`];
  });
  return parts.length === 0 ? undefined : parts.join('\n\n');
}
