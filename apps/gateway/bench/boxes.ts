// What boxes cost a start of the whole gateway: the three servers of the example, boxed and bare in turn.
// node --conditions=@sekisho/source apps/gateway/bench/boxes.ts [rounds]
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { NO_BOX_SENTENCE } from '@sekisho/sandbox';
import { compose } from '../src/compose.ts';
import { loadConfig } from '../src/config/load.ts';

const rounds = Number(process.argv[2] ?? 15);
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const entry = (name: string): string =>
  resolve(import.meta.dirname, `../node_modules/@modelcontextprotocol/server-${name}/dist/index.js`);
const none = { backend: 'none', iUnderstand: NO_BOX_SENTENCE };

async function readyMs(boxed: boolean): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-bench-'));
  chmodSync(folder, 0o755);
  const given = join(folder, 'given');
  mkdirSync(given);
  if (process.getuid?.() === 0) chownSync(given, 65_534, 65_534);
  const writes = boxed ? { 'x-sekisho': { sandbox: { filesystem: { allowWrite: [given] } } } } : {};
  const server = (name: string, ...args: string[]) => ({ command: process.execPath, args: [entry(name), ...args] });
  const value = {
    mcpServers: {
      everything: server('everything'),
      files: { ...server('filesystem', given), ...writes },
      memory: { ...server('memory'), env: { MEMORY_FILE_PATH: join(given, 'm.jsonl') }, ...writes },
    },
    ...(boxed ? {} : { 'x-sekisho': { sandbox: none } }),
  };
  const file = join(folder, 'sekisho.jsonc');
  writeFileSync(file, JSON.stringify(value), { mode: 0o600 });
  const { env, platform } = process;
  const home = join(folder, 'home');
  const loaded = await loadConfig({ file, env, home, platform, secretsFile: join(folder, 'none') });
  if (!loaded.ok) throw new Error('the configuration does not load');
  const started = performance.now();
  const { gateway, close } = await compose(loaded.config, {
    version: '0',
    log: silent,
    cacheFolder: join(folder, 'cache'),
    stateFolder: join(folder, 'state'),
    now: Date.now,
  });
  await gateway.ready();
  const took = performance.now() - started;
  const ready = gateway.status().upstreams.filter(({ state }) => state === 'ready').length;
  await close();
  rmSync(folder, { recursive: true, force: true });
  if (ready !== 3) throw new Error(`${ready} of 3 servers came up`);
  return took;
}

const times = { bare: [] as number[], boxed: [] as number[] };
await readyMs(false);
await readyMs(true);
for (let round = 0; round < rounds; round++) {
  times.bare.push(await readyMs(false));
  times.boxed.push(await readyMs(true));
}
const at = (values: number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)]!;
const shown = (values: number[]): string =>
  `${at(values, 0.5).toFixed(0)} (${at(values, 0.25).toFixed(0)}..${at(values, 0.75).toFixed(0)})`;
process.stdout.write(`| three servers, none proved before | ready after, ms | of bare |
|---|---|---|
| bare | ${shown(times.bare)} | 1.00 |
| boxed, proof included | ${shown(times.boxed)} | ${(at(times.boxed, 0.5) / at(times.bare, 0.5)).toFixed(2)} |
`);
process.exit(0);
