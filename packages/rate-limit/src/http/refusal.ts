import type { Decision } from '../decision.ts';
import { OVERLOADED, RATE_LIMITED } from './codes.ts';

/** A denial in the words of HTTP and JSON-RPC alike. */
export interface Refusal {
  readonly status: 429 | 503;
  /** A problem type of draft-ietf-httpapi-ratelimit-headers. */
  readonly type: string;
  readonly title: string;
  /** Names of the rules in the way, the one with the longest wait first. */
  readonly policies: readonly string[];
  /** Milliseconds, 0 or more; undefined when waiting does not help. */
  readonly retryAfterMs: number | undefined;
}

const REGISTRY = 'https://iana.org/assignments/http-problem-types';

/** @throws TypeError for a decision that allowed the call. */
export function toRefusal(decision: Decision): Refusal {
  if (decision.allowed) throw new TypeError('an allowed call is not refused');
  const exceeded = decision.reason === 'exceeded';
  const others = decision.rules.filter(({ fits, shadow, name }) => !fits && !shadow && name !== decision.violated);
  return {
    status: exceeded ? 429 : 503,
    type: `${REGISTRY}#${exceeded ? 'quota-exceeded' : 'temporary-reduced-capacity'}`,
    title: exceeded ? 'The quota of this policy is used up' : 'Limits cannot be checked at the moment',
    policies: [...(decision.violated === undefined ? [] : [decision.violated]), ...others.map(({ name }) => name)],
    retryAfterMs: Number.isFinite(decision.retryAfterMs) ? decision.retryAfterMs : undefined,
  };
}

/** A refusal because too much is under way: no slot of a concurrency limit became free. */
export function toOverloadRefusal(policy: string, retryAfterMs: number): Refusal {
  return {
    status: 503,
    type: `${REGISTRY}#temporary-reduced-capacity`,
    title: 'Too many calls are under way',
    policies: [policy],
    retryAfterMs,
  };
}

/** A refusal of an address from which too many sign-ins failed. */
export function toAbuseRefusal(policy: string, retryAfterMs: number): Refusal {
  return {
    status: 429,
    type: `${REGISTRY}#abnormal-usage-detected`,
    title: 'Too many requests of this kind from this address',
    policies: [policy],
    retryAfterMs,
  };
}

/** Members of an `application/problem+json` document (RFC 9457). */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly 'violated-policies': readonly string[];
}

/** For plain HTTP. Nothing of the caller's own input is in it. */
export function toProblemDetails(refusal: Refusal): ProblemDetails {
  return { type: refusal.type, title: refusal.title, status: refusal.status, 'violated-policies': refusal.policies };
}

export interface JsonRpcError {
  readonly code: number;
  readonly message: string;
  readonly data: { readonly retryAfterMs?: number; readonly policy?: string };
}

/** For MCP: the `error` member. Inside a stream that is already open this is all there is; it has no status any more. */
export function toJsonRpcError(refusal: Refusal): JsonRpcError {
  const policy = refusal.policies[0];
  return {
    code: refusal.status === 429 ? RATE_LIMITED : OVERLOADED,
    message: refusal.title,
    data: {
      ...(refusal.retryAfterMs !== undefined && { retryAfterMs: Math.ceil(refusal.retryAfterMs) }),
      ...(policy !== undefined && { policy }),
    },
  };
}
