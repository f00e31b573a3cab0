import type { JsonObject } from './message.ts';
import { isObject } from './message.ts';

/** Names of the reserved `_meta` members (MCP 2026-07-28, basic/index, "_meta"). */
export const META = {
  revision: 'io.modelcontextprotocol/protocolVersion',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  client: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  server: 'io.modelcontextprotocol/serverInfo',
  subscription: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** Reserved members that belong to both ends and not to a hop: tasks of 2025-11-25. */
const END_TO_END = new Set([
  'io.modelcontextprotocol/related-task',
  'io.modelcontextprotocol/model-immediate-response',
]);

/**
 * True for a `_meta` key that describes one hop: a checkpoint takes it off and puts its own on, in both directions, so that
 * no upstream can pose as the gateway and no client can claim another's capabilities.
 */
export function isHopKey(key: string): boolean {
  return key.startsWith('io.modelcontextprotocol/') && !END_TO_END.has(key);
}

/** `params._meta` where it is an object. */
export function metaOf(params: JsonObject | undefined): JsonObject | undefined {
  const meta = params?.['_meta'];
  return isObject(meta) ? meta : undefined;
}

/** The revision that a request's own envelope claims, whatever its type; undefined where there is no claim. */
export function claimOf(params: JsonObject | undefined): unknown {
  const meta = metaOf(params);
  return meta && Object.hasOwn(meta, META.revision) ? meta[META.revision] : undefined;
}

export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** True for one of the eight levels of RFC 5424 that the protocol names. */
export function isLogLevel(value: unknown): value is LogLevel {
  return typeof value === 'string' && (LOG_LEVELS as readonly string[]).includes(value);
}

/** True where a message of `level` is wanted by somebody who asked for `wanted`. */
export function reachesLevel(level: string, wanted: LogLevel): boolean {
  const at = LOG_LEVELS.indexOf(level as LogLevel);
  return at >= 0 && at >= LOG_LEVELS.indexOf(wanted);
}
