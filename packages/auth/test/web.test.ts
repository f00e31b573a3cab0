import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  assertGuarded,
  createResourceServer,
  isLoopback,
  makePrincipal,
  type ResourceServerOptions,
} from '../src/index.ts';
import { challenge } from '../src/challenge.ts';
import { throughFetch, throughNode } from './support/drivers.ts';
import { createStage, METADATA, RESOURCE, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

const path = (url: string): string => new URL(url).pathname;
const get = (url: string, method = 'GET') => ({ method, url });

describe('RFC 9728 metadata', () => {
  test('is at the path-inserted place with the resource byte for byte', () => {
    const server = stage.server({ dpop: { mode: 'required' }, resourceName: 'Gateway' });
    const response = server.metadata(get(path(METADATA)))!;
    expect(response.status).toBe(200);
    expect(response.headers['access-control-allow-origin']).toBe('*');
    expect(response.headers).not.toHaveProperty('access-control-allow-credentials');
    expect(JSON.parse(response.body)).toEqual({
      resource: RESOURCE,
      authorization_servers: [stage.issuer.issuer],
      scopes_supported: ['mcp:read'],
      bearer_methods_supported: ['header'],
      resource_name: 'Gateway',
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'PS256'],
      dpop_bound_access_tokens_required: true,
    });
    expect(server.metadataUrl).toBe(METADATA);
  });

  test.each([
    ['https://gw.example', '/.well-known/oauth-protected-resource', 'https://gw.example'],
    [
      'https://gw.example/public/mcp',
      '/.well-known/oauth-protected-resource/public/mcp',
      'https://gw.example/public/mcp',
    ],
    ['https://gw.example:8443/mcp', '/.well-known/oauth-protected-resource/mcp', 'https://gw.example:8443/mcp'],
  ])('of %s is at %s', (resource, at, published) => {
    const server = stage.server({ resource });
    expect(JSON.parse(server.metadata(get(at))!.body).resource).toBe(published);
  });

  test('A101, CHK-09: says the same whatever host the request names, and answers at its own path only', async () => {
    const server = stage.server();
    const spoofed = await throughFetch(server, {
      method: 'GET',
      path: path(METADATA),
      headers: [
        ['X-Forwarded-Host', 'evil.example'],
        ['Forwarded', 'host=evil.example'],
      ],
    });
    expect(JSON.parse(spoofed.body).resource).toBe(RESOURCE);
    expect(server.metadata(get(`https://evil.example${path(METADATA)}?x`))?.status).toBe(200);
    for (const other of [
      '/.well-known/oauth-protected-resource',
      `${path(METADATA)}/`,
      path(METADATA).toUpperCase(),
      `/${path(METADATA)}`,
      '/mcp',
      '/',
    ]) {
      expect(server.metadata(get(other))).toBeUndefined();
    }
  });

  test('needs no credential, allows a preflight from anywhere, and refuses other methods', async () => {
    const server = stage.server();
    for (const drive of [throughFetch, throughNode]) {
      const outcome = await drive(server, {
        method: 'GET',
        path: path(METADATA),
        headers: [['Origin', 'https://evil.example']],
      });
      expect([outcome.status, outcome.events.length]).toEqual([200, 0]);
      expect((await drive(server, { method: 'OPTIONS', path: path(METADATA) })).status).toBe(204);
      expect((await drive(server, { method: 'POST', path: path(METADATA) })).headers.get('allow')).toBe('GET');
    }
  });

  test('CHK-10: is not invented where there is no authorization server, and no other well-known document is', async () => {
    const server = stage.server({ authorizationServers: [] });
    expect(server.metadata(get(path(METADATA)))).toBeUndefined();
    expect((await throughFetch(server, {})).challenge).toBe('Bearer scope="mcp:read"');
    expect(stage.server().metadata(get('/.well-known/oauth-authorization-server'))).toBeUndefined();
  });

  test('never lists offline_access', () => {
    for (const scopes of [{ baseline: ['offline_access'] }, { supported: ['offline_access'] }]) {
      expect(() => stage.server({ scopes })).toThrow(TypeError);
    }
  });
});

describe('A97: CORS', () => {
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: [
      ['Origin', origin],
      ['Access-Control-Request-Method', 'POST'],
    ] as [string, string][],
  });

  test('a listed origin is echoed, without credentials', async () => {
    const server = stage.server({ origins: ['https://app.example'] });
    for (const drive of [throughFetch, throughNode]) {
      const allowed = await drive(server, preflight('https://app.example'));
      expect(allowed.status).toBe(204);
      expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example');
      expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
      const refused = await drive(server, { headers: [['Origin', 'https://app.example']] });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('access-control-allow-origin')).toBe('https://app.example');
      expect(refused.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    }
  });

  test('an unlisted one learns nothing', async () => {
    const server = stage.server();
    for (const origin of ['https://evil.example', 'null', 'http://gw.example', 'https://gw.example.evil.example']) {
      const outcome = await throughFetch(server, preflight(origin));
      expect([outcome.status, outcome.headers.get('access-control-allow-origin')]).toEqual([403, null]);
      expect(outcome.events.map((event) => event.type)).toEqual(['security.origin_blocked']);
    }
  });

  test('OPTIONS without a preflight is a request like any other', async () => {
    expect((await throughFetch(stage.server(), { method: 'OPTIONS' })).status).toBe(401);
  });
});

describe('later refusals', () => {
  const server = () => stage.server();
  const user = makePrincipal({
    kind: 'user',
    issuer: 'i',
    subject: 's',
    scopes: ['a'],
    acr: 'silver',
    authTimeSeconds: 0,
  });

  test('name all scopes of the operation in one challenge', () => {
    expect(server().requireScopes(user, ['a'])).toBeUndefined();
    expect(server().requireScopes(user, ['a', 'b', 'c'])).toMatchObject({
      refusal: {
        status: 403,
        headers: [
          ['WWW-Authenticate', `Bearer error="insufficient_scope", scope="a b c", resource_metadata="${METADATA}"`],
        ],
      },
      event: { type: 'authz.insufficient_scope', principal: 'i|s' },
    });
  });

  test('ask for a fresh and strong sign-in (RFC 9470)', () => {
    const gate = server();
    const fresh = makePrincipal({
      kind: 'user',
      issuer: 'i',
      subject: 's',
      acr: 'gold',
      authTimeSeconds: stage.clock.ms / 1000 - 10,
    });
    expect(gate.requireSignIn(fresh, { acrValues: ['gold'], maxAgeSeconds: 60 })).toBeUndefined();
    for (const stale of [
      user,
      makePrincipal({ kind: 'user', issuer: 'i', subject: 's' }),
      makePrincipal({
        kind: 'user',
        issuer: 'i',
        subject: 's',
        acr: 'gold',
        authTimeSeconds: stage.clock.ms / 1000 + 3600,
      }),
    ]) {
      const refused = gate.requireSignIn(stale, { acrValues: ['gold', 'platinum'], maxAgeSeconds: 60 });
      expect(refused).toMatchObject({ refusal: { status: 401 }, event: { type: 'authz.step_up' } });
      expect(refused?.refusal.headers[0]?.[1]).toMatch(
        /error="insufficient_user_authentication".*acr_values="gold platinum", max_age="60"/,
      );
    }
  });

  test('A57, A75: what no token can cure has no challenge', () => {
    const robot = makePrincipal({ kind: 'apikey', issuer: 'i', subject: 's' });
    const service = makePrincipal({ kind: 'service', issuer: 'i', subject: 's' });
    for (const refused of [
      server().deny(user),
      server().requireScopes(robot, ['x']),
      server().requireSignIn(service, { maxAgeSeconds: 1 }),
    ]) {
      expect(refused).toMatchObject({ refusal: { status: 403, headers: [] }, event: { type: 'authz.denied' } });
    }
  });
});

describe('construction', () => {
  const base: ResourceServerOptions = { resource: RESOURCE, authorizationServers: [{ issuer: 'https://as.example' }] };
  test.each<[string, Partial<ResourceServerOptions>]>([
    ['GW-14: nothing to check a credential with', { authorizationServers: [] }],
    ['a resource with a trailing slash', { resource: 'https://gw.example/mcp/' }],
    ['a resource over http', { resource: 'http://gw.example/mcp' }],
    ['a resource with a fragment', { resource: 'https://gw.example/mcp#x' }],
    ['a resource with a query', { resource: 'https://gw.example/mcp?x' }],
    ['a resource that is not canonical', { resource: 'https://GW.example/mcp' }],
    ['a resource with user information', { resource: 'https://a@gw.example/mcp' }],
    ['a relative resource', { resource: '/mcp' }],
    ['an issuer over http', { authorizationServers: [{ issuer: 'http://as.example' }] }],
    [
      'an issuer over http on loopback without the symbol',
      { authorizationServers: [{ issuer: 'http://127.0.0.1:1' }] },
    ],
    [
      'the same issuer twice',
      { authorizationServers: [{ issuer: 'https://as.example' }, { issuer: 'https://as.example' }] },
    ],
    ['a symmetric algorithm', { algorithms: ['HS256'] }],
    ['alg none', { algorithms: ['none'] }],
    ['no algorithm', { algorithms: [] }],
    ['no audience', { authorizationServers: [{ issuer: 'https://as.example', audiences: [] }] }],
    ['an unknown profile', { authorizationServers: [{ issuer: 'https://as.example', profile: 'toString' as 'okta' }] }],
    ['a symmetric proof algorithm', { dpop: { mode: 'optional', algorithms: ['HS256'] } }],
    ['an unknown mode', { dpop: { mode: 'on' as 'optional' } }],
    ['too much tolerance', { limits: { clockToleranceSeconds: 61 } }],
    ['a wildcard origin', { origins: ['*'] }],
    ['an origin with a path', { origins: ['https://app.example/'] }],
    ['a scope with a quote', { scopes: { baseline: ['a"b'] } }],
  ])('%s is refused', (_what, changes) => {
    expect(() => createResourceServer({ ...base, ...changes })).toThrow(TypeError);
  });

  test('what is right is accepted', () => {
    expect(createResourceServer(base).resource).toBe(RESOURCE);
    expect(createResourceServer({ ...base, resource: 'http://127.0.0.1:7300/mcp' }).resource).toBe(
      'http://127.0.0.1:7300/mcp',
    );
  });

  test('GW-02: nobody listens beyond loopback without a gate', () => {
    for (const host of ['0.0.0.0', '::', '', undefined, '192.168.1.5', 'gw.example', 'localhost.evil.example']) {
      expect(() => assertGuarded(host, undefined)).toThrow(TypeError);
      expect(() => assertGuarded(host, createResourceServer(base))).not.toThrow();
    }
    for (const host of ['127.0.0.1', '127.8.8.8', '::1', '[::1]', 'localhost'])
      expect(() => assertGuarded(host, undefined)).not.toThrow();
    expect(isLoopback('::ffff:127.0.0.1')).toBe(true);
  });
});

test('no value can break out of a challenge', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const text = challenge('Bearer', { error: value, scope: 'x' });
      expect(text).toMatch(/^[\x20-\x7e]*$/);
      const unescaped = text.replaceAll(/\\./g, '');
      expect(unescaped.split('"').length % 2).toBe(1);
      expect(text.endsWith('scope="x"')).toBe(true);
    }),
  );
});
