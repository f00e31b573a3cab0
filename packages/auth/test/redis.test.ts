import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redisReplayStore, type RedisCommand } from '../src/index.ts';

const installed = spawnSync('redis-server', ['--version']).status === 0;

// A real Redis, started here on a free port; where there is none these tests say so by being skipped.
describe.skipIf(!installed)('used proofs in Redis (skipped where redis-server is not installed)', () => {
  let server: ChildProcess;
  const clients: Redis[] = [];

  beforeAll(async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    server = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      { stdio: 'ignore' },
    );
    for (let replica = 0; replica < 2; replica += 1) {
      const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null });
      client.on('error', () => undefined);
      clients.push(client);
    }
    await Promise.all(clients.map((client) => client.ping()));
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill();
    await ended;
  });

  const storeOf = (replica: number) =>
    redisReplayStore(([name, ...rest]) => clients[replica]!.call(name, ...rest), { timeoutMs: 5000 });

  test('have one taker among two replicas that race for each of them', async () => {
    const [one, two] = [storeOf(0), storeOf(1)];
    const until = Date.now() + 60_000;
    const races = Array.from({ length: 200 }, (_, id) =>
      Promise.all([one.claim(`race ${id}`, until), two.claim(`race ${id}`, until)]),
    );
    for (const race of await Promise.all(races)) expect(race.filter((first) => first === true)).toHaveLength(1);
  });

  test('expire by themselves, and their keys do not show the id', async () => {
    const store = storeOf(0);
    expect(await store.claim('jkt proof-1', Date.now() + 60_000)).toBe(true);
    expect(await store.claim('jkt late', Date.now() - 1)).toBe(false);
    const keys = await clients[0]!.keys('*');
    expect(keys.join()).not.toContain('proof-1');
    for (const key of keys) expect(await clients[0]!.pttl(key)).toBeGreaterThan(0);
  });
});

test('a store that fails, is silent or answers nonsense claims nothing', async () => {
  const replies: RedisCommand[] = [
    () => Promise.reject(new Error('down')),
    () => Promise.resolve(1),
    () => Promise.resolve('QUEUED'),
    () => new Promise(() => undefined),
  ];
  for (const send of replies)
    await expect(redisReplayStore(send, { timeoutMs: 10 }).claim('x', Date.now() + 1e6)).rejects.toThrow();
  expect(() => redisReplayStore(() => Promise.resolve('OK'), { timeoutMs: 1 })).toThrow(TypeError);
});
