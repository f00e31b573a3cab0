import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BucketLimit, Rule } from '../src/index.ts';
import { redisStore } from '../src/redis/index.ts';
import { announceSkip, hasRedis, startRedis, type TestRedis } from './redis-server.ts';
import type { WorkerReport, WorkerTask } from './redis-worker.ts';

announceSkip('several processes on shared buckets');

/** Starts four processes; what is returned lets all of them begin, once all of them are ready. */
async function startFour(task: WorkerTask): Promise<() => Promise<WorkerReport[]>> {
  const children = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const child = fork(new URL('redis-worker.ts', import.meta.url), { execArgv: ['--conditions=@sekisho/source'] });
      child.send(task);
      const next = (): Promise<unknown> =>
        new Promise((resolve, reject) => {
          child.once('message', resolve);
          child.once('exit', (code) => reject(new Error(`the process ended with ${code} and without an answer`)));
        });
      await next();
      return { child, next };
    }),
  );
  return () =>
    Promise.all(
      children.map(({ child, next }) => {
        child.send('go');
        return next() as Promise<WorkerReport>;
      }),
    );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const rule = (name: string, amount: number, burst: number, periodMs = 1000): Rule => ({
  name,
  by: ['principal'],
  allow: { kind: 'rate', amount, periodMs, burst },
  whenStoreFails: 'local',
});

describe.skipIf(!hasRedis)('four processes on shared buckets', () => {
  let server: TestRedis;
  let client: Redis;
  beforeEach(async () => {
    server = await startRedis();
    client = new Redis(server.port);
    client.on('error', () => {
      // The server is killed in some of these tests.
    });
  });
  afterEach(async () => {
    client.disconnect();
    await server.dispose();
  });

  const serverMs = async (): Promise<number> => {
    const [seconds, micros] = await client.time();
    return Number(seconds) * 1000 + Number(micros) / 1000;
  };
  const limitOf = ({ name, allow }: Rule): BucketLimit => {
    if (allow.kind !== 'rate') throw new TypeError('a rate is needed');
    const unitMs = allow.periodMs / allow.amount;
    return { rule: name, kind: 'rate', capacity: allow.burst, unitMs, overdraft: allow.amount, shadow: false };
  };

  test('admit within 1 % of the ideal', async () => {
    const each = rule('each', 1000, 1000);
    const task = { port: server.port, rules: [each], replicas: 4, inFlight: 16, durationMs: 2000, timeoutMs: 20_000 };
    const store = redisStore({ client });
    const charge = { key: 'p', limit: limitOf(each), cost: 1 };
    const begin = await startFour(task);
    // The first call starts the bucket, and with it the time in which the rate gives units back.
    expect((await store.take([charge], '')).allowed).toBe(true);
    const start = await serverMs();
    const reports = await begin();
    // What they left over at the end is taken too: what nobody asked for is no error of the store.
    let own = 1;
    while ((await store.take([charge], '')).allowed) own++;
    const seconds = ((await serverMs()) - start) / 1000;
    const admitted = sum(reports.map((report) => report.admitted)) + own;
    const ideal = 1000 + 1000 * seconds;
    expect(reports.map((report) => report.degraded)).toEqual([0, 0, 0, 0]);
    expect(Math.min(...reports.map((report) => report.admitted))).toBeGreaterThan(0);
    expect(sum(reports.map((report) => report.asked))).toBeGreaterThan(ideal);
    expect(Math.abs(admitted - ideal) / ideal).toBeLessThanOrEqual(0.01);
  });

  test('a second bucket that is used up never drains the first', async () => {
    const [wide, capped] = [rule('wide', 1, 1e6, 3.6e6), rule('capped', 1, 1, 3.6e6)];
    const task = {
      port: server.port,
      rules: [wide, capped],
      replicas: 4,
      inFlight: 16,
      durationMs: 800,
      timeoutMs: 20_000,
    };
    const reports = await (await startFour(task))();
    expect(sum(reports.map((report) => report.asked))).toBeGreaterThan(100);
    expect(sum(reports.map((report) => report.admitted))).toBe(1);
    const { levels } = await redisStore({ client }).take([{ key: 'p', limit: limitOf(wide), cost: 0 }], '');
    expect(levels[0]!.used).toBeCloseTo(1, 1);
  });

  test('go on, within bounds, while the server is killed and restarted', async () => {
    const each = rule('each', 200, 40);
    const durationMs = 5000;
    const task = { port: server.port, rules: [each], replicas: 4, inFlight: 8, durationMs, timeoutMs: 500 };
    const begin = await startFour(task);
    const start = performance.now();
    const pending = begin();
    await sleep(800);
    await server.kill();
    await sleep(1200);
    await server.restart();
    const reports = await pending;
    const seconds = (performance.now() - start) / 1000;
    for (const report of reports) {
      expect(report.events[0]).toBe('limit.degraded');
      expect(report.events).toContain('limit.recovered');
      expect(report.admittedDegraded).toBeGreaterThan(0);
    }
    const admitted = sum(reports.map((report) => report.admitted));
    // The rate throughout, and a burst each of the first server, of the processes together, and of the second server; and
    // while some processes have found the server again and others not yet, both kinds admit.
    expect(admitted).toBeLessThanOrEqual(200 * seconds * 1.25 + 3 * 40);
    expect(admitted).toBeGreaterThan(0.5 * 200 * (durationMs / 1000));
  });
});
