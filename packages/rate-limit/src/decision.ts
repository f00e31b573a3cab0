import { roundingUnits, type BucketLimit, type Charge, type Level, type Outcome } from './store.ts';
import type { CompiledRule, Unit } from './rule.ts';

/** How one rule stands after a decision. */
export interface RuleState {
  readonly name: string;
  readonly unit: Unit;
  /** False when this rule alone would have denied. */
  readonly fits: boolean;
  /** True when the rule only watches. */
  readonly shadow: boolean;
  /** True when each caller has a bucket of his own under this rule. */
  readonly personal: boolean;
  /** Units per `windowMs`, as configured. */
  readonly amount: number;
  readonly windowMs: number;
  /** Units that fit in at once. */
  readonly limit: number;
  /** Whole units left. 0 or more. */
  readonly remaining: number;
  /** Milliseconds until the same call would fit; 0 when it does; Infinity when it costs more than ever fits in. */
  readonly retryAfterMs: number;
  /** Milliseconds until at least one more unit is there than now; 0 when nothing is in use. */
  readonly moreAfterMs: number;
  /** Milliseconds until nothing is in use any more. */
  readonly resetAfterMs: number;
}

/** Whether a call may go on. A denial is a value like any other, not an exception. */
export interface Decision {
  readonly allowed: boolean;
  /**
   * `within`: allowed. `exceeded`: a limit is used up. `unavailable`: a rule that must be exact could not be asked,
   * because the store did not answer.
   */
  readonly reason: 'within' | 'exceeded' | 'unavailable';
  /** Name of the rule that denied; of several the one with the longest wait. */
  readonly violated: string | undefined;
  /** Of the violated rule, or else of the one with the fewest units left: units that fit in at once. Infinity: no rule applied. */
  readonly limit: number;
  /** Of the same rule: whole units left. */
  readonly remaining: number;
  /** Milliseconds until this call could be allowed: the longest wait of all rules. 0 when allowed; Infinity: never. */
  readonly retryAfterMs: number;
  /** Of the same rule as `limit`: milliseconds until its bucket is as good as new. */
  readonly resetAfterMs: number;
  /** True when the store did not answer and the count of this process decided. */
  readonly degraded: boolean;
  /** Every rule that was looked at. After an answer from the cache of denials only the one that denied. */
  readonly rules: readonly RuleState[];
}

/** One rule with what this call charged to it. */
export interface Item extends Charge {
  readonly rule: CompiledRule;
}

/** A decision together with what `settle` needs to know, which is nobody else's business. */
export class TakenDecision implements Decision {
  readonly allowed: boolean;
  readonly reason: Decision['reason'];
  readonly violated: string | undefined;
  readonly limit: number;
  readonly remaining: number;
  readonly retryAfterMs: number;
  readonly resetAfterMs: number;
  readonly degraded: boolean;
  readonly #items: readonly Item[];
  readonly #levels: readonly Level[];
  readonly #scope: string;
  #closed = false;

  constructor(items: readonly Item[], outcome: Outcome, scope: string, degraded: boolean, waitMs?: number) {
    const { allowed, levels } = outcome;
    this.#items = items;
    this.#levels = levels;
    this.#scope = scope;
    const chosen = allowed ? tightest(items, levels) : longestWait(items, levels);
    const item = items[chosen];
    const level = levels[chosen];
    this.allowed = allowed;
    this.reason = allowed ? 'within' : waitMs === undefined ? 'exceeded' : 'unavailable';
    this.degraded = degraded;
    this.violated = allowed ? undefined : item?.rule.name;
    this.limit = item === undefined ? Infinity : item.limit.capacity;
    this.remaining = item === undefined ? Infinity : remainingIn(level!, item.limit);
    this.retryAfterMs = allowed ? 0 : (waitMs ?? waitFor(item!, level!));
    this.resetAfterMs = item === undefined ? 0 : resetOf(item, level!);
  }

  /** The denial of a rule that must be exact while the store does not answer. */
  static unavailable(item: Item, retryAfterMs: number): TakenDecision {
    const level: Level = { fits: false, used: item.limit.capacity, period: 0, endsInMs: retryAfterMs };
    return new TakenDecision([item], { allowed: false, levels: [level] }, '', true, retryAfterMs);
  }

  get rules(): readonly RuleState[] {
    return this.#items.map((item, i) => stateOf(item, this.#levels[i]!));
  }

  /** What was charged, once: the second time there is nothing left to settle. */
  static close(decision: Decision): { items: readonly Item[]; levels: readonly Level[]; scope: string } | undefined {
    if (!(#items in decision) || !decision.allowed || decision.#closed) return undefined;
    decision.#closed = true;
    return { items: decision.#items, levels: decision.#levels, scope: decision.#scope };
  }
}

/** The enforced rule with the fewest units left; -1 when there is none. */
function tightest(items: readonly Item[], levels: readonly Level[]): number {
  let chosen = -1;
  let fewest = Infinity;
  for (let i = 0; i < items.length; i++) {
    const { limit } = items[i]!;
    if (limit.shadow) continue;
    const remaining = limit.capacity - levels[i]!.used;
    if (chosen >= 0 && remaining >= fewest) continue;
    chosen = i;
    fewest = remaining;
  }
  return chosen;
}

/** The enforced rule that denies for the longest. */
function longestWait(items: readonly Item[], levels: readonly Level[]): number {
  let chosen = -1;
  let longest = -1;
  for (let i = 0; i < items.length; i++) {
    if (items[i]!.limit.shadow || levels[i]!.fits) continue;
    const wait = waitFor(items[i]!, levels[i]!);
    if (wait <= longest) continue;
    chosen = i;
    longest = wait;
  }
  return chosen;
}

function stateOf(item: Item, level: Level): RuleState {
  const { rule, limit } = item;
  const remaining = remainingIn(level, limit);
  return {
    name: rule.name,
    unit: rule.unit,
    fits: level.fits,
    shadow: limit.shadow,
    personal: rule.personal,
    amount: rule.amount,
    windowMs: rule.windowMs,
    limit: limit.capacity,
    remaining,
    retryAfterMs: level.fits ? 0 : waitFor(item, level),
    moreAfterMs: moreAfter(limit, level, remaining),
    resetAfterMs: resetOf(item, level),
  };
}

function moreAfter(limit: BucketLimit, level: Level, remaining: number): number {
  if (limit.kind !== 'rate') return level.used > 0 ? level.endsInMs : 0;
  // The bucket must drain until one more whole unit fits, or, when that is more than there is, until it is empty.
  const target = Math.max(limit.capacity - remaining - 1, 0);
  return Math.max(level.used - target, 0) * limit.unitMs;
}

function remainingIn(level: Level, limit: BucketLimit): number {
  return Math.max(Math.floor(limit.capacity - level.used + roundingUnits(limit)), 0);
}

function waitFor(item: Item, level: Level): number {
  const { limit, cost } = item;
  if (cost > limit.capacity) return Infinity;
  return limit.kind === 'rate' ? Math.max((level.used + cost - limit.capacity) * limit.unitMs, 0) : level.endsInMs;
}

function resetOf(item: Item, level: Level): number {
  if (item.limit.kind === 'rate') return level.used * item.limit.unitMs;
  return level.used > 0 ? level.endsInMs : 0;
}
