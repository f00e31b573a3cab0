import { isObject } from '@sekisho/protocol';
import type { MemberChanges } from '@sekisho/protocol';
import { findNamed, findResource, ownerOf } from './catalogue/catalogue.ts';
import type { Located, View } from './catalogue/catalogue.ts';
import type { Item } from './catalogue/item.ts';
import type { Authenticated } from './exchange.ts';
import type { Target } from './ports.ts';
import { openTask } from './tasks/task-id.ts';
import type { OwnTask } from './tasks/task-id.ts';
import type { StateSeal } from './parked/seal.ts';
import type { Upstream } from './upstreams/upstream.ts';

/** Where a request is answered. */
export type Place =
  | { readonly kind: 'self' }
  | { readonly kind: 'unknown'; readonly name: string | undefined }
  | UpstreamPlace;

export interface UpstreamPlace {
  readonly kind: 'upstream';
  readonly upstream: Upstream;
  /** The upstream's own name or URI. */
  readonly own: string;
  readonly item: Item | undefined;
  /** What changes in `params` on the way: raw JSON by member. */
  readonly changes: MemberChanges;
  /** With the methods of tasks. */
  readonly task?: OwnTask;
}

const SELF: Place = { kind: 'self' };

/** Finds what a request names. Looks up only; whether the sender may know of it is decided afterwards. */
export function locate(x: Authenticated, seal: StateSeal): Place {
  const { params } = x.message;
  const { view } = x;
  switch (x.method.kind) {
    case 'tool':
    case 'prompt': {
      const name = params?.['name'];
      if (typeof name !== 'string') return { kind: 'unknown', name: undefined };
      const found = findNamed(view, x.method.kind, name) ?? missing(view, name);
      return found
        ? place(found, found.own === name ? {} : { name: JSON.stringify(found.own) })
        : { kind: 'unknown', name };
    }
    case 'resource':
    case 'subscription': {
      if (x.method.name === 'subscriptions/listen') return SELF;
      const uri = params?.['uri'];
      if (typeof uri !== 'string') return { kind: 'unknown', name: undefined };
      const found = findResource(view, uri);
      return found
        ? place(found, found.own === uri ? {} : { uri: JSON.stringify(found.own) })
        : { kind: 'unknown', name: uri };
    }
    case 'completion':
      return locateReference(x, view);
    case 'task':
      return locateTask(x, view, seal);
    default:
      return SELF;
  }
}

/** A tool of a server that has not been heard yet: its prefix says whose it is, and the server's absence can be named. */
function missing(view: View, name: string): Located | undefined {
  const upstream = ownerOf(view, name);
  if (!upstream || upstream.state === 'ready' || upstream.state === 'disabled' || upstream.lists.tool.items.length > 0)
    return undefined;
  const own = view.naming === 'prefix' ? name.slice(upstream.spec.name.length + 2) : name;
  return { upstream, own, item: undefined };
}

/** A task is where its id says, if the id was given to this sender and the server is to be seen here. */
function locateTask(x: Authenticated, view: View, seal: StateSeal): Place {
  const task = openTask(seal, x.principal, x.message.params?.['taskId']);
  const upstream = task && view.upstreams.find((one) => one.spec.name === task.server);
  if (!task || !upstream) return { kind: 'unknown', name: undefined };
  const item = upstream.lists.tool.items.find((one) => one.own === task.tool);
  const changes = { taskId: JSON.stringify(task.task) };
  return { kind: 'upstream', upstream, own: task.task, item, changes, task };
}

function locateReference(x: Authenticated, view: View): Place {
  const ref = x.message.params?.['ref'];
  if (!isObject(ref)) return { kind: 'unknown', name: undefined };
  const key = isPromptReference(x) ? 'name' : 'uri';
  const value = ref[key];
  if (typeof value !== 'string') return { kind: 'unknown', name: undefined };
  const found = key === 'name' ? findNamed(view, 'prompt', value) : findResource(view, value);
  if (!found) return { kind: 'unknown', name: value };
  return place(found, found.own === value ? {} : { ref: JSON.stringify({ ...ref, [key]: found.own }) });
}

function place({ upstream, own, item }: Located, changes: MemberChanges): UpstreamPlace {
  return { kind: 'upstream', upstream, own, item, changes };
}

function isPromptReference(x: Authenticated): boolean {
  const ref = x.message.params?.['ref'];
  return isObject(ref) && ref['type'] === 'ref/prompt';
}

/**
 * What the specification wants beside an unknown resource (server/resources, "Error Handling"), which therefore stands beside
 * a hidden one too.
 */
export function unknownData(x: Authenticated): unknown {
  const uri = x.method.kind === 'resource' || x.method.kind === 'subscription' ? x.message.params?.['uri'] : undefined;
  return typeof uri === 'string' ? { uri } : undefined;
}

/** What policy and limits are asked about. */
export function targetOf(x: Authenticated, place: Place): Target {
  const { method } = x;
  if (place.kind !== 'upstream') {
    return {
      method: method.name,
      kind: method.kind,
      server: x.endpoint.server,
      name: place.kind === 'unknown' ? place.name : undefined,
      ...(method.kind === 'completion' ? { names: isPromptReference(x) ? 'prompt' : 'resource' } : {}),
    };
  }
  // Plain assignments: spreads of optional members cost more than the rest of this function.
  const target: { -readonly [K in keyof Target]: Target[K] } = {
    method: method.name,
    kind: method.kind,
    server: place.upstream.spec.name,
    name: place.task ? place.task.tool : place.own,
  };
  // A task is decided on like the tool that made it.
  if (place.task) target.names = 'tool';
  if (method.kind === 'completion') target.names = isPromptReference(x) ? 'prompt' : 'resource';
  const args = x.message.params?.['arguments'];
  if (args !== undefined) target.arguments = args;
  if (place.item) {
    target.definition = place.item.text;
    if (place.item.annotations) target.annotations = place.item.annotations;
  }
  return target;
}
