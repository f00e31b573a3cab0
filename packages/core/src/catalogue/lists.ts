import type { Era } from '@sekisho/protocol';
import { cleanListed } from '../outbound.ts';
import type { Filter, Principal, Sees, Target } from '../ports.ts';
import { asciiJson } from '../wire.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import type { View } from './catalogue.ts';
import { forEra } from './item-era.ts';
import { publicText } from './item.ts';
import type { Item, ItemKind } from './item.ts';

/** How many entries one page of a list has. */
const PAGE = 1_000;

export const LIST_METHODS: Readonly<Record<string, { readonly kind: ItemKind; readonly member: string }>> = {
  'tools/list': { kind: 'tool', member: 'tools' },
  'prompts/list': { kind: 'prompt', member: 'prompts' },
  'resources/list': { kind: 'resource', member: 'resources' },
  'resources/templates/list': { kind: 'template', member: 'resourceTemplates' },
};

export interface ListOptions {
  readonly era: Era;
  readonly principal: Principal;
  readonly address: string | undefined;
  readonly sees: Sees;
  readonly filters: readonly Filter[];
  /** Principals of one key see the same. Undefined: what they see is asked each time. */
  readonly viewKey: string | undefined;
  /** The gateway's identity, raw JSON, for the modern `_meta`. */
  readonly serverInfo: string;
  /** True where lists depend on who asks. */
  readonly perPrincipal: boolean;
}

/** What the same rule shows to a principal: the keys in their order. */
interface Visible {
  readonly keys: readonly string[];
  readonly items: readonly Item[];
  readonly pages: Map<string, Buffer>;
}

/**
 * One page of a merged list as bytes: the `result` and the closing brace of the answer. Prepared once for each view, era and
 * set of rights, and sent as it is from then on. Cursors name the last entry seen, so that they survive changes of the list.
 *
 * @returns undefined where the cursor is none of ours
 */
export async function preparedList(
  view: View,
  method: string,
  cursor: unknown,
  options: ListOptions,
): Promise<Buffer | undefined> {
  const { kind, member } = LIST_METHODS[method]!;
  const after = cursor === undefined ? '' : readCursor(cursor);
  if (after === undefined) return undefined;
  const visible = await visibleIn(view, kind, options);
  const known = visible.pages.get(after);
  if (known) return known;
  // Only cursors that we gave are kept: others could fill the memory.
  const start = after === '' ? 0 : visible.keys.indexOf(after) + 1;
  if (after !== '' && start === 0) return undefined;
  const page = render(view, kind, member, visible, start, options);
  visible.pages.set(after, page);
  return page;
}

/** What was found for the key before, or for anybody who sees the very same: the pages are rendered once for all of them. */
async function visibleIn(view: View, kind: ItemKind, options: ListOptions): Promise<Visible> {
  const { era, viewKey } = options;
  if (viewKey !== undefined) {
    const known = view.prepared.get(`${kind}|${era}|${viewKey}`) as Visible | undefined;
    if (known) return known;
  }
  const all = view.items[kind];
  const flags = all.size === 0 ? [] : await options.sees(options.principal, targetsOf(view, kind), options.address);
  // By place, not by name: names may hold any character.
  const same = `${kind}|${era}=${flags.map((flag) => (flag ? '1' : '0')).join('')}`;
  let visible = view.prepared.get(same) as Visible | undefined;
  if (!visible) {
    const seen = [...all].filter((_, i) => flags[i] === true);
    visible = { keys: seen.map(([key]) => key), items: seen.map(([, item]) => item), pages: new Map() };
    keep(view, same, visible);
  }
  if (viewKey !== undefined) keep(view, `${kind}|${era}|${viewKey}`, visible);
  return visible;
}

function keep(view: View, key: string, visible: Visible): void {
  if (view.prepared.size > 256) view.prepared.clear();
  view.prepared.set(key, visible);
}

/** The questions about all items of a kind, made once for a view. */
export function targetsOf(view: View, kind: ItemKind): readonly Target[] {
  const key = `targets|${kind}`;
  let targets = view.prepared.get(key) as readonly Target[] | undefined;
  if (!targets) view.prepared.set(key, (targets = [...view.items[kind].values()].map(targetOf)));
  return targets;
}

const USE = {
  tool: 'tools/call',
  prompt: 'prompts/get',
  resource: 'resources/read',
  template: 'resources/read',
} as const;

/** The question whether an item may be used, which is also the question whether it is shown. */
export function targetOf(item: Item): Target {
  const { kind } = item;
  return {
    method: USE[kind],
    kind,
    server: item.server,
    name: item.own,
    ...(item.annotations ? { annotations: item.annotations } : {}),
  };
}

function render(
  view: View,
  kind: ItemKind,
  member: string,
  visible: Visible,
  start: number,
  options: ListOptions,
): Buffer {
  const end = Math.min(start + PAGE, visible.items.length);
  const parts: string[] = [];
  for (let i = start; i < end; i++) {
    const item = visible.items[i]!;
    const { server } = item;
    parts.push(
      cleanListed(options.filters, forEra(publicText(item, view.naming), item, options.era), { server, kind }),
    );
  }
  const members = [`"${member}":[${parts.join(',')}]`];
  if (end < visible.items.length) members.push(`"nextCursor":${asciiJson(makeCursor(visible.keys[end - 1]!))}`);
  const lists = view.upstreams.map((upstream) => upstream.lists[kind]);
  if (options.era === 'modern') {
    const ttl = Math.min(...lists.map((list) => list.ttlMs));
    const isPrivate = options.perPrincipal || lists.length === 0 || lists.some((list) => list.isPrivate);
    members.push(
      `"resultType":"complete","ttlMs":${Number.isFinite(ttl) ? Math.trunc(ttl) : 0},"cacheScope":"${isPrivate ? 'private' : 'public'}"`,
    );
  }
  members.push(...extraMembers(view, kind, options));
  return Buffer.from(`{${members.join(',')}}}`, 'latin1');
}

/** `_meta` with the state of each server, and what the servers' own lists said beyond what we know. */
function extraMembers(view: View, kind: ItemKind, options: ListOptions): string[] {
  const members: string[] = [];
  const meta: string[] = [];
  const single = view.upstreams.length === 1;
  for (const upstream of view.upstreams) {
    for (const [key, value] of extrasOf(upstream, kind, options)) {
      const isMeta = key.startsWith('_meta/');
      if (single) (isMeta ? meta : members).push(`${asciiJson(isMeta ? key.slice(6) : key)}:${value}`);
    }
  }
  if (options.era === 'modern') meta.push(`"io.modelcontextprotocol/serverInfo":${options.serverInfo}`);
  const states = view.upstreams.map((upstream) => {
    const { state, refused, error } = upstream.status();
    const extras = single ? [] : extrasOf(upstream, kind, options).map(([key, value]) => `${asciiJson(key)}:${value}`);
    const facts = [`"state":"${state}"`];
    if (error) facts.push(`"error":${asciiJson(error.code)}`);
    const lost = refused.filter((one) => one.kind === kind);
    if (lost.length > 0) facts.push(`"refused":${lost.length}`);
    if (extras.length > 0) facts.push(`"list":{${extras.join(',')}}`);
    return `${asciiJson(upstream.spec.name)}:{${facts.join(',')}}`;
  });
  meta.push(`"dev.sekisho/upstreams":{${states.join(',')}}`);
  members.push(`"_meta":{${meta.join(',')}}`);
  return members;
}

function extrasOf(upstream: Upstream, kind: ItemKind, { filters }: ListOptions): [string, string][] {
  const about = { server: upstream.spec.name, kind: 'list' } as const;
  return Object.entries(upstream.lists[kind].extras).map(([key, value]) => [key, cleanListed(filters, value, about)]);
}

function makeCursor(key: string): string {
  return Buffer.from(`1:${key}`, 'utf8').toString('base64url');
}

function readCursor(cursor: unknown): string | undefined {
  if (typeof cursor !== 'string') return undefined;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  return text.startsWith('1:') && text.length > 2 ? text.slice(2) : undefined;
}
