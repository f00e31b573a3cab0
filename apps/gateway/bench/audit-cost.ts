/**
 * What the record adds to one call through the gateway: `node --conditions=@sekisho/source apps/gateway/bench/audit-cost.ts` prints
 * a section of markdown. Four gateways in one process, with the same server and the same client, in turn; real files, real fsync.
 */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose } from '../src/compose.ts';
import { loadConfig } from '../src/config/load.ts';
import { listResult, startRawHttp, textResult } from '../test/support/raw-server.ts';

const ROUND_MS = Number(process.argv[2] ?? 1500);
const ROUNDS = 5;
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const MODES = ['off', 'relaxed', 'standard', 'strict'] as const;

const server = await startRawHttp({
  name: 'notes',
  capabilities: { tools: {} },
  methods: {
    'tools/list': ({ era }) => listResult(era, 'tools', [{ name: 'get', inputSchema: { type: 'object' } }]),
    'tools/call': ({ era }) => textResult(era, 'x'.repeat(500)),
  },
});
const root = await mkdtemp(join(tmpdir(), 'sekisho-audit-cost-'));
const gateways = await Promise.all(
  MODES.map(async (mode) => {
    const folder = await mkdtemp(join(root, `${mode}-`));
    const audit = mode === 'off' ? { enabled: false } : { durability: mode };
    const file = join(folder, 'sekisho.jsonc');
    const content = { mcpServers: { notes: { url: server.url } }, 'x-sekisho': { audit, admin: { enabled: false } } };
    await writeFile(file, JSON.stringify(content), { mode: 0o600 });
    const env = { PATH: process.env['PATH'] };
    const loaded = await loadConfig({
      file,
      env,
      home: folder,
      platform: process.platform,
      secretsFile: join(folder, 'none'),
    });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const composition = await compose(loaded.config, {
      version: '0',
      log: quiet,
      cacheFolder: join(folder, 'cache'),
      stateFolder: join(folder, 'state'),
      now: Date.now,
    });
    composition.server.listen(0, '127.0.0.1');
    await once(composition.server, 'listening');
    await composition.gateway.ready();
    const authorization = `Bearer ${composition.newLocalKey}`;
    return { mode, composition, authorization, port: (composition.server.address() as AddressInfo).port };
  }),
);

const body = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: {
    name: 'notes__get',
    arguments: { query: 'a question of usual length, with a few words in it' },
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
});
const headers = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'content-length': String(Buffer.byteLength(body)),
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'notes__get',
};

function call({ port, authorization }: Door, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const req = request(
      { host: '127.0.0.1', port, method: 'POST', path: '/mcp', headers: { ...headers, authorization }, agent },
      (res) => {
        if (res.statusCode !== 200) reject(new Error(`answered ${res.statusCode}`));
        res.resume();
        res.on('end', resolve);
      },
    );
    req.on('error', reject);
    req.end(body);
  });
}

type Figures = { perSecond: number; p50: number; p99: number; cpuUs: number };

type Door = { readonly port: number; readonly authorization: string };

async function round(door: Door, inFlight: number): Promise<Figures> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const took: number[] = [];
  const cpu = process.threadCpuUsage();
  const start = performance.now();
  const client = async (): Promise<void> => {
    for (let before = performance.now(); before - start < ROUND_MS; before = performance.now()) {
      await call(door, agent);
      took.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  const elapsed = performance.now() - start;
  const used = process.threadCpuUsage(cpu);
  agent.destroy();
  took.sort((a, b) => a - b);
  return {
    perSecond: took.length / (elapsed / 1000),
    p50: took[took.length >> 1]!,
    p99: took[Math.floor(took.length * 0.99)]!,
    cpuUs: (used.user + used.system) / took.length,
  };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const lines: string[] = [];
for (const inFlight of [1, 32]) {
  const figures = new Map<string, Figures[]>(MODES.map((mode) => [mode, []]));
  for (let i = 0; i <= ROUNDS; i += 1)
    for (const door of gateways) {
      const measured = await round(door, inFlight);
      // The first round warms up.
      if (i > 0) figures.get(door.mode)!.push(measured);
    }
  const off = figures.get('off')!;
  for (const mode of MODES) {
    const mine = figures.get(mode)!;
    const ratio = median(mine.map(({ perSecond }, i) => perSecond / off[i]!.perSecond));
    const pick = (of: (one: Figures) => number): number => median(mine.map(of));
    const more = median(mine.map(({ cpuUs }, i) => cpuUs - off[i]!.cpuUs));
    lines.push(
      `| ${inFlight} | ${mode} | ${Math.round(pick((one) => one.perSecond))} | ${ratio.toFixed(2)} | ${pick((one) => one.p50).toFixed(2)} / ${pick((one) => one.p99).toFixed(2)} | ${mode === 'off' ? '' : more.toFixed(1)} |`,
    );
  }
}
process.stdout.write(
  [
    '### What the record adds to a call through the gateway',
    '',
    `Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model ?? 'CPU'}, load average ${loadavg()[0]!.toFixed(0)}. Client, gateway and server share one process, so calls/s is a third of what the gateway alone does; ratios are medians over neighbouring rounds of ${ROUND_MS} ms. Two records for each call, arguments and result hashed, real fsync.`,
    '',
    '| in flight | durability | calls/s | ratio to off | p50 / p99, ms | more CPU for each call, us |',
    '|---|---|---|---|---|---|',
    ...lines,
    '',
    '`node --conditions=@sekisho/source apps/gateway/bench/audit-cost.ts`',
    '',
  ].join('\n'),
);
for (const { composition } of gateways) await composition.close();
await server.close();
await rm(root, { recursive: true, force: true });
process.exit(0);
