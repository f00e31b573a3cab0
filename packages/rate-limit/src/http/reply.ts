import type { Decision } from '../decision.ts';
import type { RateLimiter } from '../limiter.ts';
import type { Subject } from '../subject.ts';
import { toFields, toRetryAfter, type Fields } from './fields.ts';
import { toJsonRpcError, toProblemDetails, toRefusal, type Refusal } from './refusal.ts';

/** Id of a JSON-RPC request; null when it had none that could be read. */
export type JsonRpcId = string | number | null;

/** A whole HTTP answer, for whatever server sends it. */
export interface Reply {
  readonly status: 429 | 503;
  readonly fields: Fields;
  readonly body: string;
}

/** The answer to a denied call: a JSON-RPC error when `id` is given, problem details when not. */
export function toReply(decision: Decision, id?: JsonRpcId): Reply {
  return refusalReply(toRefusal(decision), toFields(decision), id);
}

/** The answer when an address, a gate or a stream limit refused. */
export function toRefusalReply(refusal: Refusal, id?: JsonRpcId): Reply {
  return refusalReply(refusal, toRetryAfter(refusal), id);
}

function refusalReply(refusal: Refusal, fields: Fields, id: JsonRpcId | undefined): Reply {
  const type = id === undefined ? 'application/problem+json' : 'application/json';
  const body = id === undefined ? toProblemDetails(refusal) : { jsonrpc: '2.0', id, error: toJsonRpcError(refusal) };
  // A refusal that is served from a cache would outlive its reason.
  const headers = { ...fields, 'Content-Type': type, 'Cache-Control': 'no-store' };
  return { status: refusal.status, fields: headers, body: JSON.stringify(body) };
}

/** What the adapters of the web frameworks have in common. */
export interface HttpLimitOptions<Context> {
  readonly limiter: RateLimiter;
  /** Who this is. Runs for each request; what it throws ends the request as an error. */
  readonly subject: (context: Context) => Subject;
  /** For MCP: the id of the parsed body, so that the refusal is a JSON-RPC error. Undefined: problem details. */
  readonly jsonRpcId?: (context: Context) => JsonRpcId | undefined;
  /**
   * Whether what was charged is given back when the answer has status 500 or above. Default false: who can make the
   * server fail at will could otherwise call it without limit.
   */
  readonly refundServerErrors?: boolean;
}
