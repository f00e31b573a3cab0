import type { Target } from './request.ts';

/** What a method acts on by name. */
export type TargetKind = 'tool' | 'prompt' | 'resource';

/**
 * The methods of MCP, with what each may name, in both revisions and both directions. Rules may name others (extensions); a
 * name that is not here and has no `*` is reported, because it is more often a slip.
 */
export const METHODS: Readonly<Record<string, readonly TargetKind[]>> = {
  initialize: [],
  ping: [],
  'server/discover': [],
  'logging/setLevel': [],
  'tools/list': [],
  'tools/call': ['tool'],
  'prompts/list': [],
  'prompts/get': ['prompt'],
  'resources/list': [],
  'resources/templates/list': [],
  'resources/read': ['resource'],
  'resources/subscribe': ['resource'],
  'resources/unsubscribe': ['resource'],
  'completion/complete': ['prompt', 'resource'],
  'subscriptions/listen': ['resource'],
  'tasks/list': [],
  'tasks/get': ['tool'],
  'tasks/result': ['tool'],
  'tasks/update': ['tool'],
  'tasks/cancel': ['tool'],
  // What a server asks of a client.
  'sampling/createMessage': [],
  'elicitation/create': [],
  'roots/list': [],
};

/**
 * Lists whose every item is decided on its own, by the same function that decides the call: they are open to every principal,
 * unless a rule denies them, and show what he may use.
 */
export const LISTS: Readonly<Record<string, { readonly kind: TargetKind; readonly method: string }>> = {
  'tools/list': { kind: 'tool', method: 'tools/call' },
  'prompts/list': { kind: 'prompt', method: 'prompts/get' },
  'resources/list': { kind: 'resource', method: 'resources/read' },
  'resources/templates/list': { kind: 'resource', method: 'resources/read' },
};

/** Methods that a protocol cannot do without and that tell nothing: open like lists. */
const PLUMBING: ReadonlySet<string> = new Set(['initialize', 'ping', 'server/discover', 'subscriptions/listen']);

/** Listening is open like the lists that it tells of; a resource that is listened to is decided on by its name. */
export function isOpen({ method, resource }: Target): boolean {
  return Object.hasOwn(LISTS, method) || (PLUMBING.has(method) && resource === undefined);
}
