/**
 * Decisions in memory, in turn with rate-limiter-flexible: `node --expose-gc --conditions=@sekisho/source bench/memory.ts`
 * prints a section of markdown. Every round runs all candidates one after the other, so that whatever else the machine
 * does hits all of them.
 */
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { createRateLimiter, memoryStore, type RateLimiter, type Rule, type Subject } from '@sekisho/rate-limit';
import { cpuSeconds, machine, median, rate, table } from './report.ts';

const KEYS = 100_000;
const ROUND_MS = 500;
const ROUNDS = 5;

const rule = (name: string, by: Rule['by'], burst: number): Rule => ({
  name,
  by,
  allow: { kind: 'rate', amount: 1000, periodMs: 3_600_000, burst },
  whenStoreFails: 'local',
});
const one = (burst: number): RateLimiter =>
  createRateLimiter({ rules: [rule('principal', ['principal'], burst)], store: memoryStore({ maxKeys: KEYS }) });
const three = (): RateLimiter =>
  createRateLimiter({
    rules: [
      rule('principal', ['principal'], 1e9),
      rule('key', ['apiKey'], 1e9),
      rule('tool', ['server', 'tool'], 1e12),
    ],
    store: memoryStore({ maxKeys: KEYS }),
  });

const subjects: Subject[] = Array.from({ length: KEYS }, (_, i) => ({
  principal: `https://issuer.example|user-${i}`,
  apiKey: `key-${i}`,
  server: 'github',
  tool: 'search_code',
}));
const names = subjects.map(({ principal }) => principal!);

/** Calls `step` for a while and says how often it ran per second of processor. */
function loop(step: (i: number) => void): number {
  const start = performance.now();
  const cpu = cpuSeconds();
  let count = 0;
  do {
    for (let k = 0; k < 500; k++) step(count++ % KEYS);
  } while (performance.now() - start < ROUND_MS);
  return count / (cpuSeconds() - cpu);
}

/** Its calls are promises, one after the other. */
async function loopAsync(step: (i: number) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  const cpu = cpuSeconds();
  let count = 0;
  do {
    for (let k = 0; k < 500; k++) await step(count++ % KEYS);
  } while (performance.now() - start < ROUND_MS);
  return count / (cpuSeconds() - cpu);
}

const swallow = (denied: unknown): unknown => denied;
const used = one(1);
for (const subject of subjects) void used.take(subject);
const flexible = new RateLimiterMemory({ points: 1e9, duration: 3600 });
const flexibleUsed = new RateLimiterMemory({ points: 1, duration: 3600 });
for (const name of names) await flexibleUsed.consume(name);
const allowing = one(1e9);
const allowing3 = three();

const candidates: Record<string, () => number | Promise<number>> = {
  'Sekisho, 1 bucket, allowed': () => loop((i) => void allowing.take(subjects[i]!)),
  'Sekisho, 1 bucket, denied': () => loop((i) => void used.take(subjects[i]!)),
  'Sekisho, 3 buckets, all or none': () => loop((i) => void allowing3.take(subjects[i]!)),
  'rate-limiter-flexible, allowed': () => loopAsync((i) => flexible.consume(names[i]!)),
  'rate-limiter-flexible, denied': () => loopAsync((i) => flexibleUsed.consume(names[i]!).catch(swallow)),
};

const results = new Map<string, number[]>(Object.keys(candidates).map((name) => [name, []]));
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, run] of Object.entries(candidates)) {
    const perSecond = await run();
    // The first round is for the compiler.
    if (round > 0) results.get(name)!.push(perSecond);
  }
}

/** Bytes of the heap and of typed arrays that a key costs, over a million keys that are new strings each. */
async function bytesPerKey(fill: (name: string) => unknown, keep: object): Promise<number> {
  const size = (): number => {
    globalThis.gc!();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const count = 1_000_000;
  const before = size();
  for (let i = 0; i < count; i++) await fill(`key-${String(i).padStart(16, '0')}`);
  const bytes = (size() - before) / count;
  if (Object.keys(keep).length === 0) throw new Error('what is measured must stay alive until here');
  return bytes;
}

const store = memoryStore({ maxKeys: 1_000_000 });
const million = createRateLimiter({ rules: [rule('principal', ['principal'], 10)], store });
const ours = await bytesPerKey((principal) => million.take({ principal }), { store });
const flexibleMillion = new RateLimiterMemory({ points: 10, duration: 3600 });
const theirs = await bytesPerKey((name) => flexibleMillion.consume(name), { flexibleMillion });

const base = median(results.get('rate-limiter-flexible, allowed')!);
const rows = [...results].map(([name, values]) => {
  const middle = median(values);
  return [name, rate(middle), (1e6 / middle).toFixed(2), `${(middle / base).toFixed(1)}x`];
});
console.log(`### Decisions in memory

${machine()}. Median of ${ROUNDS} rounds of ${ROUND_MS} ms, ${KEYS.toLocaleString('en')} keys; every round runs all of them in turn. Seconds are of processor, not of the clock on the wall.

${table(['', 'decisions/s', 'us each', 'to rate-limiter-flexible, allowed'], rows)}

Memory over 1,000,000 keys of 20 characters: **${ours.toFixed(0)} bytes per key** (rate-limiter-flexible: ${theirs.toFixed(0)}, a timer for each).

\`node --expose-gc --conditions=@sekisho/source packages/rate-limit/bench/memory.ts\``);
// Its timers would keep the process alive for an hour.
process.exit();
