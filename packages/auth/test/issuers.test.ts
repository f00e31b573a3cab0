import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createResourceServer,
  allowLoopbackHttp,
  type Authentication,
  type AuthRequest,
  type DependencyFailure,
  type ResourceServer,
} from '../src/index.ts';
import { createGuardedFetch, type Resolve } from '../src/net/guarded-fetch.ts';
import { metadataUrls } from '../src/issuers/discovery.ts';
import { makeKey } from './support/local-issuer.ts';
import { createStage, RESOURCE, type Stage } from './support/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

let address = 0;
/** Another caller each time, so that the limit of failed attempts stays out of the way. */
const request = (token: string, remoteAddress = `198.51.${(address += 1) >> 8}.${address & 255}`): AuthRequest => ({
  method: 'POST',
  url: '/mcp',
  headers: { authorization: `Bearer ${token}` },
  remoteAddress,
});

const reasonOf = (result: Authentication): string => (result.ok ? 'ok' : result.refusal.reason);
const ask = async (server: ResourceServer, token: string): Promise<string> =>
  reasonOf(await server.authenticate(request(token)));

describe('the keys of an issuer', () => {
  test('A61: a flood of unknown kids costs one key set request in 30 s', async () => {
    const server = stage.server();
    for (let round = 0; round < 200; round += 1) await ask(server, stage.token({}, { kid: `kid-${round}` }));
    expect(stage.issuer.count('/jwks')).toBe(1);
    stage.clock.ms += 30_000;
    for (let round = 0; round < 200; round += 1) await ask(server, stage.token({}, { kid: `late-${round}` }));
    expect(stage.issuer.count('/jwks')).toBe(2);
    expect(await ask(server, stage.token())).toBe('ok');
  });

  test('A29: a key that was added is found by one more request', async () => {
    const server = stage.server();
    expect(await ask(server, stage.token())).toBe('ok');
    const added = makeKey('EdDSA', 'k2');
    stage.issuer.keys.push(added);
    expect(await ask(server, stage.token({}, {}, added))).toBe('unknown_kid');
    stage.clock.ms += 30_000;
    expect(await ask(server, stage.token({}, {}, added))).toBe('ok');
    expect(stage.issuer.count('/jwks')).toBe(2);
  });

  test.each([
    ['RS256', makeKey('RS256', 'r')],
    ['PS256', makeKey('PS256', 'p')],
    ['EdDSA', makeKey('EdDSA', 'e')],
  ])('verify %s', async (_alg, key) => {
    stage.issuer.keys.push(key);
    expect(await ask(stage.server(), stage.token({}, {}, key))).toBe('ok');
  });

  test('A63: a key set that is too large, endless or not JSON leaves the last good keys in force', async () => {
    const server = stage.server();
    expect(await ask(server, stage.token())).toBe('ok');
    const spoilt: ((response: { write(chunk: string): void; end(chunk?: string): void }) => void)[] = [
      (response) => response.end(`{"keys":[],"pad":"${'x'.repeat(300 * 1024)}"}`),
      (response) => {
        for (let part = 0; part < 400; part += 1) response.write('x'.repeat(1024));
      },
      (response) => response.end('<html>'),
      (response) => response.end('{"keys":{}}'),
    ];
    for (const spoil of spoilt) {
      stage.clock.ms += 600_000;
      stage.issuer.answers.set('/jwks', (_request, response) => spoil(response));
      expect(await ask(server, stage.token())).toBe('ok');
      expect(server.status()[0]).toMatchObject({ stale: true, keys: 1 });
      stage.issuer.answers.delete('/jwks');
      stage.clock.ms += 60_000;
      expect(await ask(server, stage.token())).toBe('ok');
      expect(server.status()[0]).toMatchObject({ stale: false, consecutiveFailures: 0 });
    }
  });

  test('A63: a slow issuer is given up after its time', async () => {
    const { createDocumentFetch } = await import('../src/net/document-fetch.ts');
    stage.issuer.answers.set('/slow', (_request, response) => response.write('{'));
    const fetchDocument = createDocumentFetch(createGuardedFetch({ [allowLoopbackHttp]: true }), { timeoutMs: 200 });
    await expect(fetchDocument(`${stage.issuer.issuer}/slow`)).rejects.toMatchObject({ code: 'ERR_AUTH_FETCH_FAILED' });
  });

  test('A65: stale keys serve for their time, then 503; at most five requests in 30 s', async () => {
    const failures: DependencyFailure[] = [];
    const server = stage.server({ onFailure: (failure) => failures.push(failure) });
    expect(await ask(server, stage.token())).toBe('ok');
    stage.issuer.answers.set('/jwks', (_request, response) => {
      response.statusCode = 500;
      response.end();
    });
    stage.clock.ms += 600_000;
    const before = stage.issuer.count('/jwks');
    for (let second = 0; second < 30; second += 1) {
      expect(await ask(server, stage.token())).toBe('ok');
      stage.clock.ms += 1000;
    }
    expect(stage.issuer.count('/jwks') - before).toBeLessThanOrEqual(5);
    expect(failures.map((failure) => failure.issuer)).toContain(stage.issuer.issuer);
    stage.clock.ms += 3_600_000;
    const refused = await server.authenticate(request(stage.token()));
    expect(refused).toMatchObject({
      ok: false,
      refusal: { status: 503, reason: 'keys_unavailable' },
      event: { type: 'auth.introspection_failed' },
    });
    if (refused.ok) throw new Error('refused');
    expect(Object.fromEntries(refused.refusal.headers)).toHaveProperty('Retry-After');
  });

  test('an issuer that never answered is asked at most five times in 30 s and nobody gets in', async () => {
    stage.issuer.answers.set('/jwks', (_request, response) => response.destroy());
    const server = stage.server();
    for (let tick = 0; tick < 300; tick += 1) {
      expect(await ask(server, stage.token())).toBe('keys_unavailable');
      stage.clock.ms += 100;
    }
    expect(stage.issuer.count('/jwks')).toBeLessThanOrEqual(5);
    expect(stage.issuer.requests.length).toBeLessThanOrEqual(10);
  });

  test('A67: a removed key ends with the age of the key set, cached tokens included', async () => {
    const server = stage.server();
    const token = stage.token();
    expect(await ask(server, token)).toBe('ok');
    stage.issuer.keys = [makeKey('ES256', 'k9')];
    stage.clock.ms += 599_000;
    expect(await ask(server, token)).toBe('ok');
    expect(server.authenticate(request(token))).not.toBeInstanceOf(Promise);
    stage.clock.ms += 1000;
    expect(await ask(server, token)).toBe('unknown_kid');
  });

  test('A67: reload() ends it at once', async () => {
    const server = stage.server();
    const token = stage.token();
    expect(await ask(server, token)).toBe('ok');
    stage.issuer.keys = [makeKey('ES256', 'k9')];
    await server.reload();
    expect(await ask(server, token)).toBe('unknown_kid');
  });

  test('A67: a key that an early load no longer lists ends at once, although its tokens were cached', async () => {
    const server = stage.server();
    const token = stage.token();
    expect(await ask(server, token)).toBe('ok');
    const added = makeKey('ES256', 'k2');
    stage.issuer.keys = [added];
    stage.clock.ms += 30_000;
    expect(await ask(server, stage.token({}, {}, added))).toBe('ok');
    expect(await ask(server, token)).toBe('unknown_kid');
  });

  test('keys and revocations that change while a token is being asked about are not overlooked', async () => {
    const introspection = { clientId: 'gw', clientSecret: 'x', when: 'always' } as const;
    const server = stage.server({
      authorizationServers: [{ issuer: stage.issuer.issuer, introspection, [allowLoopbackHttp]: true }],
    });
    let release = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      stage.issuer.answers.set('/introspect', (_request, response) => {
        release = () => void response.end('{"active":true}');
        resolve();
      });
    });
    const token = stage.token();
    const pending = ask(server, token);
    await asked;
    stage.issuer.keys = [makeKey('ES256', 'k9')];
    await server.reload();
    release();
    expect(await pending).toBe('ok');
    expect(await ask(server, token)).toBe('unknown_kid');
  });

  test('a cached token ends with its exp', async () => {
    const server = stage.server({ limits: { clockToleranceSeconds: 0 } });
    const token = stage.token({ exp: stage.clock.ms / 1000 + 10 });
    expect(await ask(server, token)).toBe('ok');
    stage.clock.ms += 9999;
    expect(server.authenticate(request(token))).toMatchObject({ ok: true });
    stage.clock.ms += 1;
    expect(await ask(server, token)).toBe('expired');
  });

  test('algorithms are allowed per issuer', async () => {
    const rsa = makeKey('RS256', 'r');
    stage.issuer.keys.push(rsa);
    const server = stage.server({
      authorizationServers: [{ issuer: stage.issuer.issuer, algorithms: ['ES256'], [allowLoopbackHttp]: true }],
    });
    expect(await ask(server, stage.token())).toBe('ok');
    expect(await ask(server, stage.token({}, {}, rsa))).toBe('alg_rejected');
  });

  test('keys with private parts, another use or a symmetric type are not keys', async () => {
    const { parseKeySet } = await import('../src/issuers/json-web-key.ts');
    const good = stage.key.jwk;
    const keys = [
      good,
      { ...good, d: 'x' },
      { kty: 'oct', k: 'AA' },
      { ...good, use: 'enc' },
      { ...good, key_ops: ['sign'] },
      null,
      'x',
    ];
    expect(parseKeySet(JSON.stringify({ keys }))).toHaveLength(1);
  });

  test('two keys that fit are no key', async () => {
    stage.issuer.keys.push(makeKey('ES256', 'k1'));
    expect(await ask(stage.server(), stage.token())).toBe('key_mismatch');
  });

  test('a burst with one fresh token verifies it once', async () => {
    const server = stage.server();
    const token = stage.token();
    const results = await Promise.all(Array.from({ length: 50 }, async () => server.authenticate(request(token))));
    expect(new Set(results.map((result) => result.ok && result.principal)).size).toBe(1);
    expect(stage.issuer.count('/jwks')).toBe(1);
  });
});

describe('discovery', () => {
  test('looks where the specification says, in its order', () => {
    expect(metadataUrls('https://as.example/tenant')).toEqual([
      'https://as.example/.well-known/oauth-authorization-server/tenant',
      'https://as.example/.well-known/openid-configuration/tenant',
      'https://as.example/tenant/.well-known/openid-configuration',
    ]);
    expect(metadataUrls('https://as.example/')).toEqual([
      'https://as.example/.well-known/oauth-authorization-server',
      'https://as.example/.well-known/openid-configuration',
    ]);
  });

  test('falls back to the OpenID document', async () => {
    stage.issuer.answers.set('/.well-known/oauth-authorization-server', (_request, response) => {
      response.statusCode = 404;
      response.end();
    });
    stage.issuer.answers.set('/.well-known/openid-configuration', (_request, response) =>
      response.end(JSON.stringify({ issuer: stage.issuer.issuer, jwks_uri: `${stage.issuer.issuer}/jwks` })),
    );
    expect(await ask(stage.server(), stage.token())).toBe('ok');
  });

  test.each([
    ['another issuer', (issuer: string) => JSON.stringify({ issuer: `${issuer}/`, jwks_uri: `${issuer}/jwks` })],
    ['no keys', (issuer: string) => JSON.stringify({ issuer })],
    ['no JSON', () => 'nope'],
  ])('refuses metadata with %s', async (_what, document) => {
    stage.issuer.answers.set('/.well-known/oauth-authorization-server', (_request, response) =>
      response.end(document(stage.issuer.issuer)),
    );
    expect(await ask(stage.server(), stage.token())).toBe('keys_unavailable');
    expect(stage.issuer.count('/jwks')).toBe(0);
  });

  test('takes a redirect of the metadata for a failure, not for "not here"', async () => {
    stage.issuer.answers.set('/.well-known/oauth-authorization-server', (_request, response) => {
      response.writeHead(302, { location: '/elsewhere' });
      response.end();
    });
    expect(await ask(stage.server(), stage.token())).toBe('keys_unavailable');
    expect(stage.issuer.requests).toEqual(['/.well-known/oauth-authorization-server']);
  });

  test('follows no redirect', async () => {
    stage.issuer.answers.set('/jwks', (_request, response) => {
      response.writeHead(302, { location: '/elsewhere' });
      response.end();
    });
    expect(await ask(stage.server(), stage.token())).toBe('keys_unavailable');
    expect(stage.issuer.count('/elsewhere')).toBe(0);
  });
});

describe('introspection', () => {
  const options = (stage: Stage, when: 'opaque' | 'always' = 'opaque') => ({
    authorizationServers: [
      {
        issuer: stage.issuer.issuer,
        [allowLoopbackHttp]: true,
        introspection: { clientId: 'gw', clientSecret: 'p:ss word', when },
      },
    ],
  });
  const answer = (document: unknown, status = 200): void => {
    stage.issuer.answers.set('/introspect', (_request, response) => {
      response.statusCode = status;
      response.end(JSON.stringify(document));
    });
  };

  test('verifies an opaque token and remembers it', async () => {
    let authorization: string | undefined;
    let body = '';
    stage.issuer.answers.set('/introspect', (incoming, response, text) => {
      authorization = incoming.headers.authorization;
      body = text;
      response.end(JSON.stringify({ active: true, ...stage.claims() }));
    });
    const server = stage.server(options(stage));
    expect(await ask(server, 'opaque-token.1')).toBe('ok');
    expect(await ask(server, 'opaque-token.1')).toBe('ok');
    expect(stage.issuer.count('/introspect')).toBe(1);
    expect(Buffer.from(authorization!.slice(6), 'base64').toString()).toBe('gw:p%3Ass+word');
    expect(new URLSearchParams(body).get('token')).toBe('opaque-token.1');
  });

  test.each([
    ['inactive', { active: false }, 'inactive'],
    ['of another audience', { aud: 'https://other.example' }, 'wrong_audience'],
    ['without audience', { aud: undefined }, 'wrong_audience'],
    ['expired', { exp: 1 }, 'expired'],
    ['without end', { exp: undefined }, 'invalid_token'],
    ['of another issuer', { iss: 'https://evil.example' }, 'unknown_issuer'],
    ['bound in an unknown way', { cnf: { jwk: {} } }, 'confirmation_unknown'],
    ['without a boolean', { active: 'true' }, 'introspection_failed'],
  ])('refuses an opaque token that is %s', async (_what, changes, reason) => {
    answer({ active: true, ...stage.claims(), ...changes });
    expect(await ask(stage.server(options(stage)), 'opaque')).toBe(reason);
  });

  test('A69: a broken endpoint is 503, and after five failures nobody asks it for a while', async () => {
    answer({}, 500);
    const server = stage.server(options(stage));
    for (let round = 0; round < 20; round += 1)
      expect(await ask(server, `opaque-${round}`)).toBe('introspection_failed');
    expect(stage.issuer.count('/introspect')).toBe(5);
    const refused = await server.authenticate(request('opaque-x'));
    expect(refused).toMatchObject({ refusal: { status: 503 }, event: { type: 'auth.introspection_failed' } });
    stage.clock.ms += 10_000;
    answer({ active: true, ...stage.claims() });
    expect(await ask(server, 'opaque-again')).toBe('ok');
    expect(await ask(server, 'opaque-more')).toBe('ok');
  });

  test('with "always", a JWT that was revoked at its issuer is refused', async () => {
    answer({ active: false });
    expect(await ask(stage.server(options(stage, 'always')), stage.token())).toBe('inactive');
    answer({ active: true });
    expect(await ask(stage.server(options(stage, 'always')), stage.token())).toBe('ok');
  });

  test('a token of one issuer is never sent to another: two opaque introspectors are refused at construction', () => {
    const introspection = { clientId: 'gw', clientSecret: 'x' };
    const make = () =>
      createResourceServer({
        resource: RESOURCE,
        authorizationServers: [
          { issuer: 'https://a.example', introspection },
          { issuer: 'https://b.example', introspection },
        ],
      });
    expect(make).toThrow(TypeError);
  });

  test('a JWT is never sent away as opaque', async () => {
    answer({ active: true, ...stage.claims() });
    const server = stage.server(options(stage));
    expect(await ask(server, 'not.a.jwt')).toBe('invalid_token');
    expect(await ask(server, stage.token({ iss: 'https://other.example' }))).toBe('unknown_issuer');
    expect(stage.issuer.count('/introspect')).toBe(0);
  });
});

describe('GW-13: the guarded fetch', () => {
  const init = { method: 'GET', headers: {}, redirect: 'manual', signal: AbortSignal.timeout(5000) } as const;
  const blocked = { code: 'ERR_AUTH_FETCH_BLOCKED' };

  test.each([
    'http://as.example/',
    'http://127.0.0.1/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://017700000001/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://169.254.169.254/',
    'https://100.64.0.1/',
    'https://100.100.100.200/',
    'https://168.63.129.16/',
    'https://192.0.0.192/',
    'https://0.0.0.0/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://198.18.0.1/',
    'https://[::]/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::7f00:1]/',
    'https://[fe80::1]/',
    'https://[fc00::1]/',
    'https://[fd00:ec2::254]/',
    'https://[fec0::1]/',
    'https://[ff02::1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[64:ff9b:1::1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001:0:7f00::1]/',
    'https://[2001:db8::1]/',
    'https://user:pass@as.example/',
    'file:///etc/passwd',
    'data:,x',
    'javascript:1',
  ])('refuses %s without a connection', async (url) => {
    await expect(createGuardedFetch()(url, init)).rejects.toMatchObject(blocked);
  });

  const resolving =
    (...addresses: string[]): Resolve =>
    (_name, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );

  test.each([['127.0.0.1'], ['93.184.215.14', '10.0.0.1'], ['::ffff:10.0.0.1'], []])(
    'refuses a name with the addresses %s',
    async (...addresses) => {
      const fetch = createGuardedFetch({ resolve: resolving(...addresses) });
      const error = await fetch('https://as.example/', init).then(
        () => undefined,
        (failure: Error) => failure.cause ?? failure,
      );
      expect(error).toMatchObject(blocked);
    },
  );

  test('connects to the address that was checked and looks the name up once', async () => {
    let asked = 0;
    const rebinding: Resolve = (_name, _options, callback) => {
      asked += 1;
      callback(null, [{ address: asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }]);
    };
    const fetch = createGuardedFetch({ [allowLoopbackHttp]: true, resolve: rebinding });
    const response = await fetch(`${stage.issuer.issuer.replace('127.0.0.1', 'localhost')}/jwks`, init);
    expect([response.status, asked]).toEqual([200, 1]);
  });

  test("refuses the machine's own public addresses, and permits a listed private network", async () => {
    const own = createGuardedFetch({ ownAddresses: () => ['8.8.4.4'] });
    await expect(own('https://8.8.4.4/', init)).rejects.toMatchObject(blocked);
    const company = createGuardedFetch({ privateNetworks: ['127.0.0.0/8'] });
    // Past the guard, the connection itself is refused: nothing listens on that port with TLS.
    await expect(company('https://127.0.0.1:1/', init)).rejects.not.toMatchObject(blocked);
    expect(() => createGuardedFetch({ privateNetworks: ['10.0.0.0/40'] })).toThrow(TypeError);
  });
});

describe('revocation', () => {
  test('of a principal ends its tokens at once, later ones are good', async () => {
    const server = stage.server();
    const token = stage.token();
    expect(await ask(server, token)).toBe('ok');
    server.revoke({ principal: `${stage.issuer.issuer}|alice`, untilMs: stage.clock.ms + 3_600_000 });
    expect(await ask(server, token)).toBe('revoked');
    expect(await ask(server, stage.token({ sub: 'bob' }))).toBe('ok');
    stage.clock.ms += 1000;
    expect(await ask(server, stage.token())).toBe('ok');
  });

  test('of one token leaves the others', async () => {
    const server = stage.server();
    const token = stage.token({ jti: 'stolen' });
    expect(await ask(server, token)).toBe('ok');
    server
      .forResource('https://gw.example/mcp/github')
      .revoke({ issuer: stage.issuer.issuer, tokenId: 'stolen', untilMs: stage.clock.ms + 1e6 });
    expect(await ask(server, token)).toBe('revoked');
    expect(await ask(server, stage.token())).toBe('ok');
  });
});

test('GW-32, SRV-18: a token for one endpoint is refused by its sibling, also from the cache', async () => {
  const server = stage.server();
  const sibling = server.forResource('https://gw.example/mcp/github');
  const token = stage.token();
  expect(await ask(server, token)).toBe('ok');
  expect(await ask(sibling, token)).toBe('wrong_audience');
  expect(await ask(server, token)).toBe('ok');
  expect(await ask(sibling, stage.token({ aud: ['https://gw.example/mcp/github'] }))).toBe('ok');
  expect(stage.issuer.count('/jwks')).toBe(1);
});
