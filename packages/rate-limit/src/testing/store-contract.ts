import assert from 'node:assert/strict';
import type { Adjustment, BucketLimit, Charge, RateStore } from '../store.ts';

/** One requirement on a store, for any test runner: `for (const { name, run } of storeContract(h)) test(name, run)`. */
export interface ContractCase {
  readonly name: string;
  /** Resolves when the store meets it; rejects with an `AssertionError` when not. */
  readonly run: () => Promise<void>;
}

export interface StoreHarness {
  /** A store without any bucket, and the way to let time pass for it: a fake clock moved on, or a real wait. */
  create(): Promise<{
    readonly store: RateStore;
    passMs(ms: number): Promise<void>;
    dispose?(): Promise<void>;
  }>;
}

const rate = (rule: string, parts: Partial<BucketLimit> = {}): BucketLimit => ({
  rule,
  kind: 'rate',
  capacity: 3,
  unitMs: 200,
  overdraft: 3,
  shadow: false,
  ...parts,
});

const budget = (rule: string, kind: 'day' | 'month', capacity: number): BucketLimit => ({
  ...rate(rule),
  kind,
  capacity,
  unitMs: 0,
});

const charge = (key: string, limit: BucketLimit, cost = 1): Charge => ({ key, limit, cost });

// A shared store reads a clock of its own: a little time passes between two calls.
const near = (actual: number, expected: number, slack = 0.5): void =>
  assert.ok(Math.abs(actual - expected) <= slack, `expected about ${expected}, got ${actual}`);

/** Everything a limiter relies on. Each case makes a store of its own. */
export function storeContract(harness: StoreHarness): readonly ContractCase[] {
  const cases: ContractCase[] = [];
  const must = (
    name: string,
    check: (store: RateStore, passMs: (ms: number) => Promise<void>) => Promise<void>,
  ): void => {
    cases.push({
      name,
      run: async () => {
        const made = await harness.create();
        try {
          await check(made.store, (ms) => made.passMs(ms));
        } finally {
          await made.dispose?.();
        }
      },
    });
  };

  // Slow units, so that none comes back while the case is running.
  const slow = (rule: string, capacity: number): BucketLimit => rate(rule, { capacity, unitMs: 3_600_000 });

  must('admits exactly the burst at once', async (store) => {
    const allowed = [];
    for (let i = 0; i < 5; i++) allowed.push((await store.take([charge('a', slow('r', 3))], '')).allowed);
    assert.deepEqual(allowed, [true, true, true, false, false]);
  });

  must('admits exactly the burst of calls that arrive together', async (store) => {
    const limit = slow('r', 7);
    const answers = await Promise.all(Array.from({ length: 40 }, async () => store.take([charge('a', limit)], '')));
    assert.equal(answers.filter(({ allowed }) => allowed).length, 7);
  });

  must('gives units back with time, and no more than fit', async (store, passMs) => {
    const unitMs = 200;
    const limit = rate('r', { capacity: 3, unitMs });
    // A busy machine lets units come back between two calls, and no more than its own clock says.
    const fill = async (atLeast: number): Promise<void> => {
      const start = performance.now();
      let admitted = 0;
      while ((await store.take([charge('a', limit)], '')).allowed) admitted++;
      const meanwhile = Math.ceil((performance.now() - start) / unitMs);
      assert.ok(
        admitted >= atLeast && admitted <= atLeast + 1 + meanwhile,
        `${atLeast} expected, ${admitted} admitted`,
      );
    };
    await fill(3);
    await passMs(450);
    await fill(2);
    await passMs(2000);
    await fill(3);
  });

  must('reports units in use after what it charged', async (store) => {
    const { levels } = await store.take([charge('a', slow('r', 10), 4)], '');
    assert.equal(levels.length, 1);
    assert.equal(levels[0]!.fits, true);
    near(levels[0]!.used, 4, 0.01);
  });

  must('charges nothing when it denies, and says how much was in use', async (store) => {
    const limit = slow('r', 10);
    await store.take([charge('a', limit, 8)], '');
    const denied = await store.take([charge('a', limit, 3)], '');
    assert.equal(denied.allowed, false);
    near(denied.levels[0]!.used, 8, 0.01);
    assert.equal((await store.take([charge('a', limit, 2)], '')).allowed, true);
  });

  must('charges all buckets or none', async (store) => {
    const [wide, tight] = [slow('wide', 100), slow('tight', 1)];
    const both = [charge('a', wide), charge('b', tight)];
    assert.equal((await store.take(both, '')).allowed, true);
    for (let i = 0; i < 20; i++) {
      const denied = await store.take(both, '');
      assert.deepEqual([denied.allowed, ...denied.levels.map(({ fits }) => fits)], [false, true, false]);
    }
    near((await store.take([charge('a', wide, 0)], '')).levels[0]!.used, 1, 0.01);
  });

  must('charges all or none across rates and budgets', async (store) => {
    const [each, day] = [slow('each', 100), budget('day', 'day', 2)];
    const both = [charge('a', each), charge('a', day)];
    const allowed = [];
    for (let i = 0; i < 4; i++) allowed.push((await store.take(both, '')).allowed);
    assert.deepEqual(allowed, [true, true, false, false]);
    near((await store.take([charge('a', each, 0)], '')).levels[0]!.used, 2, 0.01);
  });

  must('lets a shadow rule deny nothing and charges it only what fits', async (store) => {
    const [real, shadow] = [slow('real', 10), { ...slow('shadow', 2), shadow: true }];
    const last = [];
    for (let i = 0; i < 4; i++) last.push(await store.take([charge('a', real), charge('a', shadow)], ''));
    assert.deepEqual(
      last.map(({ allowed }) => allowed),
      [true, true, true, true],
    );
    assert.deepEqual(
      last.map(({ levels }) => levels[1]!.fits),
      [true, true, false, false],
    );
    near(last[3]!.levels[0]!.used, 4, 0.01);
    near(last[3]!.levels[1]!.used, 2, 0.01);
  });

  must('denies a cost above what ever fits', async (store) => {
    assert.equal((await store.take([charge('a', slow('r', 3), 4)], '')).allowed, false);
  });

  must('takes costs with fractions', async (store) => {
    const limit = slow('r', 1);
    const allowed = [];
    for (let i = 0; i < 11; i++) allowed.push((await store.take([charge('a', limit, 0.1)], '')).allowed);
    assert.deepEqual(allowed, [...Array.from({ length: 10 }, () => true), false]);
  });

  must('keeps keys, rules and scopes apart', async (store) => {
    const limit = slow('r', 1);
    const distinct: [Charge, string][] = [
      [charge('a', limit), ''],
      [charge('b', limit), ''],
      [charge('a', slow('s', 1)), ''],
      [charge('a', limit), 't-one'],
      [charge('a', limit), 't-two'],
      [charge('a', limit), 't-{one}'],
      [charge('{x}:é漢', limit), 't-one'],
      [charge('x'.repeat(5000), limit), 't-one'],
      [charge('a', limit), '-'],
      [charge('bc', limit), 'a'],
      [charge('c', limit), 'ab'],
    ];
    for (const [one, scope] of distinct)
      assert.equal((await store.take([one], scope)).allowed, true, `${one.key} ${scope}`);
    for (const [one, scope] of distinct) assert.equal((await store.take([one], scope)).allowed, false);
  });

  must('settles a cost upwards, into debt, but not beyond the overdraft', async (store) => {
    const limit: BucketLimit = { ...slow('r', 10), overdraft: 5 };
    const adjustment: Adjustment = { key: 'a', limit, delta: 12, period: 0 };
    await store.take([charge('a', limit)], '');
    await store.adjust([adjustment], '');
    near((await store.take([charge('a', limit)], '')).levels[0]!.used, 13, 0.01);
    await store.adjust([{ ...adjustment, delta: 1000 }], '');
    const { allowed, levels } = await store.take([charge('a', limit)], '');
    assert.equal(allowed, false);
    near(levels[0]!.used, 15, 0.01);
  });

  must('gives back, but never more than was in use', async (store) => {
    const limit = slow('r', 3);
    await store.take([charge('a', limit, 3)], '');
    await store.adjust([{ key: 'a', limit, delta: -2, period: 0 }], '');
    near((await store.take([charge('a', limit, 0)], '')).levels[0]!.used, 1, 0.01);
    await store.adjust([{ key: 'a', limit, delta: -50, period: 0 }], '');
    assert.equal((await store.take([charge('a', limit, 3)], '')).allowed, true);
    assert.equal((await store.take([charge('a', limit, 1)], '')).allowed, false);
  });

  must('holds nobody to more than a rule that was made narrower allows to be in use', async (store) => {
    await store.take([charge('a', slow('r', 100), 100)], '');
    const narrower: BucketLimit = { ...slow('r', 5), overdraft: 3 };
    near((await store.take([charge('a', narrower, 0)], '')).levels[0]!.used, 8, 0.01);
  });

  for (const kind of ['day', 'month'] as const) {
    must(`counts a ${kind}'s budget and says when the period ends`, async (store) => {
      const limit = budget('b', kind, 5);
      const { levels } = await store.take([charge('a', limit, 2)], '');
      assert.equal(levels[0]!.used, 2);
      assert.ok(levels[0]!.period > 0);
      assert.ok(levels[0]!.endsInMs > 0 && levels[0]!.endsInMs <= (kind === 'day' ? 1 : 31) * 86_400_000);
      assert.equal((await store.take([charge('a', limit, 4)], '')).allowed, false);
      assert.equal((await store.take([charge('a', limit, 3)], '')).allowed, true);
    });

    must(`corrects a ${kind}'s budget, and drops what is given back to a period that is over`, async (store) => {
      const limit = budget('b', kind, 10);
      const [level] = (await store.take([charge('a', limit, 4)], '')).levels;
      const { period } = level!;
      await store.adjust([{ key: 'a', limit, delta: 3, period }], '');
      await store.adjust([{ key: 'a', limit, delta: -2, period }], '');
      await store.adjust([{ key: 'a', limit, delta: -4, period: period - 1 }], '');
      assert.equal((await store.take([charge('a', limit, 0)], '')).levels[0]!.used, 5);
    });
  }

  must('adjusts several buckets in one call', async (store) => {
    const [one, two] = [slow('one', 9), budget('two', 'day', 9)];
    await store.take([charge('a', one, 2), charge('a', two, 2)], 't-x');
    await store.adjust(
      [one, two].map((limit) => ({ key: 'a', limit, delta: 3, period: 0 })),
      't-x',
    );
    const { levels } = await store.take([charge('a', one, 0), charge('a', two, 0)], 't-x');
    near(levels[0]!.used, 5, 0.01);
    assert.equal(levels[1]!.used, 5);
  });

  must('enforces a window of 31 days', async (store, passMs) => {
    const limit = rate('r', { capacity: 2, unitMs: (31 * 86_400_000) / 2 });
    await store.take([charge('a', limit, 2)], '');
    await passMs(50);
    const { allowed, levels } = await store.take([charge('a', limit)], '');
    assert.equal(allowed, false);
    near(levels[0]!.used, 2, 0.001);
  });

  must('answers an empty call', async (store) => {
    assert.deepEqual(await store.take([], ''), { allowed: true, levels: [] });
    await store.adjust([], '');
  });

  return cases;
}
