/**
 * Spawn to the first answer, and the time of a call, for a trivial server: bare, and boxed without and with a network rule; then what a box
 * costs in memory. Rounds are interleaved, so that a busy moment hits all alike.
 *   node --conditions=@sekisho/source packages/sandbox/bench/start.ts [rounds]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { createSandbox, type SandboxProfile } from '../src/index.ts';
import { processTree, proportionalBytes } from '../src/limits/process-tree.ts';

interface Running {
  stdin: Writable;
  stdout: Readable;
  pid: number;
  end(): Promise<unknown>;
}

const rounds = Number(process.argv[2] ?? 15);
const CALLS = 300;
const directory = mkdtempSync(join(tmpdir(), 'sekisho-bench-'));
const server = join(directory, 'server.mjs');
writeFileSync(
  server,
  `import { createInterface } from 'node:readline'; createInterface({ input: process.stdin }).on('line', (line) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(line).id, result: {} }) + '\\n'));`,
);
if (process.getuid!() === 0) {
  const { chmodSync } = await import('node:fs');
  chmodSync(directory, 0o755);
}

const sandbox = createSandbox({ environment: process.env });
const boxed = (profile: SandboxProfile) => async (): Promise<Running> => {
  const child = await sandbox.start({ command: process.execPath, args: [server], profile });
  return { stdin: child.stdin, stdout: child.stdout, pid: child.pid, end: () => child.stop() };
};
const variants: Record<string, () => Promise<Running>> = {
  bare: () => {
    const child = spawn(process.execPath, [server], { env: { PATH: '/usr/bin:/bin' } });
    return Promise.resolve({
      stdin: child.stdin,
      stdout: child.stdout,
      pid: child.pid!,
      end: () => new Promise((resolve) => child.once('exit', resolve) && child.stdin.end()),
    });
  },
  boxed: boxed({}),
  'boxed, one network rule': boxed({ network: { allowedDomains: ['api.example.test'] } }),
};

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;
const quartile = (values: number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)]!;

async function once(
  start: () => Promise<Running>,
  measureCalls: boolean,
): Promise<{ firstMs: number; callUs?: number; megabytes?: number }> {
  const begin = performance.now();
  const child = await start();
  let waiting: (() => void) | undefined;
  child.stdout.on('data', () => waiting?.());
  const ask = (id: number): Promise<void> =>
    new Promise((resolve) => {
      waiting = resolve;
      child.stdin.write(`{"jsonrpc":"2.0","id":${id},"method":"ping"}\n`);
    });
  await ask(0);
  const firstMs = performance.now() - begin;
  if (!measureCalls) {
    await child.end();
    return { firstMs };
  }
  const us: number[] = [];
  for (let id = 1; id <= CALLS; id++) {
    const sent = performance.now();
    await ask(id);
    us.push((performance.now() - sent) * 1000);
  }
  const megabytes = processTree(child.pid).reduce((sum, pid) => sum + (proportionalBytes(pid) ?? 0), 0) / 2 ** 20;
  await child.end();
  return { firstMs, callUs: median(us), megabytes };
}

const first: Record<string, number[]> = {};
const calls: Record<string, number[]> = {};
const memory: Record<string, number[]> = {};
for (const start of Object.values(variants)) await once(start, false); // makes the proofs, and warms the file cache
for (let round = 0; round < rounds; round++)
  for (const [name, start] of Object.entries(variants)) {
    const { firstMs, callUs, megabytes } = await once(start, round < 5);
    (first[name] ??= []).push(firstMs);
    if (callUs !== undefined) (calls[name] ??= []).push(callUs);
    if (megabytes !== undefined) (memory[name] ??= []).push(megabytes);
  }

const begin = performance.now();
await sandbox.attest({ command: process.execPath, args: [server] }, { fresh: true });
const proofMs = performance.now() - begin;

const ratio = (values: Record<string, number[]>, name: string): string =>
  (median(values[name]!) / median(values['bare']!)).toFixed(2);
console.log(`## sandbox: a server in its box

${rounds} interleaved rounds, ${cpus().length} x ${cpus()[0]!.model}, Linux ${release()}, Node ${process.versions.node}, load as it was. Medians, middle half in parentheses.

| variant | first answer, ms | of bare | a call, us | of bare | PSS, MB | over bare |
|---|---|---|---|---|---|---|`);
for (const name of Object.keys(variants)) {
  const ms = first[name]!;
  console.log(
    `| ${name} | ${median(ms).toFixed(0)} (${quartile(ms, 0.25).toFixed(0)}..${quartile(ms, 0.75).toFixed(0)}) | ${ratio(first, name)} | ${median(calls[name]!).toFixed(0)} | ${ratio(calls, name)} | ${median(memory[name]!).toFixed(1)} | ${(median(memory[name]!) - median(memory['bare']!)).toFixed(1)} |`,
  );
}
console.log(`
Goals: first answer at most 1.6x bare without and 2.7x with a network rule; a call within noise; under 2 MB a box. A proof (once for each
profile, and when it grows old) took ${proofMs.toFixed(0)} ms. Reproduce: \`node --conditions=@sekisho/source packages/sandbox/bench/start.ts ${rounds}\``);
rmSync(directory, { recursive: true, force: true });
