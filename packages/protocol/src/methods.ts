import type { Era } from './revisions.ts';

/** What a request asks for, which decides how it is routed. */
export type MethodKind =
  | 'session'
  | 'list'
  | 'tool'
  | 'prompt'
  | 'resource'
  | 'completion'
  | 'subscription'
  | 'logging'
  | 'task';

export interface Method {
  readonly name: string;
  readonly eras: readonly Era[];
  readonly kind: MethodKind;
  /** The member of `params` that `Mcp-Name` repeats (MCP 2026-07-28, basic/transports/streamable-http, "Request headers"). */
  readonly nameParam?: 'name' | 'uri' | 'taskId';
  /** The server capability without which the method does not exist. */
  readonly capability?: string;
  /** The extension that both ends have to declare, or the method does not exist. */
  readonly extension?: string;
  /** The complete result carries `ttlMs` and `cacheScope` (server/utilities/caching). */
  readonly cacheable?: boolean;
  /** May answer `input_required` (basic/patterns/mrtr). */
  readonly interactive?: boolean;
}

const both: readonly Era[] = ['modern', 'legacy'];
const modern: readonly Era[] = ['modern'];
const legacy: readonly Era[] = ['legacy'];

/** ext-tasks, specification/draft/tasks. */
const TASKS = 'io.modelcontextprotocol/tasks';

const rows: readonly Method[] = [
  { name: 'initialize', eras: legacy, kind: 'session' },
  { name: 'ping', eras: legacy, kind: 'session' },
  { name: 'server/discover', eras: modern, kind: 'session', cacheable: true },
  { name: 'tools/list', eras: both, kind: 'list', capability: 'tools', cacheable: true },
  { name: 'prompts/list', eras: both, kind: 'list', capability: 'prompts', cacheable: true },
  { name: 'resources/list', eras: both, kind: 'list', capability: 'resources', cacheable: true },
  { name: 'resources/templates/list', eras: both, kind: 'list', capability: 'resources', cacheable: true },
  { name: 'tools/call', eras: both, kind: 'tool', nameParam: 'name', capability: 'tools', interactive: true },
  { name: 'prompts/get', eras: both, kind: 'prompt', nameParam: 'name', capability: 'prompts', interactive: true },
  {
    name: 'resources/read',
    eras: both,
    kind: 'resource',
    nameParam: 'uri',
    capability: 'resources',
    cacheable: true,
    interactive: true,
  },
  { name: 'completion/complete', eras: both, kind: 'completion', capability: 'completions' },
  { name: 'logging/setLevel', eras: legacy, kind: 'logging', capability: 'logging' },
  { name: 'resources/subscribe', eras: legacy, kind: 'subscription', capability: 'resources' },
  { name: 'resources/unsubscribe', eras: legacy, kind: 'subscription', capability: 'resources' },
  { name: 'subscriptions/listen', eras: modern, kind: 'subscription' },
  { name: 'tasks/get', eras: modern, kind: 'task', nameParam: 'taskId', extension: TASKS },
  { name: 'tasks/update', eras: modern, kind: 'task', nameParam: 'taskId', extension: TASKS },
  { name: 'tasks/cancel', eras: modern, kind: 'task', nameParam: 'taskId', extension: TASKS },
];

// A Map, not an object: method names come from the peer, and `constructor` is one.
const byName = new Map(rows.map((row) => [row.name, row]));

/** The method called `name` if it exists in `era`. */
export function findMethod(name: string, era: Era): Method | undefined {
  const method = byName.get(name);
  return method?.eras.includes(era) ? method : undefined;
}
