import { Pool } from 'undici';
import { ask, INITIALIZE } from './dialect.ts';
import type { Settings } from './measure.ts';
import { startPeer, startUpstream } from './process.ts';
import { median } from './statistics.ts';
import { BYTE_PROXY, SDK_V1, SDK_V2, SEKISHO } from './targets.ts';

const SESSIONS = 100;

export interface MemoryUse {
  readonly label: string;
  /** Resident memory for each session, kilobytes of 1000 bytes. */
  readonly kilobytes: number;
}

/** What 100 legacy sessions cost that do nothing but be there, their GET streams open where the server offers one. */
export async function measureMemory(settings: Settings): Promise<MemoryUse[]> {
  settings.progress('Memory of 100 idle sessions');
  const targets = [BYTE_PROXY, SDK_V1, SDK_V2, SEKISHO];
  const grown = new Map(targets.map((target) => [target, [] as number[]]));
  for (let repetition = 0; repetition < settings.repetitions; repetition += 1) {
    for (const target of targets) grown.get(target)!.push(await growth(target.id, settings));
  }
  return targets.map((target) => ({ label: target.label, kilobytes: median(grown.get(target)!) }));
}

async function growth(peerName: string, settings: Settings): Promise<number> {
  const upstream = await startUpstream('load', 'echo');
  const peer = await startPeer(peerName, [{ name: 'up', kind: 'http', url: upstream.url }], {
    core: 'gateway',
    ...settings,
  });
  const pools: Pool[] = [];
  try {
    // The first sessions pay for code and pools that all later ones share.
    for (let index = 0; index < SESSIONS; index += 1) pools.push(await openIdle(peer.url));
    await Promise.all(pools.splice(0).map((pool) => pool.destroy()));
    const before = (await peer.usage('memory')).rssBytes;
    for (let index = 0; index < SESSIONS; index += 1) pools.push(await openIdle(peer.url));
    const after = (await peer.usage('memory')).rssBytes;
    return (after - before) / SESSIONS / 1000;
  } finally {
    await Promise.all(pools.map((pool) => pool.destroy()));
    await peer.stop();
    await upstream.stop();
  }
}

/** One client: a session of its own on connections of its own. */
async function openIdle(url: string): Promise<Pool> {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections: 2, pipelining: 1 });
  const opened = await pool.request({ path, method: 'POST', ...ask('legacy', undefined, 1, 'initialize', INITIALIZE) });
  await opened.body.dump();
  const session = opened.headers['mcp-session-id'];
  const { headers } = ask('legacy', typeof session === 'string' ? session : undefined, 2, '');
  const done = await pool.request({
    path,
    method: 'POST',
    headers,
    body: '{"jsonrpc":"2.0","method":"notifications/initialized"}',
  });
  await done.body.dump();
  // Some servers send the head of a stream only with its first event, so nobody waits for it. The ping after it shows
  // that the server has seen both.
  pool.request({ path, method: 'GET', headers: { ...headers, accept: 'text/event-stream' } }).then(
    ({ body }) => body.on('error', () => undefined),
    () => undefined,
  );
  const ping = await pool.request({ path, method: 'POST', headers, body: '{"jsonrpc":"2.0","id":3,"method":"ping"}' });
  await ping.body.dump();
  return pool;
}
