import type { Knows, Principal } from '../ports.ts';
import { viewOf } from './catalogue.ts';
import type { View } from './catalogue.ts';
import { KINDS } from '../upstreams/items.ts';

/** Sets of servers for which a narrowed view is kept; callers cannot make more of them than there are rules. */
const MAX_NARROWED = 256;

/**
 * A view as it would be if the servers that a principal must not know of were not configured. Everything behind it (lists,
 * names, capabilities, instructions, states) then hides them without knowing that something is hidden.
 */
export function viewFor(view: View, principal: Principal, knows: Knows | undefined): View {
  if (!knows) return view;
  const remembered = view.sights.get(principal);
  if (remembered) return remembered;
  const known = view.upstreams.filter((upstream) => knows(principal, upstream.spec.name));
  const narrowed = known.length === view.upstreams.length ? view : narrow(view, new Set(known));
  view.sights.set(principal, narrowed);
  return narrowed;
}

function narrow(view: View, known: ReadonlySet<View['upstreams'][number]>): View {
  const key = view.upstreams.map((upstream) => (known.has(upstream) ? '1' : '0')).join('');
  const remembered = view.narrowed.get(key);
  if (remembered) return remembered;
  const names = new Set([...known].map((upstream) => upstream.spec.name));
  const items = Object.fromEntries(
    KINDS.map((kind) => [kind, new Map([...view.items[kind]].filter(([, item]) => names.has(item.server)))]),
  ) as unknown as View['items'];
  const narrowed = viewOf(
    view.upstreams.filter((upstream) => known.has(upstream)),
    view.naming,
    items,
  );
  if (view.narrowed.size >= MAX_NARROWED) view.narrowed.clear();
  view.narrowed.set(key, narrowed);
  return narrowed;
}
