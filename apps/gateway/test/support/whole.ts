import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { createLog } from '../../src/cli/log.ts';
import { compose, type Composition, type ComposeOptions } from '../../src/compose.ts';
import type { LoadedConfig, LoadOptions } from '../../src/config/load.ts';
import { folderOf, loadGood } from '../config/load-fixture.ts';
import { legacyAsk, modernAsk, openSession, type Ask } from './mcp-client.ts';

export type Composed = {
  readonly composition: Composition;
  readonly config: LoadedConfig;
  readonly port: number;
  /** Holds the configuration file, the state and the cache. */
  readonly folder: string;
  readonly stateFolder: string;
  readonly logged: () => string;
  /** Headers of this computer's owner. */
  readonly who: Readonly<Record<string, string>>;
  readonly modern: Ask;
  /** Opens a session of its own. */
  readonly legacy: (path?: string) => Promise<Ask>;
};

/** The program as it composes itself, from a configuration file and with whatever stands beside it; listening on loopback. */
export async function openComposed(
  config: object,
  options: Partial<ComposeOptions> & {
    readonly files?: Readonly<Record<string, string | object>>;
    readonly load?: Partial<LoadOptions>;
  } = {},
): Promise<Composed> {
  const { files = {}, load = {}, ...parts } = options;
  const folder = await folderOf({ ...files, 'sekisho.jsonc': config });
  const loaded = await loadGood(join(folder, 'sekisho.jsonc'), load);
  let logged = '';
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      logged += String(chunk);
      done();
    },
  });
  const stateFolder = join(folder, 'state');
  const composition = await compose(loaded, {
    version: '0',
    log: createLog(sink, 'debug', loaded.secrets),
    cacheFolder: join(folder, 'cache'),
    stateFolder,
    now: Date.now,
    ...parts,
  });
  onTestFinished(() => composition.close());
  composition.server.listen(0, '127.0.0.1');
  await once(composition.server, 'listening');
  await composition.gateway.ready();
  const { port } = composition.server.address() as AddressInfo;
  const who = { authorization: `Bearer ${composition.newLocalKey}` };
  return {
    composition,
    config: loaded,
    port,
    folder,
    stateFolder,
    logged: () => logged,
    who,
    modern: modernAsk(port, who),
    legacy: async (path) => legacyAsk(port, (await openSession(port, who, {}, path)).headers),
  };
}
