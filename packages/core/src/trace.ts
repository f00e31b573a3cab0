import { metaOf } from '@sekisho/protocol';
import type { JsonObject } from '@sekisho/protocol';
import type { Authenticated } from './exchange.ts';

/** A caller's trace context, on its way to a server. Nobody has checked that it is true. */
export interface Trace {
  /** The same as HTTP headers: name, value, name, value. */
  readonly headers: readonly string[];
  /** What the caller sent as headers alone, to be put into `_meta`: raw JSON by key. */
  readonly meta: Readonly<Record<string, string>> | undefined;
}

const NAMES = ['traceparent', 'tracestate', 'baggage'] as const;

/** What may stand in a header: W3C Trace Context (section 3.2), and printable ASCII of bounded length for the two others. */
const SHAPE = {
  traceparent: /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/,
  tracestate: /^[\x21-\x7e](?:[\x20-\x7e]{0,1022}[\x21-\x7e])?$/,
  baggage: /^[\x21-\x7e](?:[\x20-\x7e]{0,8190}[\x21-\x7e])?$/,
} as const;

/**
 * The trace context of a request (MCP 2026-07-28, basic/index, "_meta": the three names without prefix): from `_meta`, else from
 * the HTTP headers of the same names. It goes on in both places, in both eras. What stands in `_meta` stays there as it is; only
 * what has the shape that W3C gives it becomes a header.
 */
export function traceOf({ message, credentials }: Authenticated): Trace | undefined {
  const meta = metaOf(message.params);
  const { header } = credentials;
  if (!mentions(meta) && header('traceparent') === undefined && header('baggage') === undefined) return undefined;
  const headers: string[] = [];
  const added: Record<string, string> = {};
  let adds = false;
  for (const name of NAMES) {
    const own = meta?.[name];
    const value = own ?? header(name);
    if (typeof value !== 'string' || !SHAPE[name].test(value)) continue;
    headers.push(name, value);
    if (own !== undefined) continue;
    added[name] = JSON.stringify(value);
    adds = true;
  }
  return { headers, meta: adds ? added : undefined };
}

function mentions(meta: JsonObject | undefined): boolean {
  return meta !== undefined && NAMES.some((name) => meta[name] !== undefined);
}
