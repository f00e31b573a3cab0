import { processClock, processSchedule, type MonotonicClock, type Schedule, type WallClock } from './clock.ts';
import { TakenDecision, type Decision, type Item } from './decision.ts';
import { DenialCache } from './denial-cache.ts';
import { RateLimitError } from './errors.ts';
import type { OnLimitEvent } from './events.ts';
import { guardStore, NO_ANSWER } from './guarded-store.ts';
import { memoryStore } from './memory-store.ts';
import { announcer } from './announce.ts';
import { adjustmentsFor, type Actual } from './settlement.ts';
import { compileRules, isCost, type CompiledRule, type Rule } from './rule.ts';
import { inScope, type MaybePromise, type Outcome, type RateStore } from './store.ts';
import type { Subject } from './subject.ts';

/** Lets `day` and `month` rules use a store that forgets them when the process ends. A symbol, so that no file can ask for it. */
export const allowForgetfulBudgets: unique symbol = Symbol('allowForgetfulBudgets');

export interface RateLimiterOptions {
  /** Checked in one go: a call is charged to all the rules that apply to it, or to none. At most 32. */
  readonly rules: readonly Rule[];
  readonly store: RateStore;
  /** How many processes share the store, 1 or more: the divisor of local limits. Required when the store is shared. */
  readonly replicas?: number;
  /** `tenant`: every bucket exists once for each tenant, and a clustered store may spread tenants. Default: no separation. */
  readonly scopeBy?: 'tenant';
  /** Milliseconds to wait for a shared store. 1 to 60,000, default 50. */
  readonly timeoutMs?: number;
  /** Failures in a row after which the store is not asked for `pauseMs`. Default 5. */
  readonly failures?: number;
  /** Milliseconds between attempts to reach a store that failed. Default 1,000. */
  readonly pauseMs?: number;
  /** Milliseconds for which a denial by a shared store is trusted without asking again. 0 turns it off. Default 1,000. */
  readonly denialCacheMs?: number;
  /** Denials remembered at most. Default 10,000. */
  readonly denialCacheKeys?: number;
  /** Part of a limit from which on it is reported as nearly used up, above 0 and at most 1. Default 0.8. */
  readonly warnAt?: number;
  readonly onEvent?: OnLimitEvent;
  /** Default `performance.now`. */
  readonly now?: MonotonicClock;
  /** Calendar time for budgets while a shared store does not answer. Default `Date.now`. */
  readonly wallNow?: WallClock;
  /** Default `setTimeout`. */
  readonly schedule?: Schedule;
  readonly [allowForgetfulBudgets]?: true;
}

export interface RateLimiter {
  /**
   * Decides and charges. Synchronous with a store in memory, a promise with a shared one; `await` fits both.
   *
   * @throws {RateLimitError} `ERR_RATE_LIMIT_COST` or `ERR_RATE_LIMIT_SUBJECT` when what was passed in makes no sense.
   *   A store that fails is no exception but decided as the rules say.
   */
  take(subject: Subject): MaybePromise<Decision>;
  /**
   * Charges what a call really used, in place of what `take` assumed: `bytes` for rules of that unit, `tokens` for those.
   * Once per decision. May overdraw a bucket, which then denies until it has recovered.
   */
  settle(decision: Decision, actual: Actual): MaybePromise<Settlement>;
  /** Gives back what `take` charged under refundable rules: the upstream failed, the caller got nothing. Once per decision. */
  refund(decision: Decision): MaybePromise<Settlement>;
}

/** `nothing`: denied, or settled already, or not from here. `lost`: the store failed; also told as an event. */
export type Settlement = 'settled' | 'nothing' | 'lost';

/**
 * Makes a limiter. It keeps no timers and reads no files.
 *
 * @throws TypeError when rules or options make no sense together; never at the first request.
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { store, replicas, scopeBy, warnAt = 0.8, now = processClock, onEvent = () => {} } = options;
  const { timeoutMs = 50, failures = 5, pauseMs = 1000, denialCacheMs = 1000, denialCacheKeys = 10_000 } = options;
  if (store.shared && replicas === undefined) throw new TypeError('replicas is required with a shared store');
  inRange('replicas', replicas ?? 1, 1, 1e6);
  inRange('timeoutMs', timeoutMs, 1, 60_000);
  inRange('failures', failures, 1, 1e6);
  inRange('pauseMs', pauseMs, 1, 3_600_000);
  inRange('denialCacheMs', denialCacheMs, 0, 3_600_000);
  inRange('denialCacheKeys', denialCacheKeys, 1, 1e7);
  inRange('warnAt', warnAt, Number.MIN_VALUE, 1);
  if (scopeBy !== undefined && scopeBy !== 'tenant') throw new TypeError("scopeBy must be 'tenant'");
  const rules = compileRules(options.rules, replicas ?? 1);
  const budget = rules.find((rule) => rule.limit.kind !== 'rate');
  if (budget !== undefined && !store.durableBudgets && options[allowForgetfulBudgets] !== true) {
    throw new TypeError(
      `rule '${budget.name}' is a budget, and this store forgets it when the process ends: ` +
        'give memoryStore a book (sqliteBudgets), use a shared store, or set allowForgetfulBudgets',
    );
  }

  const schedule = options.schedule ?? processSchedule;
  const guarded = guardStore({ store, timeoutMs, failures, pauseMs, now, schedule, onEvent });
  // Kept from one outage to the next, so that a second outage in the same day does not open a second local budget.
  const local = memoryStore({ now, ...(options.wallNow && { wallNow: options.wallNow }) });
  const denials = store.shared && denialCacheMs > 0 ? new DenialCache(denialCacheKeys) : undefined;
  const announce = announcer(onEvent, warnAt);

  const itemsFor = (subject: Subject): Item[] => {
    const items: Item[] = [];
    for (const rule of rules) {
      const key = rule.keyOf(subject);
      if (key === undefined) continue;
      items.push({ rule, key, limit: rule.limit, cost: checkedCost(rule, subject) });
    }
    return items;
  };

  const rememberedDenial = (subject: Subject, items: readonly Item[], scope: string): Decision | undefined => {
    if (denials === undefined) return undefined;
    const at = now();
    for (const item of items) {
      if (item.limit.shadow) continue;
      const denial = denials.find(item.rule.name, inScope(scope, item.key), item.cost, at);
      if (denial === undefined) continue;
      const { unitMs } = item.limit;
      const drained = unitMs > 0 ? (at - denial.seenAt) / unitMs : 0;
      const used = Math.max(denial.used - drained, 0);
      const level = { fits: false, used, period: 0, endsInMs: Math.max(denial.fitsAt - at, 0) };
      return decide(subject, [item], { allowed: false, levels: [level] }, scope, false);
    }
    return undefined;
  };

  const remember = (items: readonly Item[], outcome: Outcome, scope: string): void => {
    if (denials === undefined) return;
    const at = now();
    for (let i = 0; i < items.length; i++) {
      const { rule, key, cost, limit } = items[i]!;
      const level = outcome.levels[i]!;
      if (limit.shadow || level.fits) continue;
      const waitMs = limit.kind === 'rate' ? (level.used + cost - limit.capacity) * limit.unitMs : level.endsInMs;
      const until = at + Math.min(waitMs, denialCacheMs);
      denials.put(rule.name, inScope(scope, key), { until, fitsAt: at + waitMs, cost, used: level.used, seenAt: at });
    }
  };

  const decide = (
    subject: Subject,
    items: readonly Item[],
    outcome: Outcome,
    scope: string,
    degraded: boolean,
  ): Decision => {
    const decision = new TakenDecision(items, outcome, scope, degraded);
    announce(subject, decision, items, outcome.levels);
    return decision;
  };

  const decideAlone = (subject: Subject, items: readonly Item[], scope: string): Decision => {
    const exact = items.find((item) => item.rule.whenStoreFails === 'refuse' && !item.limit.shadow);
    if (exact !== undefined) {
      const denial = TakenDecision.unavailable(exact, Math.max(guarded.retryInMs(), 1));
      announce(subject, denial, [], []);
      return denial;
    }
    const charged = items.map((item) => {
      // A call that is dearer than its share of the burst must still be possible, or an outage would end it for good.
      const capacity = Math.min(item.limit.capacity, Math.max(item.rule.localLimit.capacity, item.cost));
      return { ...item, limit: { ...item.rule.localLimit, capacity } };
    });
    return decide(subject, charged, local.take(charged, scope), scope, true);
  };

  const conclude = (
    subject: Subject,
    items: readonly Item[],
    scope: string,
    outcome: Outcome | typeof NO_ANSWER,
  ): Decision => {
    if (outcome === NO_ANSWER) return decideAlone(subject, items, scope);
    if (!outcome.allowed) remember(items, outcome, scope);
    return decide(subject, items, outcome, scope, false);
  };

  const correct = (decision: Decision, actual: Actual | 'refund'): MaybePromise<Settlement> => {
    const taken = TakenDecision.close(decision);
    if (taken === undefined) return 'nothing';
    const adjustments = adjustmentsFor(taken.items, taken.levels, actual);
    if (adjustments.length === 0) return 'settled';
    if (decision.degraded) {
      local.adjust(adjustments, taken.scope);
      return 'settled';
    }
    for (const { key, limit } of adjustments) denials?.forget(limit.rule, inScope(taken.scope, key));
    const told = (answer: void | typeof NO_ANSWER): Settlement => {
      if (answer !== NO_ANSWER) return 'settled';
      onEvent({ type: 'limit.settle-lost', rules: adjustments.length });
      return 'lost';
    };
    const answer = guarded.adjust(adjustments, taken.scope);
    return answer instanceof Promise ? answer.then(told) : told(answer);
  };

  return {
    take: (subject) => {
      const items = itemsFor(subject);
      const scope = scopeBy === 'tenant' ? scopeOf(subject.tenant) : '';
      if (items.length === 0) return new TakenDecision(items, NOTHING_TO_ASK, scope, false);
      const remembered = rememberedDenial(subject, items, scope);
      if (remembered !== undefined) return remembered;
      const outcome = guarded.take(items, scope);
      return outcome instanceof Promise
        ? outcome.then((late) => conclude(subject, items, scope, late))
        : conclude(subject, items, scope, outcome);
    },
    settle: (decision, actual) => correct(decision, actual),
    refund: (decision) => correct(decision, 'refund'),
  };
}

const NOTHING_TO_ASK: Outcome = { allowed: true, levels: [] };

/** Never empty, so that those without a tenant are a scope of their own. */
function scopeOf(tenant: string | undefined): string {
  return tenant === undefined ? 'none' : `t-${tenant}`;
}

function checkedCost(rule: CompiledRule, subject: Subject): number {
  const cost = rule.costOf(subject);
  if (isCost(cost)) return cost;
  throw new RateLimitError(
    'ERR_RATE_LIMIT_COST',
    `rule '${rule.name}': the cost of a call must be 0 or more, got ${cost}`,
  );
}

function inRange(name: string, value: number, least: number, most: number): void {
  if (typeof value === 'number' && value >= least && value <= most) return;
  throw new TypeError(`${name} must be a number from ${least} to ${most}, got ${value}`);
}
