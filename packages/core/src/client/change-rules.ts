import { targetsOf } from '../catalogue/lists.ts';
import { viewFor } from '../catalogue/narrow.ts';
import type { ItemKind } from '../catalogue/item.ts';
import type { Ports } from '../ports.ts';
import { KINDS } from '../upstreams/items.ts';
import type { Subscriber, Subscribers } from './subscribers.ts';

type Sight = Readonly<Record<ItemKind, string>>;

/** Swaps the rules and tells those whose lists came out otherwise. */
export async function changeRules(
  swap: () => void,
  parts: { readonly subscribers: Subscribers; readonly ports: Ports; readonly fleet: { forgetViews(): void } },
): Promise<void> {
  const { subscribers, ports, fleet } = parts;
  const before = new Map<Subscriber, Sight>();
  for (const subscriber of subscribers) before.set(subscriber, await sightOf(subscriber, ports));
  swap();
  fleet.forgetViews();
  for (const [subscriber, old] of before) {
    const now = await sightOf(subscriber, ports);
    // Templates have no notification of their own; they change with the resources.
    const changed = new Set(
      KINDS.filter((kind) => old[kind] !== now[kind]).map((kind) => (kind === 'template' ? 'resource' : kind)),
    );
    for (const kind of changed) subscriber.listChanged(kind);
  }
}

/** By kind, which of the things a subscriber sees: as JSON, for names may hold any character. Where nobody can say, none. */
async function sightOf({ endpoint, principal, address }: Subscriber, ports: Ports): Promise<Sight> {
  const sight: Record<ItemKind, string> = { tool: '', prompt: '', resource: '', template: '' };
  try {
    const view = viewFor(endpoint.view, principal, ports.knows);
    for (const kind of KINDS) {
      const seen = await ports.sees(principal, targetsOf(view, kind), address);
      sight[kind] = JSON.stringify([...view.items[kind].keys()].filter((_, i) => seen[i] === true));
    }
  } catch {
    // Whoever decides says so in its own events; a change that nobody could see is no reason to keep the old rules.
  }
  return sight;
}
