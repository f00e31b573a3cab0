/** A value now, or later when the store is on the other side of a wire. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * The arithmetic of one bucket, the same for every caller.
 *
 * `rate`: a leaking bucket (GCRA). It holds `capacity` units and gets one unit back every `unitMs` milliseconds.
 * `day`, `month`: a counter up to `capacity` that starts again at midnight UTC, or on the first of the month, UTC.
 */
export interface BucketLimit {
  /** Name of the rule. Buckets of different rules are different, whatever their keys. */
  readonly rule: string;
  readonly kind: 'rate' | 'day' | 'month';
  /** Units that fit in at once (`rate`: the burst; `day`, `month`: the whole budget). Above 0. */
  readonly capacity: number;
  /** Milliseconds until one unit is back. 0 for `day` and `month`. */
  readonly unitMs: number;
  /** Units by which an adjustment may overdraw a `rate` bucket. More than that is forgiven. 0 or more. */
  readonly overdraft: number;
  /** Measured, but never the reason for a denial. */
  readonly shadow: boolean;
}

/** What one call wants from one bucket. */
export interface Charge {
  readonly key: string;
  readonly limit: BucketLimit;
  /** Units, 0 or more. */
  readonly cost: number;
}

/** How one bucket stands after a decision. When the decision was a denial nothing was charged. */
export interface Level {
  /** Whether the charge fitted into this bucket on its own. */
  readonly fits: boolean;
  /** Units in use, after the charge if it was made. May have a fraction; above `capacity` when overdrawn. */
  readonly used: number;
  /** `day` and `month`: number of the calendar period that was charged. 0 for `rate`. */
  readonly period: number;
  /** `day` and `month`: milliseconds until that period ends. 0 for `rate`. */
  readonly endsInMs: number;
}

export interface Outcome {
  /** True when every bucket without `shadow` had room: then all that fitted were charged. Else none was. */
  readonly allowed: boolean;
  /** One for each charge, in the same order. */
  readonly levels: readonly Level[];
}

/** A correction of an earlier charge, once its true cost is known. */
export interface Adjustment {
  readonly key: string;
  readonly limit: BucketLimit;
  /** Units to add (above 0) or to give back (below 0). */
  readonly delta: number;
  /** `day` and `month`: the period of the charge. What is given back to a period that has ended is dropped. */
  readonly period: number;
}

/**
 * Where the buckets live. An implementation must pass the suite at `@sekisho/rate-limit/testing`.
 *
 * The rules of one call are distinct. `scope` separates buckets of the same rule and key (a tenant); a clustered store keeps
 * everything of one scope on one node. A store that cannot answer throws or rejects; it never invents an outcome.
 */
export interface RateStore {
  /** Checks all, then charges all or nothing, as one step that nothing else can come between. */
  take(charges: readonly Charge[], scope: string): MaybePromise<Outcome>;
  /** Adds or gives back without asking whether it fits. Never leaves a bucket with fewer than 0 units in use. */
  adjust(adjustments: readonly Adjustment[], scope: string): MaybePromise<void>;
  /** True when other processes share it: then it can fail, and a limiter needs to know how many replicas there are. */
  readonly shared: boolean;
  /** True when `day` and `month` counters outlive this process. */
  readonly durableBudgets: boolean;
}

/**
 * Units by which a bucket may be overfilled. Times and sums are binary fractions, so ten charges of a tenth do not add
 * up to exactly one; without this the last unit of a burst would be refused now and then. It is a thousandth of a unit but
 * no more than a millisecond's worth, and for a budget a billionth of it.
 */
export function roundingUnits(limit: BucketLimit): number {
  return limit.kind === 'rate' ? Math.min(1e-3, 1 / limit.unitMs) : limit.capacity * 1e-9;
}

/**
 * One string for a scope and a key, and the key itself when there is no scope. The length goes first so that no scope
 * and key together spell those of another scope. A store is used either with scopes or without, never both at once.
 */
export function inScope(scope: string, key: string): string {
  return scope === '' ? key : `${scope.length}|${scope}${key}`;
}
