import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKey, revokeKey, type KeyAdministration, type KeySpecification } from '@sekisho/auth/keys';
import { compose } from '../../src/compose.ts';
import type { LoadedConfig } from '../../src/config/load.ts';
import { createSecretSet } from '../../src/config/secret-set.ts';
import { openKeyRoom } from '../../src/mount/key-room.ts';
import { whyNotListen } from '../../src/mount/listening.ts';
import { createStage, onLoopback, type Stage } from '../auth/attack-kit.ts';
import { silent } from '../support/house.ts';
import { startHousehold } from '../support/household.ts';
import { legacyAsk, modernAsk, openSession, send, type Got } from '../support/mcp-client.ts';

type Who = Readonly<Record<string, string>>;
type Rooms = {
  readonly port: number;
  readonly stage: Stage;
  readonly owner: Who;
  readonly administration: KeyAdministration;
  readonly make: (specification?: Partial<KeySpecification>) => Promise<{ readonly id: string; readonly who: Who }>;
  readonly sessions: () => number;
};
/** True where the gateway did what the rule behind the probe demands. */
type Probe = (rooms: Rooms) => Promise<boolean>;

const host = { host: 'gw.example' };
const as = (token: string): Who => ({ ...host, authorization: `Bearer ${token}` });
const challengeOf = ({ headers }: Got): string => String(headers['www-authenticate']);
async function until(done: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let i = 0; i < 400; i++) {
    if (await done()) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

export const probes: Readonly<Record<string, Probe>> = {
  post: async ({ port }) => {
    const modern = await modernAsk(port, host)('tools/list');
    const { got } = await openSession(port, host);
    return modern.status === 401 && got.status === 401;
  },
  stream: async ({ port }) => {
    const all = ['GET', 'DELETE', 'PUT'].map((method) => send(port, { method, headers: host }));
    return (await Promise.all(all)).every(({ status }) => status === 401);
  },
  nowhere: async ({ port }) => (await modernAsk(port, host)('tools/list', {}, { path: '/mcp/none' })).status === 401,
  audience: async ({ port, stage }) => {
    const own = as(stage.token({ aud: 'https://gw.example/mcp/shared' }));
    const [there, merged] = [
      await modernAsk(port, own)('tools/list', {}, { path: '/mcp/shared' }),
      await modernAsk(port, as(stage.token()))('tools/list', {}, { path: '/mcp/shared' }),
    ];
    return there.status === 200 && merged.status === 401;
  },
  document: async ({ port }) => {
    const path = '/.well-known/oauth-protected-resource/mcp';
    return (await send(port, { method: 'GET', path, headers: host })).status === 200;
  },
  status: async ({ port, owner }) => {
    const at = { method: 'GET', path: '/status' };
    const local = { host: `127.0.0.1:${port}` };
    const [none, his] = [
      await send(port, { ...at, headers: local }),
      await send(port, { ...at, headers: { ...owner, ...local } }),
    ];
    return none.status === 401 && his.status === 200;
  },
  statusRole: async ({ port, make }) => {
    const { who } = await make({ roles: ['reader'] });
    const got = await send(port, { method: 'GET', path: '/status', headers: { ...who, host: `127.0.0.1:${port}` } });
    return got.status === 403;
  },
  restricted: async ({ port, make }) => {
    const { who } = await make({ tools: ['a_note'] });
    const ask = modernAsk(port, who);
    const [his, other] = [
      await ask('tools/call', { name: 'shared__a_note', arguments: {} }),
      await ask('tools/call', { name: 'shared__b_note', arguments: {} }),
    ];
    return his.message.result !== undefined && other.message.error?.code === -32602;
  },
  restrictedLists: async ({ port, make }) => {
    const { who } = await make({ tools: ['a_note'] });
    const { text } = await modernAsk(port, who)('tools/list');
    return text.includes('shared__a_note') && !text.includes('shared__b_note');
  },
  revoked: async ({ port, make, administration, sessions }) => {
    const before = sessions();
    const { id, who } = await make();
    await openSession(port, who);
    if (sessions() !== before + 1) return false;
    await revokeKey(administration, id);
    return await until(() => sessions() === before);
  },
  keySession: async ({ port, make }) => {
    const [one, two] = [await make(), await make()];
    const { headers } = await openSession(port, one.who);
    const got = await legacyAsk(port, { ...headers, ...two.who })('tools/list');
    return got.status === 404 && (await legacyAsk(port, headers)('tools/list')).status === 200;
  },
  challenge: async ({ port, stage }) => {
    const missing = await modernAsk(port, host)('tools/list');
    const scope = await modernAsk(port, as(stage.token()))('tools/call', { name: 'shared__a_ask', arguments: {} });
    return (
      challengeOf(missing).startsWith('Bearer resource_metadata=') &&
      scope.status === 403 &&
      challengeOf(scope).includes('error="insufficient_scope", scope="mcp:call"')
    );
  },
  listening: () => {
    const auth = { apiKeys: {} };
    return Promise.resolve(
      whyNotListen('127.0.0.1', {}) === undefined &&
        whyNotListen('0.0.0.0', { listen: { trustedProxies: ['10.0.0.1'] } }) !== undefined &&
        whyNotListen('0.0.0.0', { auth }) !== undefined &&
        whyNotListen('0.0.0.0', { auth, listen: { trustedProxies: ['10.0.0.1'] } }) === undefined,
    );
  },
  noKey: async ({ port, owner }) => (await modernAsk(port, owner)('tools/list')).status === 200,
};

/** Runs probes and gives the names of those that failed. */
export async function failing(names: readonly string[]): Promise<string[]> {
  const shared = await startHousehold('shared');
  const stage = await createStage();
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-auth-probes-'));
  const config: LoadedConfig = {
    file: '/sekisho.jsonc',
    files: new Map(),
    problems: [],
    secrets: createSecretSet(),
    servers: [
      {
        name: 'shared',
        place: { file: '/sekisho.jsonc', line: 1, column: 1 },
        spec: { kind: 'http', name: 'shared', url: shared.url, headers: {} },
        problems: [],
      },
    ] as unknown as LoadedConfig['servers'],
    settings: {
      auth: {
        resource: 'https://gw.example/mcp',
        authorizationServers: [{ issuer: stage.issuer.issuer }],
        apiKeys: {},
        scopes: { baseline: ['mcp:read'] },
      },
      policy: {
        roles: {},
        rules: [
          { id: 'all', effect: 'allow', roles: ['*'], tools: ['*_note', '*_headed'] },
          { id: 'ask', effect: 'allow', roles: ['*'], tools: ['*_ask'], scopes: ['mcp:call'] },
          { id: 'rest', effect: 'allow', roles: ['*'], methods: ['initialize'] },
        ],
      },
      audit: { enabled: false },
    },
  };
  const composition = await compose(config, {
    version: '0',
    log: silent,
    cacheFolder: join(folder, 'cache'),
    stateFolder: join(folder, 'state'),
    now: () => stage.clock.ms,
    [onLoopback]: true,
  });
  composition.server.listen(0, '127.0.0.1');
  await once(composition.server, 'listening');
  await composition.gateway.ready();
  const { administration } = await openKeyRoom(join(folder, 'state'), { now: () => stage.clock.ms });
  const { port } = composition.server.address() as AddressInfo;
  // The recheck of keys is by the clock of the stage, which goes on so that a revocation is seen.
  const ticking = setInterval(() => (stage.clock.ms += 50), 50);
  const rooms: Rooms = {
    port,
    stage,
    administration,
    owner: as(String(composition.newLocalKey)),
    make: async (specification = {}) => {
      const { key, record } = await createKey(administration, { principal: 'ci', ...specification });
      return { id: record.keyId, who: as(key) };
    },
    sessions: () => composition.gateway.status().sessions,
  };
  const failed: string[] = [];
  for (const name of names) if (!(await probes[name]!(rooms).catch(() => false))) failed.push(name);
  clearInterval(ticking);
  await composition.close();
  await shared.http.close();
  await stage.close();
  await rm(folder, { recursive: true, force: true });
  return failed;
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(JSON.stringify(await failing(process.argv.slice(2))));
  process.exit(0);
}
