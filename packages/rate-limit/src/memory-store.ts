import type { Adjustment, BucketLimit, Charge, Level, Outcome, RateStore } from './store.ts';
import { inScope, roundingUnits } from './store.ts';
import { processClock, systemTime, type MonotonicClock, type WallClock } from './clock.ts';
import { memoryBudgets, type BudgetBook, type BudgetWrite } from './budgets.ts';
import { LruTable } from './lru-table.ts';

export interface MemoryStoreOptions {
  /**
   * Rate buckets kept for each rule; beyond that the least recently used goes, idle ones first. Some 120 bytes each.
   * Counted by rule so that a flood of addresses does not push principals out. Default 100,000; 1 to 16,777,216.
   */
  readonly maxKeys?: number;
  /** Day and month counters kept in memory at once. Default 10,000; 1 to 16,777,216. */
  readonly maxBudgets?: number;
  /** Where day and month counters are kept so that they outlive the process, such as `sqliteBudgets`. Default: nowhere. */
  readonly budgets?: BudgetBook;
  /** Milliseconds from a clock that never runs back. Default `performance.now`. */
  readonly now?: MonotonicClock;
  /** Milliseconds since 1970, for calendar budgets only. Default `Date.now`. */
  readonly wallNow?: WallClock;
  /** Told when a bucket had to go while it still held somebody back. Default: nobody is told. */
  readonly onEvicted?: () => void;
}

export interface MemoryStore extends RateStore {
  take(charges: readonly Charge[], scope: string): Outcome;
  adjust(adjustments: readonly Adjustment[], scope: string): void;
  /** Buckets held, and how many had to go since the start although they still held somebody back. */
  stats(): { readonly keys: number; readonly evictedInUse: number };
}

/**
 * Buckets in this process. A bucket is one number: the instant at which it will be empty again (the theoretical arrival
 * time of GCRA, ITU-T I.371). There are no timers, so a window of a month is no different from one of a second.
 *
 * It does NOT survive a restart (rates start full again; budgets do if `budgets` is given) and knows nothing of other
 * processes.
 *
 * @throws TypeError when an option is out of its range.
 */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { maxKeys = 100_000, maxBudgets = 10_000, now = processClock, wallNow = systemTime } = options;
  for (const [name, value] of Object.entries({ maxKeys, maxBudgets })) {
    if (!Number.isInteger(value) || value < 1 || value > 2 ** 24) {
      throw new TypeError(`${name} must be a whole number from 1 to 16777216, got ${value}`);
    }
  }
  let clock = -Infinity;
  let evictedInUse = 0;
  const evicted = (): void => {
    evictedInUse++;
    options.onEvicted?.();
  };
  const tables = new Map<string, LruTable>();
  const tableOf = (rule: string): LruTable => {
    let table = tables.get(rule);
    if (table === undefined) tables.set(rule, (table = new LruTable(maxKeys, (emptyAt) => emptyAt <= clock, evicted)));
    return table;
  };
  const counters = memoryBudgets({ maxBudgets, wallNow, book: options.budgets, onEvicted: evicted });

  // A clock that steps back (an injected one may) would lend everybody the difference; time stands still instead.
  const tick = (): number => {
    const read = now();
    if (read > clock) clock = read;
    return clock;
  };

  /** Milliseconds until the bucket is empty. */
  const debtAt = (table: LruTable, slot: number, limit: BucketLimit, at: number): number => {
    if (slot < 0) return 0;
    const debt = table.valueAt(slot) - at;
    const most = (limit.capacity + limit.overdraft) * limit.unitMs;
    return debt <= 0 ? 0 : Math.min(debt, most);
  };

  const write = (table: LruTable, key: string, slot: number, emptyAt: number): void => {
    if (slot >= 0) table.setAt(slot, emptyAt);
    else table.insert(key, emptyAt);
  };

  // Scratch space of one call. `take` is synchronous, so nothing else can be using it.
  const slots: number[] = [];
  const debts: number[] = [];

  const takeOne = (charge: Charge, key: string): Outcome => {
    const at = tick();
    const { limit } = charge;
    const table = tableOf(limit.rule);
    const slot = table.find(key);
    const debt = debtAt(table, slot, limit, at);
    const next = debt + charge.cost * limit.unitMs;
    const fits = next <= (limit.capacity + roundingUnits(limit)) * limit.unitMs;
    if (fits && charge.cost > 0) write(table, key, slot, at + next);
    const level: Level = { fits, used: (fits ? next : debt) / limit.unitMs, period: 0, endsInMs: 0 };
    return { allowed: fits || limit.shadow, levels: [level] };
  };

  const denied = ({ limit }: Charge, i: number, fits: boolean, budget: Level | undefined): Level =>
    budget === undefined ? { fits, used: debts[i]! / limit.unitMs, period: 0, endsInMs: 0 } : { ...budget, fits };

  const takeSeveral = (charges: readonly Charge[], scope: string): Outcome => {
    const at = tick();
    const fits: boolean[] = [];
    const read: Level[] = [];
    let allowed = true;
    for (let i = 0; i < charges.length; i++) {
      const charge = charges[i]!;
      const { limit, cost } = charge;
      let fit: boolean;
      if (limit.kind === 'rate') {
        const table = tableOf(limit.rule);
        const slot = table.find(inScope(scope, charge.key));
        slots[i] = slot;
        const debt = debtAt(table, slot, limit, at);
        debts[i] = debt;
        fit = debt + cost * limit.unitMs <= (limit.capacity + roundingUnits(limit)) * limit.unitMs;
      } else {
        const level = counters.read(budgetKey(limit.rule, scope, charge.key), limit.kind);
        read[i] = level;
        fit = level.used + cost <= limit.capacity + roundingUnits(limit);
      }
      fits[i] = fit;
      if (!fit && !limit.shadow) allowed = false;
    }
    if (!allowed) return { allowed, levels: charges.map((charge, i) => denied(charge, i, fits[i]!, read[i])) };
    const spent: BudgetWrite[] = [];
    const levels: Level[] = [];
    for (let i = 0; i < charges.length; i++) {
      const { key, limit, cost } = charges[i]!;
      const paid = fits[i]! ? cost : 0;
      if (limit.kind === 'rate') {
        debts[i]! += paid * limit.unitMs;
        levels.push({ fits: fits[i]!, used: debts[i]! / limit.unitMs, period: 0, endsInMs: 0 });
      } else {
        const { used, period, endsInMs } = read[i]!;
        levels.push({ fits: fits[i]!, used: used + paid, period, endsInMs });
        if (paid > 0)
          spent.push({ key: budgetKey(limit.rule, scope, key), kind: limit.kind, period, used: used + paid });
      }
    }
    // Budgets first: a book that cannot be written throws, and then no rate bucket has been charged either.
    if (spent.length > 0) counters.write(spent);
    for (let i = 0; i < charges.length; i++) {
      const { key, limit, cost } = charges[i]!;
      if (limit.kind !== 'rate' || !fits[i]! || cost === 0) continue;
      write(tableOf(limit.rule), inScope(scope, key), slots[i]!, at + debts[i]!);
    }
    return { allowed, levels };
  };

  return {
    shared: false,
    durableBudgets: options.budgets !== undefined,
    take: (charges, scope) => {
      const first = charges[0];
      return first !== undefined && charges.length === 1 && first.limit.kind === 'rate'
        ? takeOne(first, inScope(scope, first.key))
        : takeSeveral(charges, scope);
    },
    adjust: (adjustments, scope) => {
      const at = tick();
      for (const adjustment of adjustments) {
        const { limit, delta } = adjustment;
        if (limit.kind === 'rate') {
          const key = inScope(scope, adjustment.key);
          const table = tableOf(limit.rule);
          const slot = table.find(key);
          const most = (limit.capacity + limit.overdraft) * limit.unitMs;
          const debt = Math.min(Math.max(debtAt(table, slot, limit, at) + delta * limit.unitMs, 0), most);
          if (slot >= 0 || debt > 0) write(table, key, slot, at + debt);
        } else {
          counters.adjust(budgetKey(limit.rule, scope, adjustment.key), limit.kind, adjustment.period, delta);
        }
      }
    },
    stats: () => ({ keys: [...tables.values()].reduce((sum, table) => sum + table.size, 0), evictedInUse }),
  };
}

/** Rule names contain no colon, so the first one ends the name. */
function budgetKey(rule: string, scope: string, key: string): string {
  return `${rule}:${inScope(scope, key)}`;
}
