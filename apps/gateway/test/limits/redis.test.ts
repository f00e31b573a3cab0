import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
// @boundaries-ignore servers and clients for tests are not published
import {
  announceSkip,
  hasRedis,
  startRedis,
  type TestRedis,
} from '../../../../packages/rate-limit/test/redis-server.ts';
import type { LimitsView } from '../../src/mount/limits-view.ts';
import { folderOf } from '../config/load-fixture.ts';
import { clientOf, errorOf, rules } from './client.ts';
import { modern, openLimitsHouse } from './house.ts';

const root = resolve(import.meta.dirname, '../../../..');
const patiently = { timeout: 60_000, interval: 50 };
const list = modern('tools/list');
const BURST = 20;
const allow = { kind: 'rate', amount: 1, periodMs: 3_600_000, burst: BURST };

announceSkip('limits shared by two gateways through Redis');

async function openRedis(): Promise<TestRedis> {
  const redis = await startRedis();
  onTestFinished(() => redis.dispose());
  return redis;
}

/** The program in a process of its own. */
async function startProgram(file: string) {
  const home = await folderOf({});
  const child = spawn(
    process.execPath,
    ['--conditions=@sekisho/source', join(root, 'apps/gateway/src/main.ts'), 'serve', '--config', file, '--port', '0'],
    {
      cwd: root,
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        XDG_CONFIG_HOME: home,
        XDG_STATE_HOME: home,
        XDG_CACHE_HOME: home,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  const { port, key } = await vi.waitFor(() => {
    const found = /http:\/\/127\.0\.0\.1:(?<port>\d+)\/mcp/.exec(output)?.groups?.['port'];
    const owner = /sks_\w+/.exec(output)?.[0];
    if (found === undefined || owner === undefined) throw new Error(output);
    return { port: Number(found), key: owner };
  }, patiently);
  const client = clientOf({ port }, key);
  return {
    allowed: async (): Promise<boolean> => {
      const { status } = await client.send(list);
      expect([200, 429]).toContain(status);
      return status === 200;
    },
    limits: async (): Promise<LimitsView> => {
      const { text } = await client.send({ method: 'GET', path: '/status' });
      return (JSON.parse(text) as { limits: LimitsView }).limits;
    },
  };
}

describe.skipIf(!hasRedis)('a shared store', () => {
  test(
    'two gateways have one bucket; killed and restarted in the middle, neither lets more through than was said',
    { timeout: 180_000 },
    async () => {
      const redis = await openRedis();
      const folder = await folderOf({
        'sekisho.jsonc': {
          mcpServers: {},
          'x-sekisho': {
            rateLimit: {
              store: { redis: { url: `redis://127.0.0.1:${redis.port}`, replicas: 2 } },
              onStoreFailure: 'local',
              limits: {
                rules: [{ name: 'shared', by: ['principal'], allow }],
                timeoutMs: 5000,
                failures: 1,
                pauseMs: 1,
              },
            },
          },
        },
      });
      const file = join(folder, 'sekisho.jsonc');
      const gateways = await Promise.all([startProgram(file), startProgram(file)]);
      /** How many of so many calls to each get through, in turn. */
      const through = async (each: number): Promise<number[]> => {
        const counts = [0, 0];
        for (let i = 0; i < each; i++)
          for (const [which, gateway] of gateways.entries()) if (await gateway.allowed()) counts[which]!++;
        return counts;
      };

      const together = await through(BURST);
      expect(together[0]! + together[1]!).toBe(BURST);
      expect(await Promise.all(gateways.map(async ({ limits }) => (await limits()).state))).toEqual(['ok', 'ok']);

      await redis.kill();
      // What Redis has denied is believed for a second more; then each counts for itself, its half of the burst.
      const alone = [0, 0];
      for (const [which, gateway] of gateways.entries()) {
        await vi.waitFor(async () => {
          if (await gateway.allowed()) alone[which]!++;
          expect((await gateway.limits()).state).toBe('degraded');
        }, patiently);
      }
      const more = await through(BURST);
      expect([alone[0]! + more[0]!, alone[1]! + more[1]!]).toEqual([BURST / 2, BURST / 2]);

      await redis.restart();
      // It comes back empty: a burst again, and not one for each.
      let back = 0;
      for (const gateway of gateways) {
        await vi.waitFor(async () => {
          if (await gateway.allowed()) back++;
          expect((await gateway.limits()).state).toBe('ok');
        }, patiently);
      }
      const rest = await through(BURST);
      expect(back + rest[0]! + rest[1]!).toBe(BURST);
    },
  );

  test('a rule that must be exact refuses while it cannot be', async () => {
    const redis = await openRedis();
    const house = await openLimitsHouse({
      store: { redis: { url: `redis://127.0.0.1:${redis.port}`, replicas: 1 } },
      ...rules({ name: 'exact', by: ['principal'], allow }),
    });
    onTestFinished(() => house.close());
    const ada = clientOf(house, 'ada');
    const first = await vi.waitFor(async () => {
      const got = await ada.send(list);
      expect(got.status).toBe(200);
      return got;
    }, patiently);
    expect(first.headers['ratelimit']).toContain('"exact"');
    await redis.kill();
    const refused = await ada.send(list);
    expect([refused.status, errorOf(refused.text)]).toMatchObject([503, { code: 503, data: { policy: 'exact' } }]);
    expect(house.events.map(({ type }) => type)).toContain('limit.degraded');
    expect(house.limits.status()).toMatchObject({ store: 'redis', state: 'degraded' });
    // Cancellations and failed sign-ins do not ask the store.
    const bad = clientOf(house, 'bad');
    for (let i = 0; i < 10; i++) await bad.send(list);
    expect((await bad.send(list)).status).toBe(429);
  });

  test('a failed sign-in at one gateway counts at the other', async () => {
    const redis = await openRedis();
    const section = {
      store: { redis: { url: `redis://127.0.0.1:${redis.port}`, replicas: 2 } },
      address: { failures: { amount: 1, periodMs: 3_600_000, burst: 3 } },
    };
    const [here, there] = [await openLimitsHouse(section), await openLimitsHouse(section)];
    onTestFinished(async () => void (await Promise.all([here.close(), there.close()])));
    for (let i = 0; i < 3; i++) expect((await clientOf(here, 'bad').send(list)).status).toBe(401);
    // The other learns of it with its own first failure, and asks nobody after it.
    await vi.waitFor(async () => expect((await clientOf(there, 'bad').send(list)).status).toBe(429), patiently);
  });

  test('a store that is away at the start keeps nobody from starting', async () => {
    const house = await openLimitsHouse({
      store: { redis: { url: 'redis://127.0.0.1:1', replicas: 1 } },
      ...rules({ name: 'here', by: ['principal'], allow, whenStoreFails: 'local' }),
    });
    onTestFinished(() => house.close());
    expect((await clientOf(house, 'ada').send(list)).status).toBe(200);
    expect(house.limits.status().state).toBe('degraded');
  });
});
