import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { createLog } from '../../src/cli/log.ts';
import { compose, type ComposeOptions, type Composition } from '../../src/compose.ts';
import type { LoadedConfig } from '../../src/config/load.ts';
import { folderOf } from '../config/load-fixture.ts';

export type Composed = {
  readonly composition: Composition;
  readonly port: number;
  /** The header of this computer's owner. */
  readonly who: Readonly<Record<string, string>>;
  /** Everything that the program's log has written. */
  readonly logged: () => string;
  /** Holds the state and the cache. */
  readonly folder: string;
};

/** A gateway as the program composes it, listening on a free port. */
export async function composed(
  config: LoadedConfig,
  options: Partial<ComposeOptions> = {},
  port = 0,
): Promise<Composed> {
  const folder = await folderOf({});
  let logged = '';
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      logged += String(chunk);
      done();
    },
  });
  const composition = await compose(config, {
    version: '0',
    log: createLog(sink, 'debug', config.secrets, config.settings.pii),
    cacheFolder: join(folder, 'cache'),
    stateFolder: join(folder, 'state'),
    now: Date.now,
    ...options,
  });
  onTestFinished(() => composition.close());
  composition.server.listen(port, '127.0.0.1');
  await once(composition.server, 'listening');
  await composition.gateway.ready();
  const who = { authorization: `Bearer ${composition.newLocalKey}` };
  return { composition, who, port: (composition.server.address() as AddressInfo).port, logged: () => logged, folder };
}
