import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { periodAt, periodEndMs } from '../src/calendar.ts';
import { createRateLimiter, type BucketLimit, type LimitEvent, type Rule } from '../src/index.ts';
import { redisStore } from '../src/redis/index.ts';
import { adjustScript, PERIODS_LUA, takeRatesScript } from '../src/redis/scripts.ts';
import { announceSkip, hasRedis, startRedis, type TestRedis } from './redis-server.ts';

announceSkip('redisStore against a real server');

const rate = (rule: string, capacity: number, unitMs = 3_600_000): BucketLimit => ({
  rule,
  kind: 'rate',
  capacity,
  unitMs,
  overdraft: capacity,
  shadow: false,
});

test('is refused a client it does not know', () => {
  expect(() => redisStore({ client: {} as never })).toThrow(TypeError);
  expect(() => redisStore({ client: new Map() as never })).toThrow(TypeError);
});

test('is refused a prefix that would end the hash tag', () => {
  const client = { runCached: async () => 0, run: async () => 0 };
  expect(() => redisStore({ client, prefix: 'a{b' })).toThrow(TypeError);
});

describe.each<[string, boolean, unknown[]]>([
  ['rates', false, [null, 'OK', [], [1, 1], ['1'], [NaN], [null], [true]]],
  [
    'rules in shadow mode',
    true,
    [
      null,
      'OK',
      [],
      [1],
      [1, 1, '0.5'],
      [1, 2, '0.5', 0],
      ['1', 1, '0.5', 0],
      [1, 1, 'x', 0],
      [1, 1, '', 0],
      [1, 1, null, 0],
      [true, 1, '0.5', 0],
    ],
  ],
])('a reply about %s', (_what, shadow, replies) => {
  test.each(replies.map((reply) => [reply]))('that is %j is a failure, not an answer', async (reply) => {
    const store = redisStore({ client: { runCached: async () => reply, run: async () => reply } });
    const pending = store.take([{ key: 'a', limit: { ...rate('r', 1), shadow }, cost: 1 }], '');
    await expect(pending).rejects.toMatchObject({ code: 'ERR_RATE_LIMIT_STORE_REPLY' });
  });
});

describe.skipIf(!hasRedis)('redisStore against a real server', () => {
  let server: TestRedis;
  let client: Redis;
  beforeAll(async () => {
    server = await startRedis();
    client = new Redis(server.port, { retryStrategy: () => 20 });
    client.on('error', () => {
      // The server is killed in one of these tests.
    });
  });
  afterAll(async () => {
    client.disconnect();
    await server.dispose();
  });

  test('asks one thing of the server, however many buckets there are', async () => {
    const store = redisStore({ client, prefix: 'once:' });
    const charges = ['a', 'b', 'c'].map((rule) => ({ key: 'k', limit: rate(rule, 5), cost: 1 }));
    await store.take(charges, '');
    const calls = async (): Promise<number> =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);
    const before = await calls();
    for (let i = 0; i < 10; i++) await store.take(charges, '');
    expect((await calls()) - before).toBe(10);
  });

  test('writes no name of a caller, and nothing that stays for ever', async () => {
    const store = redisStore({ client, prefix: 'names:' });
    const day: BucketLimit = { ...rate('day', 5, 0), kind: 'day' };
    await store.take(
      [
        { key: 'alice@example.com', limit: rate('r', 5), cost: 1 },
        { key: 'alice@example.com', limit: day, cost: 1 },
      ],
      't-acme',
    );
    const keys = await client.keys('names:*');
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      expect(key).toMatch(/^names:\{t-acme\}(?:r|day):[\w-]{22}$/);
      expect(await client.pttl(key)).toBeGreaterThan(0);
    }
    const untilMidnight = periodEndMs('day', periodAt('day', Date.now())) - Date.now();
    const [dayKey] = keys.filter((key) => key.includes('day:'));
    expect(Math.abs((await client.pttl(dayKey!)) - untilMidnight)).toBeLessThan(30_000);
  });

  test('what a bucket needs is gone once it is empty', async () => {
    const store = redisStore({ client, prefix: 'empty:' });
    const limit = rate('r', 5, 10);
    await store.take([{ key: 'a', limit, cost: 2 }], '');
    await expect.poll(() => client.keys('empty:*'), { timeout: 5000 }).toEqual([]);
    await store.take([{ key: 'b', limit: rate('r', 5), cost: 2 }], '');
    await store.adjust([{ key: 'b', limit: rate('r', 5), delta: -2, period: 0 }], '');
    expect(await client.keys('empty:*')).toEqual([]);
  });

  test('a script the server has forgotten is sent again', async () => {
    const store = redisStore({ client, prefix: 'flush:' });
    const charge = { key: 'a', limit: rate('r', 2), cost: 1 };
    await store.take([charge], '');
    await client.script('FLUSH');
    expect((await store.take([charge], '')).allowed).toBe(true);
    await client.script('FLUSH');
    await store.adjust([{ key: 'a', limit: rate('r', 2), delta: -1, period: 0 }], '');
    expect((await store.take([charge], '')).allowed).toBe(true);
    expect((await store.take([charge], '')).allowed).toBe(false);
    expect(await client.script('EXISTS', takeRatesScript.sha, adjustScript.sha)).toEqual([1, 1]);
  });

  test('what is no bucket is a failure, and nothing is charged beside it', async () => {
    const store = redisStore({ client, prefix: 'odd:' });
    const [good, bad] = [rate('good', 5), rate('bad', 5)];
    await store.take([{ key: 'a', limit: bad, cost: 1 }], '');
    const [key] = await client.keys('odd:*bad*');
    await client.set(key!, 'gibberish');
    const both = [good, bad].map((limit) => ({ key: 'a', limit, cost: 1 }));
    await expect(store.take(both, '')).rejects.toMatchObject({ code: 'ERR_RATE_LIMIT_STORE_FAILED' });
    const { levels } = await store.take([{ key: 'a', limit: good, cost: 0 }], '');
    expect(levels[0]!.used).toBe(0);
  });

  test('a bucket of a server whose clock was set back is not closed for longer than it takes to fill', async () => {
    const store = redisStore({ client, prefix: 'back:' });
    const limit: BucketLimit = { ...rate('r', 5, 1000), overdraft: 0 };
    await store.take([{ key: 'a', limit, cost: 1 }], '');
    const [key] = await client.keys('back:*');
    const emptyAt = Number(await client.get(key!));
    await client.set(key!, String(emptyAt + 3_600_000_000));
    const { allowed, levels } = await store.take([{ key: 'a', limit, cost: 1 }], '');
    expect([allowed, Math.round(levels[0]!.used)]).toEqual([false, 5]);
  });

  test('a budget whose period lies ahead is not renewed by a clock that was set back', async () => {
    const store = redisStore({ client, prefix: 'ahead:' });
    const limit: BucketLimit = { ...rate('r', 5, 0), kind: 'month' };
    const { period } = (await store.take([{ key: 'a', limit, cost: 1 }], '')).levels[0]!;
    const [key] = await client.keys('ahead:*');
    await client.set(key!, `${period + 1}:5`);
    expect(await store.take([{ key: 'a', limit, cost: 1 }], '')).toMatchObject({
      allowed: false,
      levels: [{ period: period + 1 }],
    });
    await client.set(key!, `${period - 1}:5`);
    expect(await store.take([{ key: 'a', limit, cost: 1 }], '')).toMatchObject({
      allowed: true,
      levels: [{ period, used: 1 }],
    });
  });

  test('the calendar in Lua is the calendar in JavaScript', async () => {
    const instants = [0, 1, 951_782_399, 951_782_400, 4_107_542_399, 4_107_542_400];
    for (let i = 0; i < 3000; i++) instants.push(Math.floor((i * 7_258_118_400) / 3000) + ((i * 7919) % 86_400));
    for (let year = 1970; year < 2200; year++) {
      for (let month = 0; month < 12; month++)
        instants.push(Date.UTC(year, month, 1) / 1000, Date.UTC(year, month, 1) / 1000 + 86_399);
    }
    const source = `${PERIODS_LUA}
      local out = {}
      for i = 1, #ARGV do
        local seconds = tonumber(ARGV[i])
        for kind = 1, 2 do
          local period = period_at(kind, seconds)
          out[#out + 1] = period
          out[#out + 1] = tostring(end_of(kind, period))
        end
      end
      return out`;
    const expected = instants.flatMap((seconds) =>
      (['day', 'month'] as const).flatMap((kind) => {
        const period = periodAt(kind, seconds * 1000);
        return [period, periodEndMs(kind, period) / 1000];
      }),
    );
    const answered: number[] = [];
    for (let i = 0; i < instants.length; i += 1000) {
      const part = await client.eval(source, 0, ...instants.slice(i, i + 1000).map(String));
      answered.push(...(part as (number | string)[]).map(Number));
    }
    expect(answered).toEqual(expected);
  });

  test('a server that does not answer in time is done without, and found again', async () => {
    const events: LimitEvent['type'][] = [];
    const rules: Rule[] = [
      {
        name: 'r',
        by: ['principal'],
        allow: { kind: 'rate', amount: 100, periodMs: 60_000, burst: 100 },
        whenStoreFails: 'local',
      },
    ];
    const store = redisStore({ client, prefix: 'frozen:' });
    const limiter = createRateLimiter({
      rules,
      store,
      replicas: 2,
      pauseMs: 20,
      timeoutMs: 1500,
      onEvent: ({ type }) => events.push(type),
    });
    expect((await limiter.take({ principal: 'p' })).degraded).toBe(false);
    server.freeze();
    try {
      expect(await limiter.take({ principal: 'p' })).toMatchObject({ allowed: true, degraded: true, limit: 50 });
    } finally {
      server.thaw();
    }
    await expect.poll(async () => (await limiter.take({ principal: 'p' })).degraded, { timeout: 10_000 }).toBe(false);
    expect(events.slice(0, 2)).toEqual(['limit.degraded', 'limit.recovered']);
  });
});

describe.skipIf(!hasRedis)('redisStore on a cluster', () => {
  test('keeps the keys of one call on one node, whatever a tenant is called', async () => {
    const server = await startRedis({ cluster: true });
    const direct = new Redis(server.port);
    await direct.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    const info = async (): Promise<string> => String(await direct.call('CLUSTER', 'INFO'));
    await expect.poll(info, { timeout: 10_000 }).toContain('cluster_state:ok');
    direct.disconnect();
    const client = new Cluster([{ host: '127.0.0.1', port: server.port }]);
    try {
      const store = redisStore({ client });
      const charges = ['address', 'tool', 'principal'].map((rule) => ({
        key: `k-${rule}`,
        limit: rate(rule, 5),
        cost: 1,
      }));
      for (const scope of ['', 't-acme', 't-}{', 't-}', '{', 't-é漢', `t-${'x'.repeat(500)}`]) {
        // A server in cluster mode rejects a script whose keys belong to different slots.
        expect((await store.take(charges, scope)).allowed).toBe(true);
      }
    } finally {
      client.disconnect();
      await server.dispose();
    }
  });
});
