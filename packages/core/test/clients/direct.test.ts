import { startConformanceHttp } from '../fixtures/servers/conformance/http.ts';
import { stdioConformance } from '../support/fixture-process.ts';
import { describeEveryMethod, type Scene } from './every-method.ts';
import { describeInspector } from './inspector-methods.ts';
import type { Peer, Target } from './peer.ts';
import { connectV1 } from './v1-peer.ts';
import { connectV2 } from './v2-peer.ts';

// The tests of every client against the fixture itself: what fails here is wrong with the test, not with a gateway.
const overHttp = (connect: (target: Target) => Promise<Peer>) => async (): Promise<Scene> => {
  const fixture = await startConformanceHttp();
  const peer = await connect({ kind: 'http', url: fixture.url });
  return {
    peer,
    world: fixture.world,
    async close() {
      await peer.close();
      await fixture.close();
    },
  };
};

const overStdio = (connect: (target: Target) => Promise<Peer>) => async (): Promise<Scene> => {
  const peer = await connect(stdioConformance());
  return { peer, world: undefined, close: () => peer.close() };
};

describeEveryMethod('SDK v1, direct over HTTP', overHttp(connectV1));
describeEveryMethod(
  'SDK v2 legacy, direct over HTTP',
  overHttp((target) => connectV2(target, 'legacy')),
);
describeEveryMethod(
  'SDK v2 pinned, direct over HTTP',
  overHttp((target) => connectV2(target, 'pinned')),
);
describeEveryMethod('SDK v1, direct over stdio', overStdio(connectV1));
describeEveryMethod(
  'SDK v2 auto, direct over stdio',
  overStdio((target) => connectV2(target, 'auto')),
);
describeInspector('Inspector legacy, direct', 'legacy', () => startConformanceHttp());
describeInspector('Inspector modern, direct', 'modern', () => startConformanceHttp());
