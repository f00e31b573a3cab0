import { arrayElements, findMember, isObject, objectMembers } from '@sekisho/protocol';
import { readItem } from '../catalogue/item.ts';
import type { Item, ItemKind } from '../catalogue/item.ts';
import { parseObject } from '../wire.ts';
import { resultOf } from './calls.ts';
import type { Peer } from './peer.ts';
import type { RefusedItem } from './spec.ts';

/** One of an upstream's lists as it was last read. */
export interface ItemList {
  readonly items: readonly Item[];
  readonly refused: readonly RefusedItem[];
  /** The caching hints of the list (server/utilities/caching): the shortest `ttlMs` of its pages; private if any page is. */
  readonly ttlMs: number;
  readonly isPrivate: boolean;
  /** When it was read, by the gateway's clock. */
  readonly atMs: number;
  /** Members of the result that the gateway does not know, raw JSON by key; binary strings. */
  readonly extras: Readonly<Record<string, string>>;
  /** Why the list could not be read; its items are then those of the last time it could. */
  readonly error?: string;
}

export type ItemLists = Readonly<Record<ItemKind, ItemList>>;

export const KINDS = ['tool', 'prompt', 'resource', 'template'] as const satisfies readonly ItemKind[];

const LIST = {
  tool: { method: 'tools/list', member: 'tools', capability: 'tools' },
  prompt: { method: 'prompts/list', member: 'prompts', capability: 'prompts' },
  resource: { method: 'resources/list', member: 'resources', capability: 'resources' },
  template: { method: 'resources/templates/list', member: 'resourceTemplates', capability: 'resources' },
} as const;

/** More pages than this is a server that never ends. */
const MAX_PAGES = 1_000;
const MAX_ITEMS = 100_000;
const KNOWN = new Set([
  'nextCursor',
  'ttlMs',
  'cacheScope',
  'resultType',
  '_meta',
  'tools',
  'prompts',
  'resources',
  'resourceTemplates',
]);

export const EMPTY_LIST: ItemList = { items: [], refused: [], ttlMs: Infinity, isPrivate: false, atMs: 0, extras: {} };
export const EMPTY_LISTS: ItemLists = {
  tool: EMPTY_LIST,
  prompt: EMPTY_LIST,
  resource: EMPTY_LIST,
  template: EMPTY_LIST,
};

/** Names that the operator shows or leaves out. */
export interface NameFilter {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** Reads one list of a server, all pages. Rejects with an OpenError where the server does not give it. */
export async function loadList(
  peer: Peer,
  kind: ItemKind,
  server: string,
  filter: NameFilter | undefined,
  nowMs: number,
): Promise<ItemList> {
  const { method, member, capability } = LIST[kind];
  if (!isObject(peer.opened.capabilities[capability])) return { ...EMPTY_LIST, atMs: nowMs };
  const items: Item[] = [];
  const refused: RefusedItem[] = [];
  const seen = new Set<string>();
  let extras: Record<string, string> = {};
  let ttlMs = Infinity;
  let isPrivate = false;
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES && items.length < MAX_ITEMS; page++) {
    const view = await peer.askRaw(method, cursor === undefined ? {} : { cursor });
    const result = resultOf(view, method);
    const list = findMember(view.text, view.bodyStart, member);
    for (const { start, end } of (list && arrayElements(view.text, list.start)) ?? []) {
      const item = readItem(kind, server, view.text.slice(start, end));
      if (typeof item === 'string') refused.push({ kind, name: '', reason: item });
      else if (peer.opened.era === 'legacy' && isTaskAlone(item))
        refused.push({ kind, name: item.own, reason: `tool "${item.own}": ${TASK_ALONE}` });
      else if (seen.has(item.own)) refused.push({ kind, name: item.own, reason: 'the server lists this name twice' });
      else if (isShown(item, filter)) {
        seen.add(item.own);
        items.push(item);
      }
    }
    const ttl = result['ttlMs'];
    ttlMs = Math.min(ttlMs, typeof ttl === 'number' && ttl > 0 ? ttl : 0);
    isPrivate ||= result['cacheScope'] !== 'public';
    extras = { ...unknownMembers(view.text, view.bodyStart), ...extras };
    const next = result['nextCursor'];
    if (typeof next !== 'string' || next === cursor) break;
    cursor = next;
  }
  return { items, refused, ttlMs, isPrivate, atMs: nowMs, extras };
}

const TASK_ALONE = 'it can be called only as an experimental task of 2025-11-25, which the gateway does not carry';

/** A tool that answers no plain call (2025-11-25, basic/utilities/tasks): a client could see it and never use it. */
function isTaskAlone(item: Item): boolean {
  if (item.kind !== 'tool' || !item.text.includes('"taskSupport"')) return false;
  const execution = parseObject(item.text)['execution'];
  return isObject(execution) && execution['taskSupport'] === 'required';
}

function isShown(item: Item, filter: NameFilter | undefined): boolean {
  if (!filter || item.kind !== 'tool') return true;
  if (filter.exclude?.includes(item.own)) return false;
  return filter.include === undefined || filter.include.includes('*') || filter.include.includes(item.own);
}

/** Members we do not know, of the result and of its `_meta` (under `_meta/<key>`): they are not ours to lose. */
function unknownMembers(text: string, at: number): Record<string, string> {
  const extras: Record<string, string> = {};
  for (const member of objectMembers(text, at) ?? []) {
    if (member.key === '_meta') {
      for (const inner of objectMembers(text, member.start) ?? []) {
        if (!inner.key.startsWith('io.modelcontextprotocol/'))
          extras[`_meta/${inner.key}`] = text.slice(inner.start, inner.end);
      }
    } else if (!KNOWN.has(member.key)) extras[member.key] = text.slice(member.start, member.end);
  }
  return extras;
}

/** Lists as they are remembered between runs: raw items by kind. */
export interface RememberedLists {
  readonly tool: readonly string[];
  readonly prompt: readonly string[];
  readonly resource: readonly string[];
  readonly template: readonly string[];
}

export function toRemembered(lists: ItemLists): RememberedLists {
  const texts = (kind: ItemKind) => lists[kind].items.map((item) => item.text);
  return { tool: texts('tool'), prompt: texts('prompt'), resource: texts('resource'), template: texts('template') };
}

export function fromRemembered(remembered: RememberedLists, server: string, filter: NameFilter | undefined): ItemLists {
  const list = (kind: ItemKind): ItemList => ({
    ...EMPTY_LIST,
    ttlMs: 0,
    isPrivate: true,
    items: remembered[kind]
      .map((text) => readItem(kind, server, text))
      .filter((item): item is Item => typeof item !== 'string' && isShown(item, filter)),
  });
  return { tool: list('tool'), prompt: list('prompt'), resource: list('resource'), template: list('template') };
}

/** Whether two readings of a list say the same. */
export function sameList(a: ItemList, b: ItemList): boolean {
  return (
    a.items.length === b.items.length &&
    a.items.every((item, i) => item.text === b.items[i]!.text) &&
    a.error === b.error
  );
}

/** The instructions and identity that a server gave, for the log and the status. */
export function serverInfoOf(info: unknown): { name: string; version: string } | undefined {
  const value = isObject(info) ? info : parseObject('{}');
  return typeof value['name'] === 'string'
    ? { name: value['name'], version: typeof value['version'] === 'string' ? value['version'] : '' }
    : undefined;
}
