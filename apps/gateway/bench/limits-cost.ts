/**
 * What the limits add to one warm call: `node --conditions=@sekisho/source bench/limits-cost.ts` prints a section of markdown.
 * The ports as the gateway asks them, in turn: one take with its header fields and one settlement for each call.
 */
import { cpus, tmpdir } from 'node:os';
import type { Credentials, Principal, Target } from '@sekisho/core';
import { mountRateLimit } from '../src/mount/rate-limit.ts';
import { rateLimitSection } from '../src/mount/rate-limit-section.ts';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const CALLS = 100_000;
const ROUNDS = 7;

const allow = (burst: number): object => ({ kind: 'rate', amount: 1000, periodMs: 3_600_000, burst });
const one = [{ name: 'per-principal', by: ['principal'], allow: allow(1e9) }];
const three = [
  ...one,
  { name: 'per-address', by: ['address'], allow: allow(1e9) },
  { name: 'per-tool', by: ['server', 'tool'], allow: allow(1e9) },
];
const section = (rules: readonly object[]): object => ({ onStoreFailure: 'refuse', limits: { rules } });
const gate = { concurrency: { rules: [{ name: 'server', by: ['server'], limit: 100 }] } };
const cases: Readonly<Record<string, object | undefined>> = {
  'no section': undefined,
  'one rule': section(one),
  'three rules': section(three),
  'three rules and a gate': { ...section(three), ...gate },
  'one rule, denied': section([{ name: 'per-principal', by: ['principal'], allow: allow(1) }]),
};

const target: Target = { method: 'tools/call', kind: 'tool', server: 'github', name: 'search_code' };
const principals: Principal[] = Array.from({ length: 1000 }, (_, i) => ({ id: `https://issuer.example|user-${i}` }));
const credentials: Credentials = {
  transport: 'http',
  method: 'POST',
  path: '/mcp',
  url: '/mcp',
  header: () => undefined,
  headers: () => undefined,
  peerCertificate: undefined,
  remoteAddress: '192.0.2.1',
  body: undefined,
};
const wait = { deadlineMs: 120_000, signal: () => new AbortController().signal };
const outcome = { result: 'answered', bytes: 100, durationMs: 1 } as const;

const mounted = await Promise.all(
  Object.entries(cases).map(async ([name, given]) => {
    const options = { stateFolder: tmpdir(), log: quiet, now: Date.now };
    const { ports } = await mountRateLimit(given && rateLimitSection.parse(given), options);
    return { name, ports, took: [] as number[] };
  }),
);

for (let round = 0; round < ROUNDS; round++) {
  for (const { ports, took } of mounted) {
    const { user, system } = process.cpuUsage();
    for (let i = 0; i < CALLS; i++) {
      const principal = principals[i % 1000]!;
      void ports.admit(credentials);
      const permit = ports.take(principal, target, credentials);
      const slot = ports.enter(principal, target, credentials, wait);
      if (permit instanceof Promise || slot instanceof Promise) throw new Error('memory answers at once');
      if (slot && 'leave' in slot) slot.leave('done');
      if (permit && 'settle' in permit) permit.settle(outcome);
    }
    const used = process.cpuUsage({ user, system });
    took.push((used.user + used.system) / CALLS);
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
process.stdout.write(
  [
    '### What limits add to a call',
    '',
    `Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model ?? 'CPU'}, shared with other work. Microseconds of processor for admission, \`take\` with its header fields, \`enter\` and \`leave\`, and the settlement; in memory, without a promise; median of ${ROUNDS} rounds of ${CALLS} calls in turn.`,
    '',
    '| | us a call |',
    '|---|---|',
    ...mounted.map(({ name, took }) => `| ${name} | ${median(took.slice(1)).toFixed(2)} |`),
    '',
    '`node --conditions=@sekisho/source apps/gateway/bench/limits-cost.ts`',
    '',
  ].join('\n'),
);
