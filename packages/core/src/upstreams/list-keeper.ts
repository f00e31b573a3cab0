import { isObject } from '@sekisho/protocol';
import type { ItemKind } from '../catalogue/item.ts';
import { EMPTY_LISTS, KINDS, fromRemembered, loadList, sameList } from './items.ts';
import type { ItemList, ItemLists } from './items.ts';
import type { Remembered } from './memory.ts';
import type { Peer } from './peer.ts';
import type { Log } from '../ports.ts';
import type { UpstreamProblem, UpstreamSpec } from './spec.ts';

export interface ListKeeperOptions {
  readonly spec: UpstreamSpec;
  readonly now: () => number;
  readonly log: Log;
  /** The peer to ask, while the server is up. */
  peer(): Peer | undefined;
  /** A list says something else than before. */
  onChange(): void;
}

const RELOAD_AFTER_MS = 50;
/** Lists of a server that cannot tell of changes are read again at most this often, when somebody asks. */
const STALE_AFTER_MS = 60_000;

/** The lists of one server: read when it comes up, read again when they change, kept when it cannot be asked. */
export class ListKeeper {
  lists: ItemLists = EMPTY_LISTS;
  readonly #options: ListKeeperOptions;
  readonly #stale = new Set<ItemKind>();
  #reload: NodeJS.Timeout | undefined;

  constructor(options: ListKeeperOptions, remembered: Remembered | undefined) {
    this.#options = options;
    const { spec } = options;
    if (remembered) this.lists = fromRemembered(remembered.lists, spec.name, spec.tools);
  }

  /** What is wrong with a list that could not be read. */
  get problem(): UpstreamProblem | undefined {
    for (const kind of KINDS) {
      const { error } = this.lists[kind];
      if (error !== undefined) return { code: 'ERR_UPSTREAM_LIST', message: error };
    }
    return undefined;
  }

  async loadAll(peer: Peer): Promise<void> {
    await Promise.all(KINDS.map((kind) => this.#load(peer, kind)));
  }

  /** Reads lists again that may have changed without a word. Returns at once. */
  refreshIfStale(): void {
    const peer = this.#options.peer();
    if (!peer) return;
    const now = this.#options.now();
    for (const kind of KINDS) {
      const list = this.lists[kind];
      if (list.atMs > 0 && now - list.atMs > this.#keepMs(peer, kind)) this.changed(kind);
    }
  }

  /** Reads one list now. */
  async refresh(kind: ItemKind): Promise<void> {
    const peer = this.#options.peer();
    if (peer && (await this.#load(peer, kind))) this.#options.onChange();
  }

  /** The server said, or may have forgotten to say, that a list changed: read it again, once for a burst of such news. */
  changed(...kinds: readonly ItemKind[]): void {
    for (const kind of kinds) {
      this.#stale.add(kind);
      if (kind === 'resource') this.#stale.add('template');
    }
    this.#reload ??= setTimeout(() => {
      this.#reload = undefined;
      void this.#reloadStale();
    }, RELOAD_AFTER_MS).unref();
  }

  close(): void {
    clearTimeout(this.#reload);
  }

  async #reloadStale(): Promise<void> {
    const peer = this.#options.peer();
    const kinds = [...this.#stale];
    this.#stale.clear();
    if (!peer) return;
    const changed = await Promise.all(kinds.map((kind) => this.#load(peer, kind)));
    if (changed.some(Boolean)) this.#options.onChange();
  }

  /** @returns whether the list says something else than before */
  async #load(peer: Peer, kind: ItemKind): Promise<boolean> {
    const { spec, now } = this.#options;
    const old = this.lists[kind];
    let list;
    try {
      list = await loadList(peer, kind, spec.name, spec.tools, now());
    } catch (error) {
      // An error never becomes a shorter list: what was known stays, and the reason is shown.
      const reason = error instanceof Error ? error.message : String(error);
      list = { ...old, atMs: now(), error: `its ${kind}s cannot be listed: ${reason}` };
    }
    this.lists = { ...this.lists, [kind]: list };
    this.#warn(old, list);
    return !sameList(old, list);
  }

  /** What is left out of a list is said once (server/tools: clients drop such tools and SHOULD log the reason). */
  #warn(old: ItemList, list: ItemList): void {
    const known = new Set(old.refused.map(({ reason }) => reason));
    for (const { kind, name, reason } of list.refused)
      if (!known.has(reason))
        this.#options.log.warn({ upstream: this.#options.spec.name, kind, name, reason }, 'left out of a list');
  }

  /** How long a list may be kept: for ever where the server tells of changes, else by its own hint, else a minute. */
  #keepMs(peer: Peer, kind: ItemKind): number {
    const capability = peer.opened.capabilities[kind === 'template' ? 'resources' : `${kind}s`];
    if (isObject(capability) && capability['listChanged'] === true) return Infinity;
    const { ttlMs } = this.lists[kind];
    return Math.max(ttlMs === Infinity ? 0 : ttlMs, STALE_AFTER_MS);
  }
}
