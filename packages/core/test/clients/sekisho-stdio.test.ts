import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startConformanceHttp } from '../fixtures/servers/conformance/http.ts';
import { describeEveryMethod, type Scene } from './every-method.ts';
import type { Peer, Target } from './peer.ts';
import { connectV1 } from './v1-peer.ts';
import { connectV2 } from './v2-peer.ts';

const MAIN = fileURLToPath(new URL('../../../../apps/gateway/src/main.ts', import.meta.url));

/** The reference server as a client starts it: `sekisho stdio` with a file in the format clients already have. */
const through = (era: 'modern' | 'legacy', connect: (target: Target) => Promise<Peer>) => async (): Promise<Scene> => {
  const fixture = await startConformanceHttp({ era });
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-stdio-'));
  const config = join(folder, '.mcp.json');
  await writeFile(config, JSON.stringify({ mcpServers: { fixture: { type: 'http', url: fixture.url } } }));
  const peer = await connect({
    kind: 'stdio',
    command: process.execPath,
    args: ['--conditions=@sekisho/source', MAIN, 'stdio', '--config', config],
  });
  return {
    peer,
    world: fixture.world,
    async close() {
      await peer.close();
      await fixture.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

describeEveryMethod('SDK v1 over sekisho stdio to a legacy upstream', through('legacy', connectV1));
describeEveryMethod(
  'SDK v2 pinned over sekisho stdio to a modern upstream',
  through('modern', (target) => connectV2(target, 'pinned')),
);
describeEveryMethod(
  'SDK v2 auto over sekisho stdio to a legacy upstream',
  through('legacy', (target) => connectV2(target, 'auto')),
);
