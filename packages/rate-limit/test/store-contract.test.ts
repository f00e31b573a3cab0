import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Redis as Valkey } from 'iovalkey';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { memoryStore } from '../src/memory-store.ts';
import type { RedisClient } from '../src/redis/client.ts';
import { redisStore } from '../src/redis/redis-store.ts';
import { sqliteBudgets } from '../src/sqlite.ts';
import { storeContract, type StoreHarness } from '../src/testing/index.ts';
import { announceSkip, hasRedis, startRedis, type TestRedis } from './redis-server.ts';

function inMemory(withBook: boolean): StoreHarness {
  return {
    create: async () => {
      let at = 5000;
      const database = new DatabaseSync(':memory:');
      const budgets = sqliteBudgets({ database, wallNow: Date.now });
      return {
        store: memoryStore({ now: () => at, ...(withBook && { budgets }) }),
        passMs: async (ms) => void (at += ms),
      };
    },
  };
}

describe('memoryStore meets the contract', () => {
  for (const { name, run } of storeContract(inMemory(false))) test(name, run);
});

describe('memoryStore with budgets in SQLite meets the contract', () => {
  for (const { name, run } of storeContract(inMemory(true))) test(name, run);
});

announceSkip('redisStore meets the contract');

describe.skipIf(!hasRedis)('redisStore meets the contract', () => {
  let server: TestRedis;
  let number = 0;
  const clients = new Map<string, { client: RedisClient; close: () => Promise<unknown> | void }>();
  beforeAll(async () => {
    server = await startRedis();
    const ioredis = new Redis(server.port);
    clients.set('ioredis', { client: ioredis, close: () => ioredis.disconnect() });
    const iovalkey = new Valkey(server.port);
    clients.set('iovalkey', { client: iovalkey, close: () => iovalkey.disconnect() });
    const nodeRedis = await createClient({ url: `redis://127.0.0.1:${server.port}` }).connect();
    clients.set('node-redis', { client: nodeRedis, close: () => nodeRedis.close() });
  });
  afterAll(async () => {
    for (const { close } of clients.values()) await close();
    await server.dispose();
  });
  for (const kind of ['ioredis', 'iovalkey', 'node-redis']) {
    describe(`with ${kind}`, () => {
      const harness: StoreHarness = {
        create: async () => ({
          // A prefix of its own instead of a server of its own.
          store: redisStore({ client: clients.get(kind)!.client, prefix: `case-${number++}:` }),
          passMs: (ms) => sleep(ms),
        }),
      };
      for (const { name, run } of storeContract(harness)) test.concurrent(name, run);
    });
  }
});
