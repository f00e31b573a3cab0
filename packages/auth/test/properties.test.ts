import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  allowLoopbackHttp,
  createFailureLimiter,
  memoryReplayStore,
  scopeExpander,
  type Authentication,
  type ResourceServer,
} from '../src/index.ts';
import { createBoundedCache } from '../src/bounded-cache.ts';
import type { profiles } from '../src/issuers/profile.ts';
import { createKey } from '../src/keys/index.ts';
import { encode, signToken } from './support/local-issuer.ts';
import { createStage, RESOURCE, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

const ask = async (server: ResourceServer, headers: Record<string, string | string[]>): Promise<Authentication> =>
  server.authenticate({ method: 'POST', url: '/mcp', headers });

describe('GW-27: nothing but a good credential yields an identity', () => {
  test('whatever text stands in the header', async () => {
    const server = stage.server();
    const good = stage.token();
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc
        .tuple(fc.constantFrom('Bearer ', 'bearer ', 'DPoP ', 'Basic ', ''), fc.string())
        .map(([scheme, rest]) => scheme + rest),
      // One character of a good token changed, dropped or doubled.
      fc
        .tuple(fc.nat(good.length - 1), fc.constantFrom('', 'A', '.', '=', '-', '\u0000'))
        .map(([at, by]) => `Bearer ${good.slice(0, at)}${by}${good.slice(at + 1)}`),
    );
    await fc.assert(
      fc.asyncProperty(text, async (authorization) => {
        const result = await ask(server, { authorization });
        // The last character of a base64url text may carry unused bits, and then another one means the same signature.
        if (result.ok) expect(authorization.slice(7, -1)).toBe(good.slice(0, -1));
        else expect([400, 401]).toContain(result.refusal.status);
      }),
      { numRuns: 400 },
    );
    expect((await ask(server, { authorization: `Bearer ${good}` })).ok).toBe(true);
  });

  test('whatever claims and header a signed token has, unless they are all right', async () => {
    const server = stage.server({ scopes: {} });
    const odd = fc.oneof(
      fc.constant(undefined),
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.double(),
      fc.string(),
      fc.constant([]),
      fc.constant({}),
      fc.constant([null]),
    );
    const required = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...required, 'nbf', 'cnf'), odd, async (name, value) => {
        const result = await ask(server, { authorization: `Bearer ${stage.token({ [name]: value })}` });
        const harmless =
          (['client_id', 'jti'].includes(name) && value !== undefined && value !== null) ||
          (name === 'sub' && typeof value === 'string' && value !== '') ||
          (['nbf', 'cnf'].includes(name) && value === undefined) ||
          (['nbf', 'iat', 'exp'].includes(name) && typeof value === 'number');
        if (!harmless) expect(result.ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('whatever an issuer publishes', async () => {
    const documents = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constant(JSON.stringify({ keys: [{ ...stage.key.jwk, x: 'AAAA' }] })),
    );
    await fc.assert(
      fc.asyncProperty(documents, async (document) => {
        stage.issuer.answers.set('/jwks', (_request, response) => response.end(document));
        const result = await ask(stage.server(), { authorization: `Bearer ${stage.token()}` });
        expect(result.ok).toBe(false);
      }),
      { numRuns: 60 },
    );
    stage.issuer.answers.delete('/jwks');
  });
});

test('two principals interleaved at two endpoints never see each other', async () => {
  const one = stage.server({ limits: { cacheEntries: 8, refusedEntries: 4 } });
  const two = one.forResource('https://gw.example/mcp/github');
  const aud = [RESOURCE, 'https://gw.example/mcp/github'];
  const key = await createKey(stage.keys, { principal: 'carol' });
  const tokens = new Map([
    ['alice', Array.from({ length: 8 }, () => stage.token({ sub: 'alice', aud }))],
    ['bob', Array.from({ length: 8 }, () => stage.token({ sub: 'bob', aud }))],
  ]);
  const step = fc.record({
    who: fc.constantFrom('alice', 'bob', 'carol', 'nobody'),
    which: fc.nat(7),
    at: fc.boolean(),
    revoke: fc.nat(20),
    wait: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const running = steps.map(async ({ who, which, at, revoke, wait }) => {
        for (let turn = 0; turn < wait; turn += 1) await Promise.resolve();
        if (revoke === 0) one.revoke({ principal: 'nobody|x', untilMs: stage.clock.ms + 1000 });
        const token =
          who === 'nobody'
            ? `${tokens.get('alice')![which]!.slice(0, -20)}AAAAAAAAAAAAAAAAAAAA`
            : tokens.get(who)?.[which];
        const result = await ask(
          at ? one : two,
          token === undefined ? { 'x-api-key': key.key } : { authorization: `Bearer ${token}` },
        );
        expect(result.ok ? result.principal.subject : 'nobody').toBe(who);
      });
      await Promise.all(running);
    }),
    { numRuns: 60 },
  );
});

describe('profiles', () => {
  const server = (profile: keyof typeof profiles, audiences?: string[]): ResourceServer =>
    stage.server({
      scopes: {},
      authorizationServers: [
        { issuer: stage.issuer.issuer, profile, ...(audiences && { audiences }), [allowLoopbackHttp]: true },
      ],
    });
  const token = (claims: Record<string, unknown>, header: object = { typ: 'JWT' }): string =>
    signToken(stage.key, header, stage.claims({ client_id: undefined, scope: undefined, ...claims }));
  const run = async (
    profile: keyof typeof profiles,
    claims: Record<string, unknown>,
    header?: object,
    audiences?: string[],
  ) => {
    const result = await ask(server(profile, audiences), { authorization: `Bearer ${token(claims, header)}` });
    return result.ok ? result.principal : result.refusal.reason;
  };

  test('entra: v2 and v1, delegated and application, ID tokens refused', async () => {
    expect(await run('entra', { azp: 'app', scp: 'a b', tid: 't', roles: ['r'] })).toMatchObject({
      kind: 'user',
      clientId: 'app',
      scopes: ['b', 'a'],
      tenant: 't',
      roles: ['r'],
    });
    expect(await run('entra', { appid: 'app', idtyp: 'app', roles: ['r'] })).toMatchObject({
      kind: 'service',
      clientId: 'app',
      scopes: [],
    });
    expect(await run('entra', { azp: 'app', scp: 'a', aud: 'api://gw' }, undefined, ['api://gw'])).toMatchObject({
      clientId: 'app',
    });
    expect(await run('entra', { azp: 'app', scp: 'a' }, undefined, ['api://gw'])).toBe('wrong_audience');
    expect(await run('entra', { scp: 'a' })).toBe('wrong_token_type');
    expect(await run('entra', { azp: 'app', nonce: 'n' })).toBe('wrong_token_type');
  });

  test('okta: without typ, scp as an array', async () => {
    expect(await run('okta', { cid: 'app', scp: ['a', 'b'], groups: ['g'] }, {})).toMatchObject({
      kind: 'user',
      clientId: 'app',
      groups: ['g'],
    });
    expect(await run('okta', { cid: 'alice', scp: ['a'] }, {})).toMatchObject({ kind: 'service' });
    expect(await run('okta', {}, {})).toBe('wrong_token_type');
  });

  test('auth0: permissions are roles, organisations tenants', async () => {
    expect(await run('auth0', { azp: 'app', scope: 'a', permissions: ['p'], org_id: 'o' })).toMatchObject({
      scopes: ['a'],
      roles: ['p'],
      tenant: 'o',
    });
    expect(await run('auth0', { azp: 'app', gty: 'client-credentials' })).toMatchObject({ kind: 'service' });
    expect(await run('auth0', { azp: 'app', at_hash: 'x' })).toBe('wrong_token_type');
  });

  test('keycloak: the claim typ tells tokens apart, roles are per realm and client', async () => {
    const roles = { realm_access: { roles: ['r'] }, resource_access: { api: { roles: ['w'] }, odd: 1 } };
    expect(await run('keycloak', { azp: 'app', typ: 'Bearer', scope: 'a', ...roles })).toMatchObject({
      clientId: 'app',
      roles: ['r', 'api:w'],
    });
    for (const typ of ['ID', 'Refresh', 'Logout', undefined])
      expect(await run('keycloak', { azp: 'app', typ })).toBe('wrong_token_type');
    expect(
      await run('keycloak', { azp: 'app', typ: 'Bearer', preferred_username: 'service-account-app' }),
    ).toMatchObject({ kind: 'service' });
  });

  test('rfc9068: every claim that the profile requires is required', async () => {
    const plain = stage.server({ scopes: {} });
    for (const name of ['exp', 'aud', 'sub', 'client_id', 'iat', 'jti']) {
      expect((await ask(plain, { authorization: `Bearer ${stage.token({ [name]: undefined })}` })).ok).toBe(false);
    }
    expect(await ask(plain, { authorization: `Bearer ${stage.token({ sub: 'client-1' })}` })).toMatchObject({
      principal: { kind: 'service' },
    });
    expect(
      await ask(plain, {
        authorization: `Bearer ${stage.token({ act: { sub: 'agent', act: { client_id: 'inner' } }, acr: 'gold', auth_time: 5 })}`,
      }),
    ).toMatchObject({
      principal: { actors: ['agent', 'inner'], acr: 'gold', authTimeSeconds: 5 },
    });
    expect(encode('x')).toBe('eA');
  });
});

describe('small parts', () => {
  test("a bounded cache never exceeds its limit and never answers with another key's value", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 20 }),
        fc.array(fc.tuple(fc.nat(40), fc.boolean()), { maxLength: 300 }),
        (limit, steps) => {
          const cache = createBoundedCache<{ readonly id: number }>(limit);
          for (const [id, write] of steps) {
            if (write) cache.set(String(id), { id });
            const hit = cache.get(String(id));
            if (write) expect(hit).toEqual({ id });
            else expect(hit === undefined || hit.id === id).toBe(true);
            expect(cache.size).toBeLessThanOrEqual(limit);
          }
        },
      ),
    );
  });

  test('no window of a minute holds more failures than allowed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 200 }), (pauses) => {
        let ms = 0;
        const limiter = createFailureLimiter({ failures: 5, now: () => ms });
        const failures: number[] = [];
        for (const pause of pauses) {
          ms += pause;
          if (limiter.blockedSeconds('192.0.2.1') > 0) continue;
          limiter.failed('192.0.2.1');
          failures.push(ms);
        }
        for (const start of failures)
          expect(failures.filter((at) => at >= start && at < start + 60_000).length).toBeLessThanOrEqual(5);
      }),
    );
  });

  test('a replay store gives each id to one taker until it expires', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(500)), { maxLength: 200 }), (claims) => {
        let ms = 0;
        const store = memoryReplayStore({ now: () => ms });
        const until = new Map<number, number>();
        for (const [id, pause] of claims) {
          ms += pause;
          const free = (until.get(id) ?? 0) <= ms;
          expect(store.claim(String(id), ms + 1000)).toBe(free);
          if (free) until.set(id, ms + 1000);
        }
      }),
    );
  });

  test('implied scopes are followed to any depth, cycles included', () => {
    const expand = scopeExpander({ a: ['b'], b: ['c', 'a'], d: [] });
    expect([...expand(['a'])].sort()).toEqual(['a', 'b', 'c']);
    expect(expand(['__proto__', 'constructor'])).toHaveLength(2);
  });
});
