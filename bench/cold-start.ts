import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ask, INITIALIZE } from './dialect.ts';
import type { Settings } from './measure.ts';
import type { PeerUpstream } from './peers/control.ts';
import { fixtureArgs, startPeer } from './process.ts';
import { median } from './statistics.ts';

const SERVERS = 10;
const TOOLS = 50;
const ARGS = fixtureArgs('echo', '--stdio', '--tools', String(TOOLS));

export interface ColdStart {
  readonly label: string;
  /** From spawn to the list of all tools, milliseconds. */
  readonly ms: number;
  /** Against starting the same processes side by side, in the same repetition. */
  readonly ratio: number;
}

/** From nothing to a list of all 500 tools, with ten stdio servers behind it. */
export async function measureColdStart(settings: Settings): Promise<ColdStart[]> {
  settings.progress('Cold start with 10 stdio servers');
  const memoryFolder = mkdtempSync(join(tmpdir(), 'sekisho-bench-'));
  await startBehind('sekisho', { ...settings, argument: memoryFolder }, 500);
  const ways: { label: string; run: () => Promise<number>; times: number[] }[] = [
    { label: 'the ten processes side by side, no gateway', run: startBare, times: [] },
    { label: 'official SDK v1 as a proxy', run: () => startBehind('sdk-v1', settings), times: [] },
    { label: 'official SDK v2 as a proxy', run: () => startBehind('sdk-v2', settings), times: [] },
    { label: '**Sekisho**, first start ever', run: () => startBehind('sekisho', settings), times: [] },
    {
      label: '**Sekisho**, as the program: the catalogue of the last run answers',
      run: () => startBehind('sekisho', { ...settings, argument: memoryFolder }),
      times: [],
    },
  ];
  for (let repetition = 0; repetition < settings.repetitions; repetition += 1) {
    for (const way of ways) way.times.push(await way.run());
  }
  rmSync(memoryFolder, { recursive: true });
  const bare = ways[0]!.times;
  return ways.map(({ label, times }) => ({
    label,
    ms: median(times),
    ratio: median(times.map((ms, index) => ms / bare[index]!)),
  }));
}

async function startBare(): Promise<number> {
  const start = performance.now();
  await Promise.all(Array.from({ length: SERVERS }, startOne));
  return performance.now() - start;
}

function startOne(): Promise<void> {
  const child = spawn(process.execPath, ARGS, { stdio: ['pipe', 'pipe', 'inherit'] });
  const say = (message: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id } = JSON.parse(line) as { id: number };
      if (id === 1) {
        say({ method: 'notifications/initialized' });
        say({ id: 2, method: 'tools/list' });
      } else {
        child.stdin.end();
        resolve();
      }
    });
    say({ id: 1, method: 'initialize', params: INITIALIZE });
  });
}

async function startBehind(
  peerName: string,
  settings: Settings & { readonly argument?: string },
  restMs = 0,
): Promise<number> {
  const upstreams = Array.from({ length: SERVERS }, (_, index): PeerUpstream => ({
    name: `up${index}`,
    kind: 'stdio',
    command: process.execPath,
    args: ARGS,
  }));
  const start = performance.now();
  const peer = await startPeer(peerName, upstreams, { core: 'any', ...settings });
  try {
    const session = await initialize(peer.url);
    while ((await countTools(peer.url, session)) < SERVERS * TOOLS) {
      // Asked again at once would take the CPU that the servers need to start.
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (performance.now() - start > 30_000) throw new Error(`${peerName} never listed all tools`);
    }
    const ms = performance.now() - start;
    await new Promise((resolve) => setTimeout(resolve, restMs));
    return ms;
  } finally {
    await peer.stop();
  }
}

async function initialize(url: string): Promise<string | undefined> {
  const response = await fetch(url, { method: 'POST', ...ask('legacy', undefined, 1, 'initialize', INITIALIZE) });
  await response.text();
  return response.headers.get('mcp-session-id') ?? undefined;
}

async function countTools(url: string, session: string | undefined): Promise<number> {
  const response = await fetch(url, { method: 'POST', ...ask('legacy', session, 2, 'tools/list') });
  return (await response.text()).split('"inputSchema"').length - 1;
}
