import { join } from 'node:path';
import { inspect } from 'node:util';
import { readRecords, type AuditRecord } from '@sekisho/audit';
import type { AuthEvent } from '@sekisho/auth';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openKeyRoom } from '../../src/mount/key-room.ts';
import { loadObject } from '../config/load-fixture.ts';
import { composed } from '../support/composed.ts';
import { classes, createStage, onLoopback, ps, rows, strike, weak, type Attack, type Stage } from './attack-kit.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
  stage.issuer.keys.push(weak, ps);
});
afterAll(() => stage.close());

const auth = (issuer: string): object => ({
  resource: 'https://gw.example/mcp',
  authorizationServers: [{ issuer: issuer.replace('http:', 'https:') }],
  apiKeys: {},
  scopes: { baseline: ['mcp:read'], implies: { 'mcp:admin': ['mcp:read', 'mcp:call'] } },
});
const everything = { roles: { all: { kinds: ['user'] } }, rules: [{ id: 'all', effect: 'allow', roles: ['*'] }] };

const bodies = {
  modern: {
    headers: [
      ['mcp-protocol-version', '2026-07-28'],
      ['mcp-method', 'tools/list'],
    ],
    message: {
      method: 'tools/list',
      params: {
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    },
  },
  legacy: {
    headers: [],
    message: {
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    },
  },
} as const;

type Mounted = Awaited<ReturnType<typeof mounted>>;

/** The whole server around the issuer of the stage. Behind a proxy, so that every attack comes from an address of its own. */
async function mounted(more: object = {}) {
  const events: AuthEvent[] = [];
  const settings = {
    auth: { ...auth(stage.issuer.issuer), ...more },
    listen: { trustedProxies: ['127.0.0.1'] },
    policy: everything,
  };
  const config = await loadObject({ mcpServers: {}, 'x-sekisho': settings });
  // The file names https, as every file must; the issuer of the test has only http.
  const section = config.settings.auth!;
  const local = { ...section, authorizationServers: [{ issuer: stage.issuer.issuer }] };
  const at = await composed(
    { ...config, settings: { ...config.settings, auth: local } },
    { now: () => stage.clock.ms, onAuthEvent: (event) => events.push(event), [onLoopback]: true },
  );
  const state = join(at.folder, 'state');
  const { administration } = await openKeyRoom(state, { now: () => stage.clock.ms });
  return { ...at, events, state, stage: { ...stage, keys: administration } };
}

let count = 0;
function dressed(attack: Attack, era: keyof typeof bodies): Attack {
  const { headers, message } = bodies[era];
  const names = new Set((attack.headers ?? []).map(([name]) => name.toLowerCase()));
  const own: (readonly [string, string])[] = [
    ['Host', 'gw.example'],
    ['X-Forwarded-For', `198.18.${Math.floor(++count / 250)}.${count % 250}`],
    ['Accept', 'application/json, text/event-stream'],
    ...(names.has('content-type') ? [] : ([['Content-Type', 'application/json']] as const)),
    ...headers,
  ];
  const body = attack.method === undefined ? JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }) : undefined;
  return {
    ...attack,
    headers: [...own, ...(attack.headers ?? [])],
    ...(body === undefined ? {} : { body: attack.body ?? body }),
  };
}

describe.each(['modern', 'legacy'] as const)(
  'the attack catalogue on the mounted server, %s',
  (era) => {
    let house: Mounted;
    let written: AuditRecord[] = [];
    test('R-60 R-61: every row, with its status, one challenge, one event, and nothing of it anywhere', async () => {
      house = await mounted();
      for (const row of rows) {
        const attack = await row.attack(house.stage);
        house.events.length = 0;
        const outcome = await strike(house.port, dressed(attack, era));
        const [status, challenge] = classes[row.expect]!;
        const title = `${row.id} ${row.what}`;
        expect(outcome.status, title).toBe(status);
        if (challenge instanceof RegExp) expect(outcome.challenge, title).toMatch(challenge);
        else expect(outcome.challenge, title).toBe(challenge);
        // A foreign page is sent away before anybody is asked who they are; that is on record all the same.
        const foreign = row.event === 'security.origin_blocked';
        const told = house.events.map(({ type }) => type);
        expect(foreign && told.length === 0 ? [row.event] : told, title).toEqual([row.event]);
        const output = `${outcome.body}${JSON.stringify(outcome.headers)}${inspect(house.events, { depth: 9, showHidden: true })}${house.logged()}`;
        for (const [name, value] of attack.headers ?? []) {
          if (!/authorization|api-key/i.test(name)) continue;
          for (const part of value.split(/[ .]/).filter((piece) => piece.length > 12))
            expect(output, title).not.toContain(part);
        }
      }
      await house.composition.close();
      written = [];
      for await (const record of readRecords({ directory: join(house.state, 'audit', '1') })) written.push(record);
      const ends = written.filter(({ ex }) => ex?.phase === 'terminal').map(({ type }) => type);
      expect(ends).toHaveLength(rows.length);
      rows.forEach((row, at) => {
        if (row.expect !== 'OK') expect(ends[at], `${row.id} on record`).toBe(row.event);
      });
    });
  },
  120_000,
);

test('A17: a method that is not served, a body that is none and a type that is wrong are told to known callers only', async () => {
  const house = await mounted();
  const known: [string, string] = ['Authorization', `Bearer ${stage.token()}`];
  const odd: readonly [number, Attack][] = [
    [405, { method: 'PUT' }],
    [405, { method: 'PATCH' }],
    [400, { body: '{' }],
    [415, { headers: [['Content-Type', 'text/plain']] }],
    [404, { path: '/mcp/no-such-server' }],
  ];
  for (const [status, attack] of odd) {
    expect((await strike(house.port, dressed(attack, 'modern'))).status).toBe(401);
    const headers = [...(attack.headers ?? []), known];
    const told = await strike(house.port, dressed({ ...attack, headers }, 'modern'));
    // A token for the merged endpoint is none for a server's, whether that is there or not.
    expect(told.status).toBe(attack.path === undefined ? status : 401);
  }
});

test('R-62, A101 and CHK-09: metadata is at the path-inserted place of each endpoint, says what is configured, and tells nothing of what exists', async () => {
  const house = await mounted();
  const get = async (path: string, headers: Attack['headers'] = []) =>
    await strike(house.port, {
      method: 'GET',
      path,
      headers: [['Host', 'evil.example'], ['X-Forwarded-Host', 'evil.example'], ...headers],
    });
  const merged = await get('/.well-known/oauth-protected-resource/mcp');
  expect([
    merged.status,
    merged.headers['access-control-allow-origin'],
    merged.headers['access-control-allow-credentials'],
  ]).toEqual([200, '*', undefined]);
  expect(JSON.parse(merged.body)).toMatchObject({
    resource: 'https://gw.example/mcp',
    authorization_servers: [stage.issuer.issuer],
    scopes_supported: ['mcp:read'],
    bearer_methods_supported: ['header'],
  });
  const one = await get('/.well-known/oauth-protected-resource/mcp/any%20server');
  expect(JSON.parse(one.body)).toMatchObject({ resource: 'https://gw.example/mcp/any%20server' });
  expect(
    (
      await strike(house.port, {
        method: 'GET',
        path: '/.well-known/oauth-protected-resource',
        headers: [['Host', 'gw.example']],
      })
    ).status,
  ).toBe(404);
  const asked = await strike(house.port, dressed({ path: '/mcp/any%20server' }, 'modern'));
  expect(asked.challenge).toContain('/.well-known/oauth-protected-resource/mcp/any%20server"');
  // Its own audience: a token for one endpoint is none for the other.
  const token = stage.token({ aud: 'https://gw.example/mcp/any%20server' });
  const headers: Attack['headers'] = [['Authorization', `Bearer ${token}`]];
  expect((await strike(house.port, dressed({ path: '/mcp/any%20server', headers }, 'modern'))).status).toBe(404);
  expect((await strike(house.port, dressed({ headers }, 'modern'))).status).toBe(401);
});

test('A97: preflight and CORS headers are for listed origins only, never with credentials', async () => {
  const house = await mounted();
  const preflight = async (origin: string) =>
    await strike(house.port, {
      method: 'OPTIONS',
      headers: [
        ['Host', 'gw.example'],
        ['Origin', origin],
        ['Access-Control-Request-Method', 'POST'],
        ['Access-Control-Request-Headers', 'authorization,content-type'],
      ],
    });
  const own = await preflight('https://gw.example');
  expect([own.status, own.headers['access-control-allow-origin']]).toEqual([204, 'https://gw.example']);
  expect(own.headers['access-control-allow-credentials']).toBeUndefined();
  const foreign = await preflight('https://evil.example');
  expect([foreign.status, foreign.headers['access-control-allow-origin']]).toEqual([403, undefined]);
  const answered = await strike(
    house.port,
    dressed(
      {
        headers: [
          ['Origin', 'https://gw.example'],
          ['Authorization', `Bearer ${stage.token()}`],
        ],
      },
      'modern',
    ),
  );
  expect([answered.status, answered.headers['access-control-allow-origin']]).toEqual([200, 'https://gw.example']);
  expect(answered.headers['access-control-expose-headers']).toContain('WWW-Authenticate');
});

test('A61 and A77: after ten forgeries an address waits, others do not', async () => {
  const house = await mounted();
  const from = (address: string, token: string): Attack => {
    const { headers = [], ...rest } = dressed({}, 'modern');
    const others = headers.filter(([name]) => name !== 'X-Forwarded-For');
    return { ...rest, headers: [...others, ['X-Forwarded-For', address], ['Authorization', `Bearer ${token}`]] };
  };
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++) statuses.push((await strike(house.port, from('203.0.113.5', `a.b.c${i}`))).status);
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
  const waiting = await strike(house.port, from('203.0.113.5', 'a.b.c'));
  expect([waiting.challenge, Number(waiting.headers['retry-after']) > 0]).toEqual([null, true]);
  expect((await strike(house.port, from('203.0.113.6', stage.token()))).status).toBe(200);
});

test('without a section API keys are required on loopback too, and there is no document to name', async () => {
  const { composition, port, who, folder } = await composed(await loadObject({ mcpServers: {} }));
  const ask = async (headers: Attack['headers'], attack: Attack = {}) => {
    const body = { jsonrpc: '2.0', id: 1, ...bodies.modern.message };
    const base: Attack['headers'] = [['Content-Type', 'application/json'], ...bodies.modern.headers];
    return await strike(port, {
      ...attack,
      headers: [['Host', `127.0.0.1:${port}`], ...base, ...headers!],
      body: JSON.stringify(body),
    });
  };
  const without = await ask([]);
  expect([without.status, without.challenge]).toEqual([401, 'Bearer realm="mcp"']);
  expect((await ask([['Authorization', who['authorization']!]])).status).toBe(200);
  expect((await ask([['X-API-Key', composition.newLocalKey!]])).status).toBe(200);
  expect((await ask([['Authorization', 'Bearer a.b.c']])).status).toBe(401);
  expect(
    (
      await strike(port, {
        method: 'GET',
        path: '/.well-known/oauth-protected-resource/mcp',
        headers: [['Host', `127.0.0.1:${port}`]],
      })
    ).status,
  ).toBe(404);
  // A second start makes no other key, and cannot show the first.
  const again = await composed(await loadObject({ mcpServers: {} }), { stateFolder: join(folder, 'state') });
  onTestFinished(() => again.composition.close());
  expect(again.composition.newLocalKey).toBeUndefined();
});
