// The program as it composes itself, with the layers that were asked for. Loaded by address: it is no library.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LayerName } from '../layers.ts';
import { givenUpstreams, serveMeasured } from './control.ts';

type Composition = {
  readonly server: Parameters<typeof serveMeasured>[0];
  readonly newLocalKey: string | undefined;
  readonly gateway: { ready(): Promise<void> };
};
type App = {
  readonly loadConfig: (options: object) => Promise<{ ok: true; config: object } | { ok: false; problems: unknown }>;
  readonly compose: (config: object, options: object) => Promise<Composition>;
};

const source = new URL('../../apps/gateway/src/', import.meta.url);
const { loadConfig } = (await import(new URL('config/load.ts', source).href)) as Pick<App, 'loadConfig'>;
const { compose } = (await import(new URL('compose.ts', source).href)) as Pick<App, 'compose'>;

const layers = new Set((process.argv[3] ?? '').split(',') as LayerName[]);
const folder = mkdtempSync(join(tmpdir(), 'sekisho-layers-'));
const file = join(folder, 'sekisho.json');

const rules = Array.from({ length: 19 }, (_, index) => ({
  id: `rule-${index}`,
  effect: 'deny',
  roles: ['*'],
  servers: [`server-${index}`],
  tools: ['delete_*'],
}));
const perMinute = { kind: 'rate', amount: 100_000_000, periodMs: 60_000, burst: 100_000_000 };
const settings = {
  content: { arguments: layers.has('content') ? 'enforce' : 'off' },
  audit: layers.has('record') ? {} : { enabled: false },
  ...(layers.has('policy')
    ? {
        policy: {
          roles: {},
          rules: [...rules, { id: 'all', effect: 'allow', roles: ['*'], servers: ['up'], tools: ['*'] }],
        },
      }
    : {}),
  ...(layers.has('limits')
    ? {
        rateLimit: {
          limits: {
            rules: [
              { name: 'principal', by: ['principal'], allow: perMinute },
              { name: 'server', by: ['server'], allow: perMinute },
              { name: 'tool', by: ['principal', 'server', 'tool'], allow: perMinute },
            ],
          },
          onStoreFailure: 'local',
        },
      }
    : {}),
  ...(layers.has('masking') ? { pii: {} } : {}),
};
const mcpServers = Object.fromEntries(
  givenUpstreams().map((upstream) => [upstream.name, upstream.kind === 'http' ? { url: upstream.url } : {}]),
);
writeFileSync(file, JSON.stringify({ mcpServers, 'x-sekisho': settings }), { mode: 0o600 });

const loaded = await loadConfig({
  file,
  env: process.env,
  home: folder,
  platform: process.platform,
  secretsFile: join(folder, 'secrets.json'),
});
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
const quiet = (): void => undefined;
const composition = await compose(loaded.config, {
  version: '0.0.0',
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  cacheFolder: join(folder, 'cache'),
  stateFolder: join(folder, 'state'),
  now: Date.now,
});
await composition.gateway.ready();
const { newLocalKey } = composition;
serveMeasured(composition.server, newLocalKey === undefined ? {} : { authorization: `Bearer ${newLocalKey}` });
