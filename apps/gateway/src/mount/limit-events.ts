import type { LimitEvent, ShedReason, Subject } from '@sekisho/rate-limit';

/** Who and what an event is about: ids, and names as the caller wrote them, cut short. */
export type LimitSubject = Subject;

/** What the limits tell audit and monitor, under the names that the record has for it. */
export type LimitsEvent = { readonly atMs: number } & (
  | ({
      /** `limit.budget_exhausted`: the day's or month's. `limit.concurrency_shed`: too many calls or streams at once. */
      readonly type: 'limit.exceeded' | 'limit.budget_exhausted' | 'limit.concurrency_shed' | 'limit.shadow_exceeded';
      readonly rule: string;
      readonly subject: LimitSubject;
      readonly reason: 'exceeded' | 'unavailable' | 'address' | 'streams' | 'shadow' | ShedReason;
      readonly retryAfterMs?: number;
    } & Swallowed)
  | {
      readonly type: 'limit.near';
      readonly rule: string;
      readonly subject: LimitSubject;
      readonly used: number;
      readonly limit: number;
    }
  | { readonly type: 'limit.degraded'; readonly error: string }
  | { readonly type: 'limit.recovered'; readonly decisions: number }
  | { readonly type: 'limit.settle_lost'; readonly rules: number }
);

type Swallowed = {
  /** Refusals of the same rule and caller since the last event, which were not told one by one. */
  readonly swallowed: number;
};

type RefusedType = Extract<LimitsEvent, Swallowed>['type'];

export type LimitCounts = { readonly [K in RefusedType]: number };

/** One caller's refusals under one rule are told at most this often: a flood of calls must not become one of records. */
const TELL_EVERY_MS = 1000;
const MAX_REMEMBERED = 10_000;

/** Translates what the limiters say, counts it, and lets at most one refusal a second of one caller and rule through. */
export function createLimitEvents(options: {
  readonly onEvent: (event: LimitsEvent) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly isBudget: (rule: string) => boolean;
}) {
  const { onEvent, now, isBudget } = options;
  const told = new Map<string, { untilMs: number; swallowed: number }>();
  const counts: { [K in RefusedType]: number } = {
    'limit.exceeded': 0,
    'limit.budget_exhausted': 0,
    'limit.concurrency_shed': 0,
    'limit.shadow_exceeded': 0,
  };

  const refused = (
    type: RefusedType,
    rule: string,
    subject: Subject,
    reason: Extract<LimitsEvent, Swallowed>['reason'],
    retryAfterMs?: number,
  ): void => {
    counts[type]++;
    const atMs = now();
    const key = `${type} ${rule} ${subject.principal ?? ''} ${subject.principal === undefined ? subject.address : ''}`;
    const known = told.get(key);
    if (known && atMs < known.untilMs) {
      known.swallowed++;
      return;
    }
    const swallowed = known?.swallowed ?? 0;
    told.delete(key);
    told.set(key, { untilMs: atMs + TELL_EVERY_MS, swallowed: 0 });
    if (told.size > MAX_REMEMBERED) told.delete(told.keys().next().value!);
    const wait = retryAfterMs === undefined || !Number.isFinite(retryAfterMs) ? {} : { retryAfterMs };
    onEvent({ atMs, type, rule, subject: cut(subject), reason, swallowed, ...wait });
  };

  return {
    counts: (): LimitCounts => ({ ...counts }),
    refused,
    limiter: (event: LimitEvent): void => {
      const atMs = now();
      switch (event.type) {
        case 'limit.denied':
          return refused(
            isBudget(event.rule) ? 'limit.budget_exhausted' : 'limit.exceeded',
            event.rule,
            event.subject,
            event.reason,
            event.retryAfterMs,
          );
        case 'limit.shadow-denied':
          return refused('limit.shadow_exceeded', event.rule, event.subject, 'shadow');
        case 'limit.near':
          return onEvent({ atMs, ...event, subject: cut(event.subject) });
        case 'limit.degraded': {
          const { cause } = event;
          return onEvent({ atMs, type: event.type, error: cause instanceof Error ? cause.message : String(cause) });
        }
        case 'limit.recovered':
          return onEvent({ atMs, ...event });
        case 'limit.settle-lost':
          return onEvent({ atMs, type: 'limit.settle_lost', rules: event.rules });
      }
    },
  };
}

/** Methods and names are the caller's own words and may be a megabyte long. */
function cut(subject: Subject): LimitSubject {
  const entries = Object.entries(subject).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, value.slice(0, 256)]));
}
