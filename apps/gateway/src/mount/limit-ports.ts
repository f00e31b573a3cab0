import type { Credentials, Outcome, Permit, Principal, Refusal, Target } from '@sekisho/core';
import {
  toFields,
  toProblemDetails,
  toRefusal as toLimitRefusal,
  type Decision,
  type RateLimiter,
  type Refusal as LimitRefusal,
  type Subject,
} from '@sekisho/rate-limit';
import type { RateLimitSection } from './rate-limit-section.ts';

const BYTES_PER_TOKEN = 4;

type Aimed = Pick<Target, 'server' | 'kind' | 'name' | 'method'>;

/**
 * Whom limits count. Everything is from what was checked: the principal, and the target that the parsed body names. The gateway
 * asks for a name that nothing bears without that name, so invented ones have no buckets of their own.
 */
export function subjectOf(principal: Principal, { remoteAddress }: Credentials, target: Aimed): Subject {
  return {
    address: remoteAddress,
    apiKey: principal.keyId,
    principal: principal.id,
    tenant: principal.tenant,
    server: target.server,
    tool: target.kind === 'tool' ? target.name : undefined,
    method: target.method,
  };
}

/** A refusal of the limits in the words of the gateway. */
export function toRefusal(refusal: LimitRefusal, headers?: Readonly<Record<string, string>>): Refusal {
  const { status, policies, retryAfterMs } = refusal;
  const policy = policies[0];
  return {
    refused: status === 429 ? 'limited' : 'overloaded',
    problem: { ...toProblemDetails(refusal) },
    ...(headers === undefined ? {} : { headers }),
    ...(policy === undefined ? {} : { policy, detail: policy, facts: { 'limit.bucket': policy } }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

export function refusalOf(decision: Decision): Refusal {
  return toRefusal(toLimitRefusal(decision), toFields(decision));
}

export function permitFor(limiter: RateLimiter, decision: Decision, http: boolean, section: RateLimitSection): Permit {
  return new LimitPermit(limiter, decision, http, section);
}

class LimitPermit implements Permit {
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly #limiter: RateLimiter;
  readonly #decision: Decision;
  readonly #section: RateLimitSection;

  constructor(limiter: RateLimiter, decision: Decision, http: boolean, section: RateLimitSection) {
    this.#limiter = limiter;
    this.#decision = decision;
    this.#section = section;
    this.headers = http ? toFields(decision) : undefined;
  }

  /** Charges what a call really used. A correction that is lost is an event of its own, and nothing waits for it. */
  settle(outcome: Outcome): void {
    if (gaveNothing(outcome)) {
      void this.#limiter.refund(this.#decision);
      return;
    }
    const { bytes } = outcome;
    if (bytes === undefined || !measures(this.#section)) return;
    const tokens = Math.ceil(bytes / (this.#section.bytesPerToken ?? BYTES_PER_TOKEN));
    void this.#limiter.settle(this.#decision, { bytes, tokens });
  }
}

const measuring = new WeakMap<RateLimitSection, boolean>();

/** Whether any rule counts by what an answer turns out to be. */
function measures(section: RateLimitSection): boolean {
  let known = measuring.get(section);
  if (known === undefined) {
    known = section.limits?.rules.some(({ unit }) => unit === 'bytes' || unit === 'tokens') ?? false;
    measuring.set(section, known);
  }
  return known;
}

/**
 * The caller has had nothing, and not by its own doing: the server failed, the gateway did, or the call was never sent because
 * it waited in vain. Who finds the queue full keeps the charge: trying would otherwise be free exactly when there is too much.
 */
function gaveNothing({ result, reason, detail, code, sent }: Outcome): boolean {
  switch (result) {
    case 'failed':
      return code === -32603 || reason?.startsWith('ERR_UPSTREAM_') === true;
    case 'cancelled':
    case 'disconnected':
      return sent === false;
    case 'refused':
      return reason === 'record-failed' || detail === 'deadline';
    default:
      return false;
  }
}
