import { measureAll, type Measurement, type Settings } from './measure.ts';
import type { Era } from './dialect.ts';
import type { Load } from './load.ts';
import { fixtureArgs, startPeer, startUpstream, type MeasuredProcess } from './process.ts';
import type { PeerUpstream } from './peers/control.ts';
import { BYTE_PROXY, SDK_V1, SDK_V2, SEKISHO, TARGETS, type Target } from './targets.ts';

type Started = readonly [Target, MeasuredProcess | { readonly url: string }];

const echo =
  (era: Era, clients: number, calls: number) =>
  (target: Target): Load => ({
    era,
    clients,
    calls,
    warmUpCalls: 16_000,
    method: 'tools/call',
    params: (token) => ({ name: target.toolName('up', 'echo'), arguments: { text: token } }),
    isAnswer: (text, token) => text.includes(`"text":"${token}"`),
  });

const large =
  (calls: number) =>
  (target: Target): Load => ({
    ...echo('legacy', 8, calls)(target),
    warmUpCalls: 1_600,
    params: (token) => ({ name: target.toolName('up', 'large'), arguments: { text: token, bytes: 100_000 } }),
    isAnswer: (text, token) => text.includes(`"text":"${token}"`) && text.length > 100_000,
  });

const list = (calls: number): Load => ({
  era: 'legacy',
  clients: 8,
  calls,
  warmUpCalls: 100,
  method: 'tools/list',
  params: () => ({}),
  isAnswer: (text) => text.split('"inputSchema"').length - 1 === 500,
});

/** Echoed calls in both eras, and results of 100 kB, in front of an upstream of the same era over HTTP. */
export async function measureHttpCalls(settings: Settings): Promise<Measurement[]> {
  return [...(await measureEra('legacy', settings)), ...(await measureEra('modern', settings))];
}

async function measureEra(era: Era, settings: Settings): Promise<Measurement[]> {
  const upstream = await startUpstream('load', 'echo', '--era', era);
  const peers: MeasuredProcess[] = [];
  try {
    const started: Started[] = [];
    for (const target of TARGETS.filter(({ eras }) => eras.includes(era))) {
      if (target.id === 'direct') started.push([target, upstream]);
      else {
        const peer = await startPeer(target.id, [{ name: 'up', kind: 'http', url: upstream.url }], {
          core: 'gateway',
          ...settings,
        });
        peers.push(peer);
        started.push([target, peer]);
      }
    }
    const measurements: Measurement[] = [];
    for (const clients of [1, 32]) {
      const calls = settings.scale(clients === 1 ? 1500 : 4000);
      const name = `Echoed call, ${era}, ${clients} ${clients === 1 ? 'client' : 'clients'}`;
      measurements.push(await measureAll(name, started, echo(era, clients, calls), settings));
    }
    if (era === 'legacy') {
      measurements.push(
        await measureAll('Result of 100 kB, legacy, 8 clients', started, large(settings.scale(800)), settings),
      );
    }
    return measurements;
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
    await upstream.stop();
  }
}

/** Echoed calls in front of an upstream over stdio, beside the bare proxy in front of HTTP. */
export async function measureStdioCalls(settings: Settings): Promise<Measurement[]> {
  const http = await startUpstream('load', 'echo', '--era', 'legacy');
  const stdio: PeerUpstream = { name: 'up', kind: 'stdio', ...stdioCommand() };
  const peers: MeasuredProcess[] = [];
  try {
    const started: Started[] = [];
    for (const target of [SDK_V1, SDK_V2, BYTE_PROXY, SEKISHO]) {
      const upstream: PeerUpstream = target === BYTE_PROXY ? { name: 'up', kind: 'http', url: http.url } : stdio;
      const peer = await startPeer(target.id, [upstream], { core: 'gateway', ...settings });
      peers.push(peer);
      started.push([target, peer]);
    }
    return [
      await measureAll(
        'Echoed call, stdio upstream, legacy, 32 clients',
        started,
        echo('legacy', 32, settings.scale(4000)),
        settings,
      ),
    ];
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
    await http.stop();
  }
}

/** The list of 500 tools of ten upstreams, beside one echoed call through the same kind of gateway. */
export async function measureLists(settings: Settings): Promise<Measurement[]> {
  const upstreams = await Promise.all(Array.from({ length: 10 }, () => startUpstream('load', 'echo', '--tools', '50')));
  const peers: MeasuredProcess[] = [];
  try {
    const given = upstreams.map(({ url }, index): PeerUpstream => ({
      name: index === 0 ? 'up' : `up${index}`,
      kind: 'http',
      url,
    }));
    const started: Started[] = [];
    for (const target of [SDK_V1, SDK_V2, SEKISHO]) {
      const peer = await startPeer(target.id, given, { core: 'gateway', ...settings });
      peers.push(peer);
      started.push([target, peer]);
    }
    const sekisho = started.filter(([target]) => target === SEKISHO);
    const oneCall: Target = { ...SEKISHO, label: 'Sekisho, one echoed call' };
    const loads = [...started, ...sekisho.map(([, peer]): Started => [oneCall, peer])];
    const calls = settings.scale(240);
    return [
      await measureAll(
        'List of 500 tools from 10 upstreams, legacy, 8 clients',
        loads,
        (target) => (target === oneCall ? echo('legacy', 8, calls * 10)(target) : list(calls)),
        settings,
      ),
    ];
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
    await Promise.all(upstreams.map((upstream) => upstream.stop()));
  }
}

/** The upstream's process is pinned with the load, whatever core its parent has. */
function stdioCommand(): { command: string; args: readonly string[] } {
  const args = fixtureArgs('echo', '--stdio', '--era', 'legacy');
  return process.platform === 'linux'
    ? { command: 'taskset', args: ['-c', '1', process.execPath, ...args] }
    : { command: process.execPath, args };
}
