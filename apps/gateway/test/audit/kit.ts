import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { readRecords, type AuditRecord } from '@sekisho/audit';
import { onTestFinished } from 'vitest';
import { createLog } from '../../src/cli/log.ts';
import { readLocalKey } from '../../src/mount/key-room.ts';
import { compose, type Composition, type ComposeOptions } from '../../src/compose.ts';
import type { LoadedConfig } from '../../src/config/load.ts';
import { folderOf, loadObject } from '../config/load-fixture.ts';
import { listResult, startRawHttp, textResult } from '../support/raw-server.ts';

export type House = {
  readonly composition: Composition;
  readonly config: LoadedConfig;
  readonly port: number;
  /** The header of this computer's owner. */
  readonly who: Readonly<Record<string, string>>;
  readonly stateFolder: string;
  readonly directory: string;
  readonly logged: () => string;
  /** Everything on record now. */
  readonly records: () => Promise<AuditRecord[]>;
};

/** A server with a tool that answers, one that says it failed, and one that takes its time until it is let go. */
export async function startNotes(hold?: Promise<void>): Promise<{ url: string; calls: () => number }> {
  let calls = 0;
  const tool = (name: string, annotations: object = {}) => ({ name, inputSchema: { type: 'object' }, annotations });
  const server = await startRawHttp({
    name: 'notes',
    capabilities: { tools: {} },
    methods: {
      'tools/list': ({ era }) =>
        listResult(era, 'tools', [tool('get'), tool('slow'), tool('drop', { destructiveHint: true })]),
      'tools/call': async ({ era, params }) => {
        calls += 1;
        if (params['name'] === 'slow') await hold;
        return textResult(era, `ran ${String(params['name'])}`);
      },
    },
  });
  onTestFinished(() => server.close());
  return { url: server.url, calls: () => calls };
}

export async function startHouse(
  settings: object = {},
  options: Partial<ComposeOptions> & { url?: string } = {},
): Promise<House> {
  const url = options.url ?? (await startNotes()).url;
  const folder = await folderOf({});
  const config = await loadObject({ mcpServers: { notes: { url } }, 'x-sekisho': settings });
  let logged = '';
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      logged += String(chunk);
      done();
    },
  });
  const stateFolder = options.stateFolder ?? join(folder, 'state');
  const composition = await compose(config, {
    version: '0',
    log: createLog(sink, 'info', config.secrets),
    cacheFolder: join(folder, 'cache'),
    now: Date.now,
    ...options,
    stateFolder,
  });
  onTestFinished(() => composition.close());
  composition.server.listen(0, '127.0.0.1');
  await once(composition.server, 'listening');
  await composition.gateway.ready();
  const directory = join(stateFolder, 'audit', '1');
  return {
    composition,
    config,
    who: await ownerOf(stateFolder),
    port: (composition.server.address() as AddressInfo).port,
    stateFolder,
    directory,
    logged: () => logged,
    records: async () => await recordsOf(directory),
  };
}

/** The header of this computer's owner; nothing where no key was made. */
async function ownerOf(stateFolder: string): Promise<Readonly<Record<string, string>>> {
  const key = await readLocalKey(stateFolder);
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}

export async function recordsOf(directory: string): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const record of readRecords({ directory })) records.push(record);
  return records;
}
