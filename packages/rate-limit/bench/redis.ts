/**
 * Decisions in a real Redis on this machine, in turn with rate-limiter-flexible:
 * `node --conditions=@sekisho/source bench/redis.ts` starts a server, prints a section of markdown, stops the server.
 */
import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import { createRateLimiter, type RateLimiter, type Rule, type Subject } from '@sekisho/rate-limit';
import { redisStore, type RedisClient } from '@sekisho/rate-limit/redis';
import { hasRedis, startRedis } from '../test/redis-server.ts';
import { cpuSeconds, machine, median, rate, table } from './report.ts';

if (!hasRedis) throw new Error('redis-server must be on the PATH');
const KEYS = 5000;
const ROUND_MS = 700;
const ROUNDS = 4;
const IN_FLIGHT = 512;

const rule = (name: string, by: Rule['by']): Rule => ({
  name,
  by,
  allow: { kind: 'rate', amount: 1e9, periodMs: 1000, burst: 1e9 },
  whenStoreFails: 'local',
});
const ONE = [rule('principal', ['principal'])];
const THREE = [...ONE, rule('key', ['apiKey']), rule('tool', ['server', 'tool'])];
const subjects: Subject[] = Array.from({ length: KEYS }, (_, i) => ({
  principal: `https://issuer.example|user-${i}`,
  apiKey: `key-${i}`,
  server: 'github',
  tool: 'search_code',
}));

const server = await startRedis();
const plain = new Redis(server.port);
const pipelined = new Redis(server.port, { enableAutoPipelining: true });
const nodeRedis = await createClient({ url: `redis://127.0.0.1:${server.port}` }).connect();

const limiter = (client: RedisClient, rules: readonly Rule[]): RateLimiter =>
  // The machine is shared: a decision that waits for the processor is not what is measured here.
  createRateLimiter({ rules, store: redisStore({ client }), replicas: 1, timeoutMs: 5000 });

const flexible = new RateLimiterRedis({ storeClient: plain, points: 1e9, duration: 3600 });
const ping = async (): Promise<unknown> => plain.ping();
const through =
  (one: RateLimiter) =>
  async (i: number): Promise<void> => {
    const decision = await one.take(subjects[i % KEYS]!);
    if (!decision.allowed || decision.degraded) throw new Error('the store must answer, and allow');
  };

const candidates: Record<string, (i: number) => Promise<unknown>> = {
  'PING (the floor), ioredis': ping,
  'Sekisho, 1 bucket, ioredis': through(limiter(plain, ONE)),
  'Sekisho, 3 buckets in one round trip, ioredis': through(limiter(plain, THREE)),
  'Sekisho, 3 buckets, ioredis with auto-pipelining': through(limiter(pipelined, THREE)),
  'Sekisho, 3 buckets, node-redis': through(limiter(nodeRedis, THREE)),
  'rate-limiter-flexible, 1 bucket, ioredis': (i) => flexible.consume(subjects[i % KEYS]!.principal!),
};

interface Sample {
  readonly perSecond: number;
  /** Microseconds of processor for each decision, here and in the server. */
  readonly clientUs: number;
  readonly serverUs: number;
}

async function serverCpuSeconds(): Promise<number> {
  const info = await plain.info('cpu');
  const part = (name: string): number => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1]);
  return part('used_cpu_user') + part('used_cpu_sys');
}

async function sample(step: (i: number) => Promise<unknown>): Promise<Sample> {
  const [client, inServer] = [cpuSeconds(), await serverCpuSeconds()];
  const start = performance.now();
  let count = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - start < ROUND_MS) await step(count++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const seconds = (performance.now() - start) / 1000;
  const clientUs = ((cpuSeconds() - client) / count) * 1e6;
  return { perSecond: count / seconds, clientUs, serverUs: (((await serverCpuSeconds()) - inServer) / count) * 1e6 };
}

const results = new Map<string, Sample[]>(Object.keys(candidates).map((name) => [name, []]));
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, step] of Object.entries(candidates)) {
    const one = await sample(step);
    // The first round is for the compiler and for the scripts to become known.
    if (round > 0) results.get(name)!.push(one);
  }
}
const middle = (name: string, part: keyof Sample): number => median(results.get(name)!.map((one) => one[part]));

/** A caller far above his limit, after the first denial. */
const greedy = createRateLimiter({
  rules: [{ ...rule('principal', ['principal']), allow: { kind: 'rate', amount: 1, periodMs: 3_600_000, burst: 1 } }],
  store: redisStore({ client: plain }),
  replicas: 1,
  timeoutMs: 5000,
  denialCacheMs: 60_000,
});
const mallory = { principal: 'mallory' };
for (let i = 0; i < 3; i++) await greedy.take(mallory);
const DENIALS = 300_000;
const denials: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const start = cpuSeconds();
  for (let i = 0; i < DENIALS; i++) void greedy.take(mallory);
  denials.push(((cpuSeconds() - start) / DENIALS) * 1e6);
}

const rows = Object.keys(candidates).map((name) => {
  const [clientUs, serverUs] = [middle(name, 'clientUs'), middle(name, 'serverUs')];
  const possible = 1e6 / Math.max(clientUs, serverUs);
  return [name, rate(middle(name, 'perSecond')), clientUs.toFixed(1), serverUs.toFixed(1), rate(possible)];
});
/** Bytes of the server's memory for a bucket, over as many as make the rest of it negligible. */
async function bytesPerBucket(): Promise<number> {
  const used = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await plain.info('memory'))?.[1]);
  await plain.flushdb();
  const before = await used();
  const slow = createRateLimiter({
    rules: [
      { ...rule('principal', ['principal']), allow: { kind: 'rate', amount: 1, periodMs: 3_600_000, burst: 10 } },
    ],
    store: redisStore({ client: plain }),
    replicas: 1,
    timeoutMs: 60_000,
  });
  const count = 100_000;
  for (let i = 0; i < count; i += 1000) {
    await Promise.all(Array.from({ length: 1000 }, async (_, k) => slow.take({ principal: `user-${i + k}` })));
  }
  return ((await used()) - before) / (await plain.dbsize());
}
const bytes = await bytesPerBucket();

console.log(`### Decisions in Redis

${machine()}; redis-server on the same machine and its loopback. One client process, ${IN_FLIGHT} calls in flight, median of ${ROUNDS} rounds of ${ROUND_MS} ms; every round runs all of them in turn.

${table(['', 'decisions/s as measured', 'client us of processor', 'server us of processor', 'decisions/s if client and server had a core each'], rows)}

A bucket takes **${bytes.toFixed(0)} bytes** of the server's memory, whatever the caller is called. A caller who was denied costs **${median(denials).toFixed(2)} us** in this process and nothing in Redis for as long as the denial is remembered.

\`node --conditions=@sekisho/source packages/rate-limit/bench/redis.ts\``);
plain.disconnect();
pipelined.disconnect();
await nodeRedis.close();
await server.dispose();
