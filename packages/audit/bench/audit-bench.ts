/**
 * Figures of the audit log, printed as a Markdown section. Everything is measured side by side in one run, because absolute
 * figures of a shared machine say little: the ratios to the plain write-and-fsync loop and to SHA-256 of the same bytes are
 * what compares.
 *
 *   nice -n 15 node --conditions=@sekisho/source packages/audit/bench/audit-bench.ts
 */
import { hash } from 'node:crypto';
import { closeSync, fdatasync, openSync, readFileSync, write } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AuditEvent } from '../src/event.ts';
import { proveRecord } from '../src/read/proof.ts';
import { verifyLog } from '../src/verify/verify.ts';
import { makeDirectory, openLog, removeAll, segmentsOf, vkeyOf } from '../test/kit.ts';

const SECONDS = Number(process.argv[2] ?? 2);
const REPEATS = 3;
const root = makeDirectory();
const key = await vkeyOf();
const actor = { issuer: 'https://idp.example', subject: 'bench', ip: '192.0.2.9' };
const target = { server: 'github', method: 'tools/call', name: 'create_issue', era: '2026-07-28' };
const authz = { effect: 'allow', rule: 'developers-may-call', policyHash: 'a'.repeat(64) } as const;
const detail = { filler: 'x'.repeat(150) };
const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

const event = (n: number): AuditEvent => ({
  type: 'mcp.tool.result',
  outcome: 'ok',
  actor,
  target,
  authz,
  request: { id: n, bytes: 1234 },
  response: { bytes: 4567, code: 200, durationMs: 12.5, isError: false },
  trace,
  detail,
});

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const us = (cpu: NodeJS.CpuUsage): number => cpu.user + cpu.system;

interface Load {
  perSecond: number;
  p50: number;
  p99: number;
  cpuUs: number;
}

/** So many callers, each handing in its next record when the last was acknowledged. */
async function load(inFlight: number, record: (event: AuditEvent) => Promise<unknown>): Promise<Load> {
  const latencies: number[] = [];
  let n = 0;
  const start = performance.now();
  const end = start + SECONDS * 1000;
  const cpu = process.threadCpuUsage();
  const caller = async (): Promise<void> => {
    for (let now = performance.now(); now < end;) {
      n += 1;
      await record(event(n));
      const after = performance.now();
      latencies.push(after - now);
      now = after;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  const cpuUs = us(process.threadCpuUsage(cpu)) / n;
  const sorted = Float64Array.from(latencies).sort();
  return {
    perSecond: n / ((performance.now() - start) / 1000),
    p50: sorted[sorted.length >> 1]!,
    p99: sorted[Math.floor(sorted.length * 0.99)]!,
    cpuUs,
  };
}

/** The floor: the same bytes in the same batches, written and synced in a plain loop, with no chain, queue or acknowledgement. */
async function plainLoop(batchRecords: number, recordBytes: number): Promise<number> {
  const file = openSync(join(root, `plain-${batchRecords}`), 'w');
  const bytes = Buffer.alloc(batchRecords * recordBytes, 'x');
  const [writeAll, sync] = [promisify(write) as (fd: number, data: Buffer) => Promise<unknown>, promisify(fdatasync)];
  let records = 0;
  const start = performance.now();
  while (performance.now() - start < SECONDS * 1000) {
    await writeAll(file, bytes);
    await sync(file);
    records += batchRecords;
  }
  const seconds = (performance.now() - start) / 1000;
  closeSync(file);
  return records / seconds;
}

const rows: { inFlight: number; log: Load; plain: number }[] = [];
for (const inFlight of [1, 16, 64, 256]) {
  const runs: { log: Load; plain: number }[] = [];
  for (let i = 0; i < REPEATS; i += 1) {
    const directory = join(root, `log-${inFlight}-${i}`);
    const log = await openLog({ directory, now: Date.now, checkpointEveryMs: 1000 });
    const measured = await load(inFlight, (one) => log.record(one));
    await log.close();
    runs.push({ log: measured, plain: await plainLoop(inFlight, 900) });
    removeAll(directory);
  }
  const pick = (of: (run: (typeof runs)[number]) => number): number => median(runs.map(of));
  rows.push({
    inFlight,
    log: {
      perSecond: pick(({ log }) => log.perSecond),
      p50: pick(({ log }) => log.p50),
      p99: pick(({ log }) => log.p99),
      cpuUs: pick(({ log }) => log.cpuUs),
    },
    plain: pick(({ plain }) => plain),
  });
}
/** What the measuring loop itself costs: making the event, waiting, and taking the time. */
const harness = median(
  [
    await load(256, () => new Promise((resolve) => setImmediate(resolve))),
    await load(256, () => new Promise((resolve) => setImmediate(resolve))),
    await load(256, () => new Promise((resolve) => setImmediate(resolve))),
  ].map(({ cpuUs }) => cpuUs),
);

const directory = join(root, 'verified');
const log = await openLog({ directory, now: Date.now });
const total = 400_000;
let handed = 0;
await Promise.all(
  Array.from({ length: 256 }, async () => {
    while (handed < total) {
      handed += 1;
      await log.record(event(handed));
    }
  }),
);
await log.close();
const bytes = Buffer.concat(segmentsOf(directory).map((path) => readFileSync(path)));
const recordBytes = bytes.length / log.state().size;
const timed = async (work: () => unknown): Promise<number> => {
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i += 1) {
    const start = performance.now();
    await work();
    times.push((performance.now() - start) / 1000);
  }
  return median(times);
};
const shaSeconds = await timed(() => {
  for (let at = 0; at < bytes.length; at += 900) hash('sha256', bytes.subarray(at, at + 900), 'hex');
});
const verifySeconds = await timed(() => verifyLog({ directory, keys: [key] }));
const program = fileURLToPath(new URL('../src/verifier/main.ts', import.meta.url));
const programSeconds = await timed(() => {
  const { status } = spawnSync(process.execPath, [program, directory, '--key', key, '--quiet']);
  if (status !== 0) throw new Error(`the verifier program ended with ${status}`);
});
const size = log.state().size;
await proveRecord({ directory, keys: [key], record: 5 });
const proofSeconds = await timed(() => proveRecord({ directory, keys: [key], record: size - 10 }));

const int = (value: number): string => Math.round(value).toLocaleString('en-US');
const at64 = rows.find(({ inFlight }) => inFlight === 64)!;
const at256 = rows.find(({ inFlight }) => inFlight === 256)!;
const cpuUs = at256.log.cpuUs - harness;
const goals: [string, string, string][] = [
  ['durable events/s at 64 in flight', '>= 50,000', int(at64.log.perSecond)],
  ['p99 acknowledgement at 256 in flight, ms', '<= 15', at256.log.p99.toFixed(1)],
  ['main-thread CPU per event, us (harness subtracted)', '<= 5', cpuUs.toFixed(2)],
  ['verification, records/s', '>= 350,000', int(size / verifySeconds)],
];
process.stdout.write(`## @sekisho/audit

${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, medians of ${REPEATS} x ${SECONDS} s, records of ${int(recordBytes)} B.
Reproduce: \`nice -n 15 node --conditions=@sekisho/source packages/audit/bench/audit-bench.ts\`

| goal | wanted | measured |
|---|---|---|
${goals.map((goal) => `| ${goal.join(' | ')} |`).join('\n')}

| in flight | durable events/s | ack p50 / p99, ms | CPU per event, us | plain write+fsync loop, records/s | ratio to it |
|---|---|---|---|---|---|
${rows.map(({ inFlight, log: one, plain }) => `| ${inFlight} | ${int(one.perSecond)} | ${one.p50.toFixed(2)} / ${one.p99.toFixed(2)} | ${one.cpuUs.toFixed(2)} | ${int(plain)} | ${((100 * one.perSecond) / plain).toFixed(0)} % |`).join('\n')}

The measuring loop itself costs ${harness.toFixed(2)} us of CPU per event. SHA-256 of the bytes of one record takes ${((shaSeconds / size) * 1e6).toFixed(2)} us:
recording costs ${(cpuUs / ((shaSeconds / size) * 1e6)).toFixed(1)} times that.

| reading ${int(size)} records (${int(bytes.length / 1e6)} MB) | seconds | records/s | ratio to SHA-256 of the same bytes |
|---|---|---|---|
| SHA-256 once over the records | ${shaSeconds.toFixed(2)} | ${int(size / shaSeconds)} | 1.0 |
| verifyLog | ${verifySeconds.toFixed(2)} | ${int(size / verifySeconds)} | ${(verifySeconds / shaSeconds).toFixed(1)} |
| sekisho-audit-verify (its own process) | ${programSeconds.toFixed(2)} | ${int(size / programSeconds)} | ${(programSeconds / shaSeconds).toFixed(1)} |
| one inclusion proof, tiles present | ${proofSeconds.toFixed(3)} | | |
`);
removeAll(root);
