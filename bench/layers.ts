import type { Load } from './load.ts';
import { measureAll, type Measurement, type Settings } from './measure.ts';
import { startPeer, startUpstream, type MeasuredProcess } from './process.ts';
import { SEKISHO, type Target } from './targets.ts';

/** The program with one part after the other switched on; the routing of the core alone is the floor. */
export const LAYERS = [
  ['door', 'with keys at the door (and headers, limits of connections)'],
  ['policy', 'and a policy of 20 rules'],
  ['limits', 'and limits on three buckets'],
  ['content', 'and arguments held against the schema'],
  ['masking', 'and masking of arguments and results'],
  ['record', 'and a record, durable before each answer'],
] as const;

export type LayerName = (typeof LAYERS)[number][0];

/** What each layer costs on an echoed call: CPU of the process and latency, each layer on top of those before it. */
export async function measureLayers(settings: Settings): Promise<Measurement[]> {
  const upstream = await startUpstream('load', 'echo', '--era', 'modern');
  const peers: MeasuredProcess[] = [];
  try {
    const given = [{ name: 'up', kind: 'http', url: upstream.url }] as const;
    const options = { core: 'gateway', ...settings } as const;
    const started: (readonly [Target, MeasuredProcess])[] = [];
    for (const [index, [, label]] of LAYERS.entries()) {
      const names = LAYERS.slice(0, index + 1).map(([name]) => name);
      const peer = await startPeer('layers', given, { ...options, argument: names.join(',') });
      peers.push(peer);
      started.push([{ ...SEKISHO, id: 'layers', label }, peer]);
    }
    const bare = await startPeer('sekisho', given, options);
    peers.push(bare);
    // The last row is the floor of the ratios.
    started.push([{ ...SEKISHO, label: 'routing alone' }, bare]);
    const measurements: Measurement[] = [];
    for (const clients of [1, 32]) {
      const load = (target: Target): Load => ({
        era: 'modern',
        clients,
        calls: settings.scale(clients === 1 ? 1500 : 4000),
        warmUpCalls: 5_000,
        method: 'tools/call',
        params: (token) => ({ name: target.toolName('up', 'echo'), arguments: { text: token } }),
        isAnswer: (text, token) => text.includes(`"text":"${token}"`),
      });
      const name = `Layer by layer, modern, ${clients} ${clients === 1 ? 'client' : 'clients'}`;
      measurements.push(await measureAll(name, started, load, settings));
    }
    return measurements;
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
    await upstream.stop();
  }
}
