import type { Subject } from './subject.ts';

/** What a limiter tells its owner. Ids and numbers only: nothing a caller wrote except the names in `subject`. */
export type LimitEvent =
  /** A rule denied a call. */
  | {
      readonly type: 'limit.denied';
      readonly rule: string;
      readonly subject: Subject;
      readonly reason: 'exceeded' | 'unavailable';
      readonly retryAfterMs: number;
    }
  /** A rule in shadow mode would have denied a call, had it been enforced. */
  | { readonly type: 'limit.shadow-denied'; readonly rule: string; readonly subject: Subject }
  /** A call took a bucket of at least five units across the warning level. Once for each crossing. */
  | {
      readonly type: 'limit.near';
      readonly rule: string;
      readonly subject: Subject;
      /** Units in use. */
      readonly used: number;
      /** Units that fit in. */
      readonly limit: number;
    }
  /** The store failed; from here on rules do what `whenStoreFails` says. Once for each outage. */
  | { readonly type: 'limit.degraded'; readonly cause: unknown }
  /** The store answers again; `decisions` calls went without it. */
  | { readonly type: 'limit.recovered'; readonly decisions: number }
  /** Corrections of charges were lost, because the store failed. */
  | { readonly type: 'limit.settle-lost'; readonly rules: number };

/** Called synchronously, on the way of the request: keep it short, and do not throw, for the call would fail. */
export type OnLimitEvent = (event: LimitEvent) => void;
