import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryStore } from './memory-store.ts';
import type { BudgetBook, BudgetEntry } from './budgets.ts';
import type { BucketLimit } from './store.ts';

const rate = (rule: string, capacity: number, unitMs: number, overdraft = 0): BucketLimit => ({
  rule,
  kind: 'rate',
  capacity,
  unitMs,
  overdraft,
  shadow: false,
});

const day = (amount: number): BucketLimit => ({ ...rate('day', amount, 0), kind: 'day' });

/**
 * The definition, not an algorithm: in every window that ends now, no more than the burst above the rate. It keeps all
 * admitted calls and checks every window, so it shares nothing with GCRA.
 */
class SlidingLog {
  readonly #admitted: { at: number; cost: number }[] = [];
  readonly #capacity: number;
  readonly #unitMs: number;
  constructor(capacity: number, unitMs: number) {
    this.#capacity = capacity;
    this.#unitMs = unitMs;
  }
  /** Units to spare in the window with the fewest, after a charge of `cost` at `at`. */
  spare(at: number, cost: number): number {
    let least = this.#capacity - cost;
    let sum = cost;
    for (const call of this.#admitted.toReversed()) {
      sum += call.cost;
      least = Math.min(least, this.#capacity + (at - call.at) / this.#unitMs - sum);
    }
    return least;
  }
  admit(at: number, cost: number): void {
    this.#admitted.push({ at, cost });
  }
}

const step = fc.record({
  // Mostly forward; now and then the clock jumps a long way, or back.
  passMs: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
    { weight: 1, arbitrary: fc.integer({ min: -5000, max: 5000 }) },
    { weight: 1, arbitrary: fc.constantFrom(3e9, 1e7, -3e9) },
  ),
  cost: fc.oneof(fc.constant(1), fc.constantFrom(0, 0.1, 0.5, 2, 3, 7)),
});

// A decision closer than this to the edge is decided by rounding, which is allowed a thousandth of a unit.
const EDGE = 2e-3;

describe('the arithmetic against a sliding log', () => {
  test('decides like the definition, over any schedule, cost and clock', () => {
    fc.assert(
      fc.property(
        fc.record({ capacity: fc.integer({ min: 1, max: 12 }), unitMs: fc.constantFrom(1, 7, 10, 33.3, 250, 0.4) }),
        fc.array(step, { minLength: 1, maxLength: 80 }),
        ({ capacity, unitMs }, steps) => {
          let read = 1e6;
          let truth = -Infinity;
          const store = memoryStore({ now: () => read });
          const oracle = new SlidingLog(capacity, unitMs);
          const limit = rate('r', capacity, unitMs);
          for (const { passMs, cost } of steps) {
            read += passMs;
            truth = Math.max(truth, read);
            const spare = oracle.spare(truth, cost);
            const { allowed } = store.take([{ key: 'k', limit, cost }], '');
            if (Math.abs(spare) > EDGE) expect(allowed).toBe(spare > 0);
            if (allowed) oracle.admit(truth, cost);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test('decides several buckets together: all are charged or none', () => {
    const limits = [rate('a', 3, 10), rate('b', 8, 25), rate('c', 5, 100)];
    const call = fc.record({
      passMs: fc.integer({ min: 0, max: 60 }),
      wants: fc.array(fc.record({ bucket: fc.integer({ min: 0, max: 2 }), cost: fc.constantFrom(1, 2, 0.5) }), {
        minLength: 1,
        maxLength: 3,
      }),
    });
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 80 }), (calls) => {
        let at = 0;
        const store = memoryStore({ now: () => at });
        const oracles = limits.map(({ capacity, unitMs }) => new SlidingLog(capacity, unitMs));
        for (const { passMs, wants } of calls) {
          at += passMs;
          const distinct = [...new Map(wants.map((want) => [want.bucket, want])).values()];
          const spares = distinct.map(({ bucket, cost }) => oracles[bucket]!.spare(at, cost));
          const charges = distinct.map(({ bucket, cost }) => ({ key: 'k', limit: limits[bucket]!, cost }));
          const { allowed, levels } = store.take(charges, '');
          spares.forEach((spare, i) => {
            if (Math.abs(spare) > EDGE) expect(levels[i]!.fits).toBe(spare > 0);
          });
          expect(allowed).toBe(levels.every(({ fits }) => fits));
          if (allowed) distinct.forEach(({ bucket, cost }) => oracles[bucket]!.admit(at, cost));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('what is given back is the most that can be won by it', () => {
    const action = fc.record({
      passMs: fc.integer({ min: 0, max: 50 }),
      delta: fc.option(fc.integer({ min: -6, max: 6 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 60 }), (actions) => {
        let at = 0;
        let [admitted, givenBack] = [0, 0];
        const store = memoryStore({ now: () => at });
        const limit = rate('r', 5, 20, 4);
        for (const { passMs, delta } of actions) {
          at += passMs;
          if (delta === undefined) admitted += store.take([{ key: 'k', limit, cost: 1 }], '').allowed ? 1 : 0;
          else store.adjust([{ key: 'k', limit, delta, period: 0 }], '');
          givenBack += Math.max(-(delta ?? 0), 0);
          const { used } = store.take([{ key: 'k', limit, cost: 0 }], '').levels[0]!;
          expect(used).toBeGreaterThanOrEqual(0);
          expect(used).toBeLessThanOrEqual(9 + 1e-9);
          expect(admitted).toBeLessThanOrEqual(5 + at / 20 + givenBack + EDGE);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a long run gets the rate, to the unit', () => {
    let at = 0;
    const store = memoryStore({ now: () => at });
    const limit = rate('r', 10, 600);
    let admitted = 0;
    for (; at <= 3_600_000; at += 37) admitted += store.take([{ key: 'k', limit, cost: 1 }], '').allowed ? 1 : 0;
    expect(Math.abs(admitted - (10 + 6000))).toBeLessThanOrEqual(1);
  });
});

describe('time', () => {
  for (const days of [1, 25, 31, 365]) {
    test(`a window of ${days} days is enforced to its end`, () => {
      let at = 0;
      const store = memoryStore({ now: () => at });
      const limit = rate('r', 2, (days * 86_400_000) / 2);
      const take = (): boolean => store.take([{ key: 'k', limit, cost: 1 }], '').allowed;
      expect([take(), take(), take()]).toEqual([true, true, false]);
      at = (days * 86_400_000) / 2 - 60_000;
      expect(take()).toBe(false);
      at += 60_001;
      expect([take(), take()]).toEqual([true, false]);
    });
  }

  test('a clock that runs back lends nothing, and costs nothing once it has caught up', () => {
    let at = 1_000_000;
    const store = memoryStore({ now: () => at });
    const limit = rate('r', 2, 1000);
    const take = (): boolean => store.take([{ key: 'k', limit, cost: 1 }], '').allowed;
    take();
    take();
    at -= 900_000;
    expect(take()).toBe(false);
    at += 901_001;
    expect([take(), take()]).toEqual([true, false]);
  });
});

describe('bounds', () => {
  test('keeps no more buckets than asked, for each rule', () => {
    const store = memoryStore({ maxKeys: 100, now: () => 0 });
    for (let i = 0; i < 1000; i++) {
      store.take([{ key: `k${i}`, limit: rate('a', 5, 1000), cost: 1 }], '');
      store.take([{ key: `k${i}`, limit: rate('b', 5, 1000), cost: 1 }], '');
    }
    expect(store.stats()).toEqual({ keys: 200, evictedInUse: 1800 });
  });

  test('lets idle buckets go before one that holds somebody back', () => {
    let at = 0;
    let told = 0;
    const store = memoryStore({ maxKeys: 64, now: () => at, onEvicted: () => told++ });
    const month = rate('r', 1, 30 * 86_400_000);
    const quick: BucketLimit = { ...month, unitMs: 1 };
    expect(store.take([{ key: 'held', limit: month, cost: 1 }], '').allowed).toBe(true);
    for (let i = 0; i < 5000; i++) {
      at += 10;
      store.take([{ key: `passing${i}`, limit: quick, cost: 1 }], '');
    }
    expect(store.take([{ key: 'held', limit: month, cost: 1 }], '').allowed).toBe(false);
    expect([store.stats().evictedInUse, told]).toEqual([0, 0]);
  });

  test('a flood under one rule does not push out the buckets of another', () => {
    const store = memoryStore({ maxKeys: 64, now: () => 0 });
    const victim = rate('principals', 1, 1e9);
    store.take([{ key: 'mallory', limit: victim, cost: 1 }], '');
    for (let i = 0; i < 10_000; i++) store.take([{ key: `a${i}`, limit: rate('addresses', 5, 1e9), cost: 1 }], '');
    expect(store.take([{ key: 'mallory', limit: victim, cost: 1 }], '').allowed).toBe(false);
  });

  test('does not remember those who used nothing', () => {
    const store = memoryStore({ now: () => 0 });
    store.take([{ key: 'a', limit: rate('r', 1, 1), cost: 0 }], '');
    store.take([{ key: 'b', limit: rate('r', 1, 1), cost: 2 }], '');
    expect(store.stats().keys).toBe(0);
  });

  test.each([0, -1, 1.5, NaN, Infinity, 2 ** 25])('refuses %s as a bound', (maxKeys) => {
    expect(() => memoryStore({ maxKeys })).toThrow(TypeError);
    expect(() => memoryStore({ maxBudgets: maxKeys })).toThrow(TypeError);
  });
});

describe('budgets', () => {
  const DAY_MS = 86_400_000;

  test('start again at midnight UTC, and not before', () => {
    let wall = Date.UTC(2026, 10, 23, 23, 59, 59, 999);
    const store = memoryStore({ wallNow: () => wall });
    const take = (): boolean => store.take([{ key: 'k', limit: day(1), cost: 1 }], '').allowed;
    expect([take(), take()]).toEqual([true, false]);
    wall += 1;
    expect([take(), take()]).toEqual([true, false]);
  });

  test('are not renewed by setting the clock back or to and fro', () => {
    let wall = Date.UTC(2026, 10, 23, 12);
    const store = memoryStore({ wallNow: () => wall });
    const take = (): boolean => store.take([{ key: 'k', limit: day(1), cost: 1 }], '').allowed;
    take();
    wall -= 2 * DAY_MS;
    expect(take()).toBe(false);
    wall += 3 * DAY_MS;
    expect(take()).toBe(true);
    wall -= DAY_MS;
    expect(take()).toBe(false);
  });

  test('charge no rate when the book cannot be written', () => {
    const book: BudgetBook = {
      load: () => undefined,
      save: () => {
        throw new Error('disk full');
      },
    };
    const store = memoryStore({ budgets: book, now: () => 0 });
    const each = rate('each', 2, 1e6);
    const both = [
      { key: 'k', limit: each, cost: 1 },
      { key: 'k', limit: day(5), cost: 1 },
    ];
    expect(() => store.take(both, '')).toThrow('disk full');
    const levels = store.take(
      both.map((one) => ({ ...one, cost: 0 })),
      '',
    ).levels;
    expect(levels.map(({ used }) => used)).toEqual([0, 0]);
  });

  test('that are forgotten while they count are told; those in a book are read back', () => {
    const saved = new Map<string, BudgetEntry>();
    const book: BudgetBook = { load: (key) => saved.get(key), save: (all) => all.forEach(([k, e]) => saved.set(k, e)) };
    for (const budgets of [undefined, book]) {
      const store = memoryStore({ maxBudgets: 10, wallNow: () => 0, ...(budgets && { budgets }) });
      for (let i = 0; i < 11; i++) store.take([{ key: `k${i}`, limit: day(1), cost: 1 }], '');
      expect(store.stats().evictedInUse).toBe(budgets ? 0 : 1);
      expect(store.take([{ key: 'k0', limit: day(1), cost: 1 }], '').allowed).toBe(!budgets);
    }
  });
});
