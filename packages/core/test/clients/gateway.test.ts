import { startConformanceHttp, type ConformanceHttp } from '../fixtures/servers/conformance/http.ts';
import { stdioConformance } from '../support/fixture-process.ts';
import { startTestGateway } from '../support/gateway.ts';
import { describeEveryMethod, type Scene } from './every-method.ts';
import { describeInspector } from './inspector-methods.ts';
import type { Peer, Target } from './peer.ts';
import { connectV1 } from './v1-peer.ts';
import { connectV2 } from './v2-peer.ts';

type Upstream = 'modern' | 'legacy' | 'stdio-modern' | 'stdio-legacy';

interface Behind {
  readonly url: string;
  readonly fixture: ConformanceHttp | undefined;
  close(): Promise<void>;
}

/** A gateway in front of the fixture, names prefixed, as people run it. */
async function openGateway(upstream: Upstream): Promise<Behind> {
  const isStdio = upstream.startsWith('stdio-');
  const era = upstream.endsWith('modern') ? 'modern' : 'legacy';
  const fixture = isStdio ? undefined : await startConformanceHttp({ era });
  const spec =
    fixture === undefined
      ? stdioConformance(era)
      : ({ kind: 'http', url: fixture.url, transport: 'auto', headers: {} } as const);
  const gateway = await startTestGateway({ upstreams: [{ name: 'fixture', ...spec }] });
  return {
    url: gateway.url,
    fixture,
    async close() {
      await gateway.close();
      await fixture?.close();
    },
  };
}

const through = (upstream: Upstream, connect: (target: Target) => Promise<Peer>) => async (): Promise<Scene> => {
  const behind = await openGateway(upstream);
  const peer = await connect({ kind: 'http', url: behind.url });
  return {
    peer,
    world: behind.fixture?.world,
    async close() {
      await peer.close();
      await behind.close();
    },
  };
};

const pinned = (target: Target): Promise<Peer> => connectV2(target, 'pinned');
const auto = (target: Target): Promise<Peer> => connectV2(target, 'auto');
const legacy = (target: Target): Promise<Peer> => connectV2(target, 'legacy');

describeEveryMethod('SDK v1 to a legacy upstream', through('legacy', connectV1));
describeEveryMethod('SDK v1 to a modern upstream', through('modern', connectV1));
describeEveryMethod('SDK v1 to a legacy stdio upstream', through('stdio-legacy', connectV1));
describeEveryMethod('SDK v2 legacy to a modern upstream', through('modern', legacy));
describeEveryMethod('SDK v2 auto to a legacy upstream', through('legacy', auto));
describeEveryMethod('SDK v2 pinned to a legacy upstream', through('legacy', pinned));
describeEveryMethod('SDK v2 pinned to a modern upstream', through('modern', pinned));
describeEveryMethod('SDK v2 pinned to a modern stdio upstream', through('stdio-modern', pinned));
describeInspector('Inspector legacy to a legacy upstream', 'legacy', () => openGateway('legacy'));
describeInspector('Inspector modern to a modern upstream', 'modern', () => openGateway('modern'));
describeInspector('Inspector modern to a legacy upstream', 'modern', () => openGateway('legacy'));
