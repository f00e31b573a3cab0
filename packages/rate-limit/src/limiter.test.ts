import { describe, expect, test } from 'vitest';
import { FakeTime, settled } from '../test/fake-time.ts';
import type { Decision } from './decision.ts';
import type { LimitEvent } from './events.ts';
import { allowForgetfulBudgets, createRateLimiter, type RateLimiterOptions } from './limiter.ts';
import { memoryStore } from './memory-store.ts';
import type { Rule } from './rule.ts';
import type { RateStore } from './store.ts';

const perMinute = (name: string, by: Rule['by'], burst: number, more: Partial<Rule> = {}): Rule => ({
  name,
  by,
  allow: { kind: 'rate', amount: burst, periodMs: 60_000, burst },
  whenStoreFails: 'local',
  ...more,
});

function limiterOf(rules: readonly Rule[], more: Partial<RateLimiterOptions> = {}) {
  const time = new FakeTime();
  const events: LimitEvent[] = [];
  const store = memoryStore({ now: time.now, wallNow: () => Date.UTC(2026, 10, 23) + time.at });
  const limiter = createRateLimiter({
    rules,
    store,
    now: time.now,
    schedule: time.schedule,
    onEvent: (event) => events.push(event),
    [allowForgetfulBudgets]: true,
    ...more,
  });
  /** Synchronous, because the store is. */
  const take = (subject: Parameters<typeof limiter.take>[0]): Decision => limiter.take(subject) as Decision;
  const types = (): string[] => events.map(({ type }) => type);
  return { limiter, take, time, events, types, store };
}

describe('one decision', () => {
  test('says what is left and how long to wait', () => {
    const { take, time } = limiterOf([perMinute('key', ['apiKey'], 3)]);
    expect(take({ apiKey: 'k' })).toMatchObject({
      allowed: true,
      reason: 'within',
      violated: undefined,
      limit: 3,
      remaining: 2,
      retryAfterMs: 0,
      resetAfterMs: 20_000,
      degraded: false,
    });
    take({ apiKey: 'k' });
    expect(take({ apiKey: 'k' }).remaining).toBe(0);
    time.at += 5000;
    expect(take({ apiKey: 'k' })).toMatchObject({
      allowed: false,
      reason: 'exceeded',
      violated: 'key',
      limit: 3,
      remaining: 0,
      retryAfterMs: 15_000,
      resetAfterMs: 55_000,
    });
    expect(take({ apiKey: 'other' }).allowed).toBe(true);
  });

  test('waits exactly as long as it said', () => {
    const { take, time } = limiterOf([perMinute('key', ['apiKey'], 7)]);
    let decision = take({ apiKey: 'k' });
    while (decision.allowed) decision = take({ apiKey: 'k' });
    // Rounding may let a call in a millisecond early.
    time.at += decision.retryAfterMs - 1.5;
    expect(take({ apiKey: 'k' }).allowed).toBe(false);
    time.at += 1.5;
    expect(take({ apiKey: 'k' }).allowed).toBe(true);
  });

  test('checks every dimension at once, and a denial charges none', () => {
    const rules = [
      perMinute('address', ['address'], 50),
      perMinute('key', ['apiKey'], 40),
      perMinute('principal', ['principal'], 30),
      perMinute('tenant', ['tenant'], 20),
      perMinute('server', ['server'], 10),
      perMinute('tool', ['server', 'tool'], 5),
      perMinute('tool-each', ['server', 'tool', 'principal'], 2),
    ];
    const { take } = limiterOf(rules);
    const subject = { address: '192.0.2.1', apiKey: 'k', principal: 'p', tenant: 't', server: 's', tool: 'x' };
    expect([take(subject), take(subject)].map(({ allowed }) => allowed)).toEqual([true, true]);
    for (let i = 0; i < 30; i++) expect(take(subject)).toMatchObject({ allowed: false, violated: 'tool-each' });
    const left = take({ ...subject, principal: 'q' }).rules.map(({ name, remaining }) => [name, remaining]);
    expect(Object.fromEntries(left)).toEqual({
      address: 47,
      key: 37,
      principal: 29,
      tenant: 17,
      server: 7,
      tool: 2,
      'tool-each': 1,
    });
  });

  test('names the rule with the longest wait, and lists all that were in the way', () => {
    const rules = [
      {
        ...perMinute('short', ['principal'], 1),
        allow: { kind: 'rate', amount: 60, periodMs: 60_000, burst: 1 } as const,
      },
      {
        ...perMinute('long', ['principal'], 1),
        allow: { kind: 'rate', amount: 1, periodMs: 60_000, burst: 1 } as const,
      },
    ];
    const { take } = limiterOf(rules);
    take({ principal: 'p' });
    const denied = take({ principal: 'p' });
    expect(denied).toMatchObject({ violated: 'long', retryAfterMs: 60_000 });
    expect(denied.rules.map(({ name, retryAfterMs }) => [name, retryAfterMs])).toEqual([
      ['short', 1000],
      ['long', 60_000],
    ]);
  });

  test('applies a rule to what it matches: lists and discovery like anything else', () => {
    const rules = [
      perMinute('all', ['principal'], 100),
      perMinute('lists', ['principal', 'method'], 2, {
        match: { methods: ['tools/list', 'resources/*', 'server/discover'] },
      }),
      perMinute('deletes', ['principal'], 1, { match: { servers: ['git'], tools: ['delete_*'] } }),
    ];
    const { take } = limiterOf(rules);
    const names = (subject: Parameters<typeof take>[0]): string[] => take(subject).rules.map(({ name }) => name);
    expect(names({ principal: 'p', method: 'tools/list' })).toEqual(['all', 'lists']);
    expect(names({ principal: 'p', method: 'resources/templates/list' })).toEqual(['all', 'lists']);
    expect(names({ principal: 'p', method: 'server/discover' })).toEqual(['all', 'lists']);
    expect(names({ principal: 'p', method: 'tools/call', server: 'git', tool: 'delete_branch' })).toEqual([
      'all',
      'deletes',
    ]);
    expect(names({ principal: 'p', method: 'tools/call', server: 'hub', tool: 'delete_branch' })).toEqual(['all']);
    expect(names({ principal: 'p', method: 'tools/list2' })).toEqual(['all']);
  });

  test('without any rule that applies is an allowance without a number', () => {
    const { take } = limiterOf([perMinute('key', ['apiKey'], 1)]);
    expect(take({ principal: 'p' })).toMatchObject({ allowed: true, limit: Infinity, remaining: Infinity, rules: [] });
  });

  test('counts those who lack a dimension together, if asked', () => {
    const { take } = limiterOf([perMinute('principal', ['principal'], 1, { absent: 'share' })]);
    expect([take({}), take({ tool: 'x' })].map(({ allowed }) => allowed)).toEqual([true, false]);
    expect(take({ principal: 'p' }).allowed).toBe(true);
  });

  test('keeps tenants apart when scoped by them', () => {
    const { take } = limiterOf([perMinute('tool', ['tool'], 1)], { scopeBy: 'tenant' });
    const allowed = [{ tenant: 'a' }, { tenant: 'b' }, {}, { tenant: '' }, { tenant: 'none' }].map(
      (who) => take({ ...who, tool: 'x' }).allowed,
    );
    expect(allowed).toEqual([true, true, true, true, true]);
    expect(take({ tenant: 'a', tool: 'x' }).allowed).toBe(false);
  });
});

describe('costs', () => {
  test('are weighed by tool', () => {
    const { take } = limiterOf([perMinute('key', ['apiKey'], 10, { cost: 2, weights: { heavy: 4, free: 0 } })]);
    expect(take({ apiKey: 'k', tool: 'heavy' }).remaining).toBe(2);
    expect(take({ apiKey: 'k', tool: 'free' }).remaining).toBe(2);
    expect(take({ apiKey: 'k' }).remaining).toBe(0);
  });

  test('a tool named like a member of every object has the ordinary weight', () => {
    const { take } = limiterOf([perMinute('key', ['apiKey'], 10, { weights: { heavy: 4 } })]);
    for (const tool of ['constructor', '__proto__', 'toString']) take({ apiKey: 'k', tool });
    expect(take({ apiKey: 'k', tool: 'hasOwnProperty' }).remaining).toBe(6);
  });

  test('above what ever fits are denied for good, and say so', () => {
    const { take } = limiterOf([perMinute('key', ['apiKey'], 10, { cost: () => 11 })]);
    expect(take({ apiKey: 'k' })).toMatchObject({ allowed: false, retryAfterMs: Infinity });
  });

  test.each([-1, NaN, Infinity, '3' as unknown as number])('of %s are a failure, not a gift', (cost) => {
    const { limiter } = limiterOf([perMinute('key', ['apiKey'], 10, { cost: () => cost })]);
    expect(() => limiter.take({ apiKey: 'k' })).toThrow(expect.objectContaining({ code: 'ERR_RATE_LIMIT_COST' }));
  });
});

describe('settling', () => {
  const rules = [
    perMinute('calls', ['principal'], 10),
    perMinute('bytes', ['principal'], 1000, { unit: 'bytes', cost: 100 }),
    perMinute('tokens', ['principal'], 50, { unit: 'tokens', cost: 0, refundable: false }),
  ];
  const left = (decision: Decision): Record<string, number> =>
    Object.fromEntries(decision.rules.map(({ name, remaining }) => [name, remaining]));

  test('replaces what was assumed by what was used', () => {
    const { limiter, take } = limiterOf(rules);
    const first = take({ principal: 'p' });
    expect(limiter.settle(first, { bytes: 700, tokens: 20 })).toBe('settled');
    expect(left(take({ principal: 'p' }))).toEqual({ calls: 8, bytes: 200, tokens: 30 });
  });

  test('may overdraw once; the next call waits', () => {
    const { limiter, take, time } = limiterOf(rules);
    void limiter.settle(take({ principal: 'p' }), { bytes: 1500 });
    expect(take({ principal: 'p' })).toMatchObject({ allowed: false, violated: 'bytes', retryAfterMs: 36_000 });
    time.at += 36_000;
    expect(take({ principal: 'p' }).allowed).toBe(true);
  });

  test('happens once, and only to a decision that allowed', () => {
    const { limiter, take } = limiterOf([perMinute('calls', ['principal'], 2)]);
    const first = take({ principal: 'p' });
    expect([limiter.refund(first), limiter.refund(first), limiter.settle(first, {})]).toEqual([
      'settled',
      'nothing',
      'nothing',
    ]);
    take({ principal: 'p' });
    take({ principal: 'p' });
    const denied = take({ principal: 'p' });
    expect([denied.allowed, limiter.refund(denied), limiter.refund({ ...first })]).toEqual([
      false,
      'nothing',
      'nothing',
    ]);
    expect(take({ principal: 'p' }).allowed).toBe(false);
  });

  test('a refund gives back what is refundable', () => {
    const { limiter, take } = limiterOf([
      ...rules.slice(0, 2),
      perMinute('tries', ['principal'], 10, { refundable: false }),
    ]);
    void limiter.refund(take({ principal: 'p' }));
    expect(left(take({ principal: 'p' }))).toEqual({ calls: 9, bytes: 900, tries: 8 });
  });

  test('a refund of yesterday is of no use today', () => {
    const { limiter, take, time } = limiterOf([
      perMinute('day', ['principal'], 5, { allow: { kind: 'day', amount: 5 } }),
    ]);
    const yesterday = take({ principal: 'p' });
    time.at += 86_400_000;
    take({ principal: 'p' });
    void limiter.refund(yesterday);
    expect(take({ principal: 'p' }).remaining).toBe(3);
  });

  test('a refund of a shadow rule that had no room gives nothing away', () => {
    const { limiter, take } = limiterOf([
      perMinute('real', ['principal'], 10),
      perMinute('trial', ['principal'], 1, { mode: 'shadow' }),
    ]);
    take({ principal: 'p' });
    void limiter.refund(take({ principal: 'p' }));
    const last = take({ principal: 'p' });
    expect(left(last)).toEqual({ real: 8, trial: 0 });
    expect(last.rules[1]!.fits).toBe(false);
  });

  test.each([-5, NaN, Infinity])('with %s is a failure', (bytes) => {
    const { limiter, take } = limiterOf(rules);
    const decision = take({ principal: 'p' });
    expect(() => limiter.settle(decision, { bytes })).toThrow(expect.objectContaining({ code: 'ERR_RATE_LIMIT_COST' }));
  });
});

describe('events', () => {
  test('a shadow rule denies nothing and says what it would have done', () => {
    const { take, events } = limiterOf([perMinute('trial', ['principal'], 1, { mode: 'shadow' })]);
    expect([take({ principal: 'p' }), take({ principal: 'p' })].map(({ allowed }) => allowed)).toEqual([true, true]);
    expect(events).toEqual([{ type: 'limit.shadow-denied', rule: 'trial', subject: { principal: 'p' } }]);
  });

  test('a denial is told, and so is the crossing of 80 %, once', () => {
    const { take, events, types, time } = limiterOf([perMinute('key', ['apiKey'], 10)]);
    for (let i = 0; i < 7; i++) take({ apiKey: 'k' });
    expect(types()).toEqual([]);
    for (let i = 0; i < 3; i++) take({ apiKey: 'k' });
    expect(events).toEqual([{ type: 'limit.near', rule: 'key', subject: { apiKey: 'k' }, used: 8, limit: 10 }]);
    take({ apiKey: 'k' });
    expect(events[1]).toMatchObject({ type: 'limit.denied', rule: 'key', reason: 'exceeded', retryAfterMs: 6000 });
    time.at += 60_000;
    for (let i = 0; i < 8; i++) take({ apiKey: 'k' });
    expect(types()).toEqual(['limit.near', 'limit.denied', 'limit.near']);
  });
});

describe('what makes no sense is refused at construction', () => {
  const good = perMinute('a', ['apiKey'], 5);
  test.each<[string, unknown]>([
    ['two rules of one name', [good, good]],
    ['a name that would break a header', [{ ...good, name: 'a"b' }]],
    ['an unknown dimension', [{ ...good, by: ['planet'] }]],
    ['a dimension twice', [{ ...good, by: ['tool', 'tool'] }]],
    ['no choice for a failing store', [{ ...good, whenStoreFails: undefined }]],
    ['an unknown choice for a failing store', [{ ...good, whenStoreFails: 'open' }]],
    ['an unknown mode', [{ ...good, mode: 'off' }]],
    ['no rate', [{ ...good, allow: { kind: 'rate', amount: 0, periodMs: 1, burst: 1 } }]],
    ['no period', [{ ...good, allow: { kind: 'rate', amount: 1, periodMs: NaN, burst: 1 } }]],
    ['a burst below one', [{ ...good, allow: { kind: 'rate', amount: 1, periodMs: 1, burst: 0.5 } }]],
    ['no burst', [{ ...good, allow: { kind: 'rate', amount: 1, periodMs: 1 } }]],
    ['an unknown kind', [{ ...good, allow: { kind: 'week', amount: 1 } }]],
    ['a call that never fits', [{ ...good, cost: 6 }]],
    ['a weight by which a call never fits', [{ ...good, weights: { heavy: 6 } }]],
    ['a negative weight', [{ ...good, weights: { heavy: -1 } }]],
    ['a negative cost', [{ ...good, cost: -1 }]],
    ['33 rules', Array.from({ length: 33 }, (_, i) => ({ ...good, name: `r${i}` }))],
  ])('%s', (_what, rules) => {
    expect(() => limiterOf(rules as Rule[])).toThrow(TypeError);
  });

  test('a budget in a store that forgets it', () => {
    const rules = [{ ...good, allow: { kind: 'month', amount: 5 } as const }];
    expect(() => createRateLimiter({ rules, store: memoryStore() })).toThrow(/budget/);
  });

  test('a shared store without the number of replicas', () => {
    const shared = { ...memoryStore(), shared: true };
    expect(() => createRateLimiter({ rules: [good], store: shared })).toThrow(/replicas/);
  });

  test.each([
    { timeoutMs: 0 },
    { replicas: 0.5 },
    { warnAt: 0 },
    { warnAt: 1.1 },
    { pauseMs: -1 },
    { denialCacheMs: NaN },
  ])('an option out of its range: %j', (options) => expect(() => limiterOf([good], options)).toThrow(TypeError));
});

describe('a store that fails', () => {
  function failing(rules: readonly Rule[], more: Partial<RateLimiterOptions> = {}) {
    const time = new FakeTime();
    const events: LimitEvent[] = [];
    const inner = memoryStore({ now: time.now });
    const state = { mode: 'ok' as 'ok' | 'throw' | 'reject' | 'hang', asked: 0 };
    const answer = <T>(value: () => T): Promise<T> => {
      state.asked++;
      if (state.mode === 'throw') throw new Error('store threw');
      if (state.mode === 'reject') return Promise.reject(new Error('store rejected'));
      return state.mode === 'hang' ? new Promise(() => {}) : Promise.resolve(value());
    };
    const store: RateStore = {
      shared: true,
      durableBudgets: true,
      take: (charges, scope) => answer(() => inner.take(charges, scope)),
      adjust: (adjustments, scope) => answer(() => inner.adjust(adjustments, scope)),
    };
    const limiter = createRateLimiter({
      rules,
      store,
      replicas: 4,
      now: time.now,
      schedule: time.schedule,
      onEvent: (event) => events.push(event),
      ...more,
    });
    const take = async (subject: Parameters<typeof limiter.take>[0]): Promise<Decision> => {
      const pending = Promise.resolve(limiter.take(subject));
      await settled();
      if (state.mode === 'hang') await time.pass(50);
      return pending;
    };
    return { limiter, take, time, events, state, types: () => events.map(({ type }) => type) };
  }

  test.each(['throw', 'reject', 'hang'] as const)('(%s) leaves the limit divided by the replicas', async (mode) => {
    const { take, state, types, time } = failing([perMinute('key', ['apiKey'], 20)], { failures: 1000 });
    state.mode = mode;
    const decisions = [];
    for (let i = 0; i < 8; i++) decisions.push(await take({ apiKey: 'k' }));
    expect(decisions.map(({ allowed }) => allowed)).toEqual([...Array(5).fill(true), ...Array(3).fill(false)]);
    expect(decisions.every(({ degraded }) => degraded)).toBe(true);
    expect(types().filter((type) => type === 'limit.degraded')).toHaveLength(1);
    time.at += 12_000;
    expect((await take({ apiKey: 'k' })).allowed).toBe(true);
    expect((await take({ apiKey: 'k' })).allowed).toBe(false);
  });

  test('is waited for 50 ms and not longer', async () => {
    const { limiter, state, time } = failing([perMinute('key', ['apiKey'], 20)]);
    state.mode = 'hang';
    let done = false;
    void Promise.resolve(limiter.take({ apiKey: 'k' })).then(() => (done = true));
    await time.pass(49);
    expect(done).toBe(false);
    await time.pass(1);
    expect(done).toBe(true);
    expect(time.pending).toBe(0);
  });

  test('denies under a rule that must be exact, even if other rules would not', async () => {
    const { take, state, events } = failing([
      perMinute('key', ['apiKey'], 20),
      perMinute('money', ['apiKey'], 20, { whenStoreFails: 'refuse' }),
    ]);
    state.mode = 'reject';
    expect(await take({ apiKey: 'k' })).toMatchObject({
      allowed: false,
      reason: 'unavailable',
      violated: 'money',
      degraded: true,
    });
    expect(events.at(-1)).toMatchObject({ type: 'limit.denied', rule: 'money', reason: 'unavailable' });
  });

  test('does not deny because a shadow rule must be exact', async () => {
    const { take, state } = failing([
      perMinute('key', ['apiKey'], 20),
      perMinute('trial', ['apiKey'], 20, { whenStoreFails: 'refuse', mode: 'shadow' }),
    ]);
    state.mode = 'reject';
    expect((await take({ apiKey: 'k' })).allowed).toBe(true);
  });

  test('is left alone after five failures, and asked once a second whether it is back', async () => {
    const { take, state, time, events } = failing([perMinute('key', ['apiKey'], 4000)]);
    state.mode = 'reject';
    for (let i = 0; i < 20; i++) await take({ apiKey: 'k' });
    expect(state.asked).toBe(5);
    await time.pass(999);
    await take({ apiKey: 'k' });
    expect(state.asked).toBe(5);
    await time.pass(1);
    await Promise.all([take({ apiKey: 'k' }), take({ apiKey: 'k' }), take({ apiKey: 'k' })]);
    expect(state.asked).toBe(6);
    state.mode = 'ok';
    await time.pass(1000);
    expect((await take({ apiKey: 'k' })).degraded).toBe(false);
    expect(events.map(({ type }) => type)).toEqual(['limit.degraded', 'limit.recovered']);
    expect(events[1]).toEqual({ type: 'limit.recovered', decisions: 24 });
    expect((await take({ apiKey: 'k' })).degraded).toBe(false);
  });

  test('that answers too late changes nothing, and its late failure is no unhandled rejection', async () => {
    const time = new FakeTime();
    let fail: (cause: Error) => void = () => {};
    let asked = 0;
    const store: RateStore = {
      shared: true,
      durableBudgets: true,
      take: () =>
        new Promise((_resolve, reject) => {
          asked++;
          fail = reject;
        }),
      adjust: () => {},
    };
    const events: LimitEvent[] = [];
    const limiter = createRateLimiter({
      rules: [perMinute('key', ['apiKey'], 20)],
      store,
      replicas: 1,
      failures: 2,
      now: time.now,
      schedule: time.schedule,
      onEvent: (event) => events.push(event),
    });
    const pending = limiter.take({ apiKey: 'k' });
    await time.pass(50);
    fail(new Error('much too late'));
    await settled();
    expect(await pending).toMatchObject({ allowed: true, degraded: true });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: 'limit.degraded', cause: { code: 'ERR_RATE_LIMIT_STORE_TIMEOUT' } });
    // One failure, not two: the breaker, which opens at two here, still lets the next call ask.
    const next = limiter.take({ apiKey: 'k' });
    expect(asked).toBe(2);
    await time.pass(50);
    await next;
  });

  test('lets through a call that costs more than its share, as long as it fits at all', async () => {
    const { take, state } = failing([perMinute('key', ['apiKey'], 20, { cost: () => 15 })]);
    state.mode = 'reject';
    expect((await take({ apiKey: 'k' })).allowed).toBe(true);
    expect((await take({ apiKey: 'k' })).allowed).toBe(false);
  });

  test('does not open a new budget with each outage', async () => {
    const { take, state, time } = failing([perMinute('day', ['apiKey'], 8, { allow: { kind: 'day', amount: 8 } })]);
    state.mode = 'reject';
    expect([await take({ apiKey: 'k' }), await take({ apiKey: 'k' })].map(({ allowed }) => allowed)).toEqual([
      true,
      true,
    ]);
    state.mode = 'ok';
    await time.pass(1000);
    await take({ apiKey: 'k' });
    state.mode = 'reject';
    expect((await take({ apiKey: 'k' })).allowed).toBe(false);
  });

  test('settles where it charged', async () => {
    const { limiter, take, state } = failing([perMinute('bytes', ['apiKey'], 400, { unit: 'bytes', cost: 0 })], {
      failures: 1000,
    });
    state.mode = 'reject';
    expect(await limiter.settle(await take({ apiKey: 'k' }), { bytes: 60 })).toBe('settled');
    expect((await take({ apiKey: 'k' })).remaining).toBe(40);
    state.mode = 'ok';
    expect((await take({ apiKey: 'k' })).remaining).toBe(400);
  });

  test('loses a settlement, and says so', async () => {
    const { limiter, take, state, types } = failing([perMinute('bytes', ['apiKey'], 400, { unit: 'bytes', cost: 0 })]);
    const decision = await take({ apiKey: 'k' });
    state.mode = 'reject';
    expect(await limiter.settle(decision, { bytes: 60 })).toBe('lost');
    expect(types()).toEqual(['limit.degraded', 'limit.settle-lost']);
  });
});

describe('the cache of denials', () => {
  function counting(rules: readonly Rule[], more: Partial<RateLimiterOptions> = {}) {
    const time = new FakeTime();
    const inner = memoryStore({ now: time.now });
    const state = { asked: 0 };
    const store: RateStore = {
      shared: true,
      durableBudgets: true,
      take: async (charges, scope) => {
        state.asked++;
        return inner.take(charges, scope);
      },
      adjust: async (adjustments, scope) => inner.adjust(adjustments, scope),
    };
    const limiter = createRateLimiter({ rules, store, replicas: 2, now: time.now, schedule: time.schedule, ...more });
    return { limiter, time, state };
  }

  test('spares the store, and answers as it would', async () => {
    const { limiter, time, state } = counting([perMinute('key', ['apiKey'], 6)]);
    for (let i = 0; i < 6; i++) await limiter.take({ apiKey: 'k' });
    const fromStore = await limiter.take({ apiKey: 'k' });
    expect(state.asked).toBe(7);
    time.at += 400;
    const remembered = limiter.take({ apiKey: 'k' }) as Decision;
    expect(state.asked).toBe(7);
    expect(fromStore).toMatchObject({ allowed: false, retryAfterMs: 10_000, resetAfterMs: 60_000 });
    expect(remembered).toMatchObject({
      allowed: false,
      violated: 'key',
      retryAfterMs: 9600,
      resetAfterMs: 59_600,
      remaining: 0,
    });
    expect((await limiter.take({ apiKey: 'other' })).allowed).toBe(true);
    time.at += 600;
    await limiter.take({ apiKey: 'k' });
    expect(state.asked).toBe(9);
  });

  test('never outlives the wait', async () => {
    const { limiter, time } = counting([
      { ...perMinute('key', ['apiKey'], 1), allow: { kind: 'rate', amount: 10, periodMs: 1000, burst: 1 } },
    ]);
    await limiter.take({ apiKey: 'k' });
    expect((await limiter.take({ apiKey: 'k' })).allowed).toBe(false);
    time.at += 100;
    expect((await limiter.take({ apiKey: 'k' })).allowed).toBe(true);
  });

  test('does not answer for a cheaper call', async () => {
    const { limiter } = counting([perMinute('key', ['apiKey'], 6, { weights: { heavy: 4 } })]);
    await limiter.take({ apiKey: 'k', tool: 'heavy' });
    expect((await limiter.take({ apiKey: 'k', tool: 'heavy' })).allowed).toBe(false);
    expect((await limiter.take({ apiKey: 'k', tool: 'light' })).allowed).toBe(true);
  });

  test('is forgotten when something is given back here', async () => {
    const { limiter } = counting([perMinute('key', ['apiKey'], 1)]);
    const first = await limiter.take({ apiKey: 'k' });
    expect((await limiter.take({ apiKey: 'k' })).allowed).toBe(false);
    await limiter.refund(first);
    expect((await limiter.take({ apiKey: 'k' })).allowed).toBe(true);
  });

  test('keeps tenants and rules apart', async () => {
    const { limiter } = counting([perMinute('r', ['tool'], 1)], { scopeBy: 'tenant' });
    await limiter.take({ tenant: 'a', tool: 'x' });
    expect((await limiter.take({ tenant: 'a', tool: 'x' })).allowed).toBe(false);
    expect((await limiter.take({ tenant: 'b', tool: 'x' })).allowed).toBe(true);
  });

  test('can be turned off', async () => {
    const { limiter, state } = counting([perMinute('key', ['apiKey'], 1)], { denialCacheMs: 0 });
    for (let i = 0; i < 5; i++) await limiter.take({ apiKey: 'k' });
    expect(state.asked).toBe(5);
  });
});
