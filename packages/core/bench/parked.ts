// `node --expose-gc --conditions=@sekisho/source packages/core/bench/parked.ts`: what a thousand calls that wait for their
// clients cost those that do not, and what is left of them in memory. Client, gateway and server share one process.
import { parkMany, percentile, resumeMany, timePlain } from '../test/eras/many-parked.ts';
import { openParkedHouse } from '../test/eras/parked-client.ts';

const ROUNDS = 5;
const CALLS = 5_000;
const collect = (globalThis as { gc?: () => void }).gc ?? (() => undefined);
const heapMb = (): number => {
  // The fixture keeps every request that it saw, for tests.
  (house.server.requests as unknown[]).length = 0;
  collect();
  return process.memoryUsage().heapUsed / 1_048_576;
};

const house = await openParkedHouse();
await timePlain(house, CALLS);
const ratios: number[] = [];
const lines: string[] = [];
for (let round = 1; round <= ROUNDS; round++) {
  const alone = await timePlain(house, CALLS);
  const parked = await parkMany(house, { principals: 50, callsEach: 20 });
  const heapParked = heapMb();
  const beside = await timePlain(house, CALLS);
  const wrong = await resumeMany(house, parked);
  if (wrong.length > 0 || house.gateway.status().parkedCalls > 0) throw new Error(`${wrong.length} calls went astray`);
  const heapAfter = heapMb();
  const [p50, p99] = [0.5, 0.99].map((share) => [percentile(alone, share), percentile(beside, share)] as const) as [
    readonly [number, number],
    readonly [number, number],
  ];
  ratios.push(p99[1] / p99[0]);
  lines.push(
    `| ${round} | ${p50[0].toFixed(2)} | ${p50[1].toFixed(2)} | ${p99[0].toFixed(2)} | ${p99[1].toFixed(2)} | ${(p99[1] / p99[0]).toFixed(2)} | ${heapParked.toFixed(0)} | ${heapAfter.toFixed(0)} |`,
  );
}
await house.close();
process.stdout.write(
  [
    '| round | p50 alone, ms | p50 beside 1,000 parked | p99 alone | p99 beside | ratio of p99 | heap parked, MB | heap after, MB |',
    '|---|---|---|---|---|---|---|---|',
    ...lines,
    '',
    `Median ratio of p99: ${percentile(
      ratios.toSorted((a, b) => a - b),
      0.5,
    ).toFixed(2)}`,
    '',
  ].join('\n'),
);
