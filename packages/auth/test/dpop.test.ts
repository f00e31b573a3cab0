import { createHash, createHmac } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  certificateFromField,
  createNonceSource,
  memoryReplayStore,
  type Authentication,
  type AuthRequest,
  type DpopOptions,
  type ResourceServer,
} from '../src/index.ts';
import { encode, makeKey, publicPem, signToken, type TestKey } from './support/local-issuer.ts';
import { hasPublicKey } from '../src/dpop/proof-checks.ts';
import { throughFetch } from './support/drivers.ts';
import { createStage, METADATA, RESOURCE, type Stage } from './support/stage.ts';

const holder = makeKey('ES256', 'holder');
const publicJwk = (key: TestKey): Record<string, unknown> => {
  const { kid: _kid, alg: _alg, use: _use, ...jwk } = key.jwk;
  return jwk;
};
const sha256 = (text: string | Uint8Array, encoding: 'base64' | 'base64url') =>
  createHash('sha256').update(text).digest(encoding);

let stage: Stage;
let server: ResourceServer;
let jkt: string;
let token: string;
const dpop = (options: Partial<DpopOptions> = {}): ResourceServer =>
  stage.server({ dpop: { mode: 'optional', ...options } });

beforeEach(async () => {
  stage = await createStage();
  jkt = await calculateJwkThumbprint(publicJwk(holder));
  token = stage.token({ cnf: { jkt } });
  server = dpop();
});
afterEach(() => stage.close());

interface ProofChanges {
  readonly header?: object;
  readonly claims?: object;
  readonly key?: TestKey;
}

let serial = 0;
function proof({ header = {}, claims = {}, key = holder }: ProofChanges = {}): string {
  const payload = {
    jti: `proof-${(serial += 1)}`,
    htm: 'POST',
    htu: RESOURCE,
    iat: Math.floor(stage.clock.ms / 1000),
    ath: sha256(token, 'base64url'),
    ...claims,
  };
  return signToken(key, { typ: 'dpop+jwt', kid: undefined, jwk: publicJwk(key), ...header }, payload);
}

const request = (
  proofs: string | readonly string[],
  changes: Partial<AuthRequest> & { scheme?: string } = {},
): AuthRequest => ({
  method: 'POST',
  url: '/mcp',
  headers: { authorization: `${changes.scheme ?? 'DPoP'} ${token}`, dpop: proofs },
  ...changes,
});
const ask = async (
  proofs: string | readonly string[],
  changes?: Partial<AuthRequest> & { scheme?: string },
  gate = server,
): Promise<Authentication> => gate.authenticate(request(proofs, changes));
const reason = (result: Authentication): string => (result.ok ? 'ok' : result.refusal.reason);

describe('a proof', () => {
  test('that is right is accepted, with a cached token too', async () => {
    expect(await ask(proof())).toMatchObject({ ok: true, principal: { confirmation: { jkt } } });
    expect(await ask(proof())).toMatchObject({ ok: true });
  });

  test.each([
    ['PS256', makeKey('PS256', 'x')],
    ['EdDSA', makeKey('EdDSA', 'x')],
  ])('of %s is accepted', async (_alg, key) => {
    token = stage.token({ cnf: { jkt: await calculateJwkThumbprint(publicJwk(key)) } });
    expect(reason(await ask(proof({ key })))).toBe('ok');
  });

  test('may name the resource with another case of scheme and host, a query or a fragment', async () => {
    for (const htu of ['HTTPS://GW.example/mcp', 'https://gw.example:443/mcp', 'https://gw.example/mcp?x=1#y']) {
      expect(reason(await ask(proof({ claims: { htu } })))).toBe('ok');
    }
  });

  const seconds = (): number => Math.floor(stage.clock.ms / 1000);
  test.each<[string, () => ProofChanges]>([
    ['A83: of another token', () => ({ claims: { ath: sha256('x', 'base64url') } })],
    ['A83: without ath', () => ({ claims: { ath: undefined } })],
    ['A85: too old', () => ({ claims: { iat: seconds() - 301 } })],
    ['A85: from the future', () => ({ claims: { iat: seconds() + 301 } })],
    ['A85: without iat', () => ({ claims: { iat: undefined } })],
    ['A85: with iat as text', () => ({ claims: { iat: String(seconds()) } })],
    ['A87: with the private key', () => ({ header: { jwk: { ...publicJwk(holder), d: 'x' } } })],
    ['A87: with a symmetric key', () => ({ header: { jwk: { kty: 'oct', k: 'AAAA' } } })],
    ['A87: without a key', () => ({ header: { jwk: undefined } })],
    ['with a key of another curve', () => ({ header: { jwk: { ...publicJwk(holder), crv: 'P-384' } } })],
    ['made with another key', () => ({ key: makeKey('ES256', 'thief') })],
    [
      'signed by another key than it names',
      () => ({ key: makeKey('ES256', 'thief'), header: { jwk: publicJwk(holder) } }),
    ],
    ['of another type', () => ({ header: { typ: 'JWT' } })],
    ['with crit', () => ({ header: { crit: ['exp'], exp: 1 } })],
    ['with jku', () => ({ header: { jku: 'https://evil.example/keys' } })],
    ['with x5c', () => ({ header: { x5c: ['AA'] } })],
    ['for another method', () => ({ claims: { htm: 'GET' } })],
    ['for a method in lower case', () => ({ claims: { htm: 'post' } })],
    ['for another path', () => ({ claims: { htu: `${RESOURCE}/github` } })],
    ['for another host', () => ({ claims: { htu: 'https://evil.example/mcp' } })],
    ['for http', () => ({ claims: { htu: 'http://gw.example/mcp' } })],
    ['with user information in htu', () => ({ claims: { htu: 'https://a@gw.example/mcp' } })],
    ['without htu', () => ({ claims: { htu: undefined } })],
    ['without jti', () => ({ claims: { jti: undefined } })],
    ['with an endless jti', () => ({ claims: { jti: 'x'.repeat(300) } })],
    ['with the digest of another body', () => ({ claims: { content_digest: `sha-256=:${sha256('x', 'base64')}:` } })],
  ])('%s is refused', async (_what, changes) => {
    const result = await ask(proof(changes()), { body: Buffer.from('{}') });
    expect(result).toMatchObject({
      ok: false,
      refusal: { status: 401, error: 'invalid_dpop_proof' },
      event: { type: 'auth.dpop_failed' },
    });
    if (result.ok) return;
    expect(result.refusal.headers[0]).toEqual([
      'WWW-Authenticate',
      'DPoP algs="ES256 EdDSA PS256", error="invalid_dpop_proof"',
    ]);
  });

  test('A87: with alg none or HS256 is refused', async () => {
    const claims = {
      jti: 'n',
      htm: 'POST',
      htu: RESOURCE,
      iat: Math.floor(stage.clock.ms / 1000),
      ath: sha256(token, 'base64url'),
    };
    const input = (alg: string) => `${encode({ alg, typ: 'dpop+jwt', jwk: publicJwk(holder) })}.${encode(claims)}`;
    expect(reason(await ask(`${input('none')}.`))).toBe('dpop_failed');
    const mac = createHmac('sha256', publicPem(holder)).update(input('HS256')).digest('base64url');
    expect(reason(await ask(`${input('HS256')}.${mac}`))).toBe('dpop_failed');
  });

  test('absent, twice, joined or oversized is refused', async () => {
    expect(reason(await ask([]))).toBe('dpop_failed');
    expect(reason(await ask([proof(), proof()]))).toBe('dpop_failed');
    expect(reason(await ask(`${proof()}, ${proof()}`))).toBe('dpop_failed');
    expect(reason(await ask(proof({ header: { pad: 'x'.repeat(4000) } })))).toBe('dpop_failed');
    expect(reason(await ask('not.a.proof'))).toBe('dpop_failed');
  });

  test('is good once, for all replicas that share the store', async () => {
    const replay = memoryReplayStore({ now: () => stage.clock.ms });
    const [one, two] = [dpop({ replay }), dpop({ replay })];
    const used = proof();
    expect(reason(await ask(used, {}, one))).toBe('ok');
    const again = await ask(used, {}, two);
    expect(again).toMatchObject({
      refusal: { status: 401, reason: 'dpop_replayed' },
      event: { type: 'security.replay' },
    });
    stage.clock.ms += 299_000;
    expect(reason(await ask(used, {}, one))).toBe('dpop_replayed');
  });

  test('is not accepted while the store of used proofs is broken or full', async () => {
    const broken: DpopOptions['replay'][] = [
      { claim: () => Promise.reject(new Error('down')) },
      { claim: () => 'full' },
      { claim: () => 'OK' as unknown as boolean },
      memoryReplayStore({ limit: 0, now: () => stage.clock.ms }),
    ];
    for (const replay of broken) expect((await ask(proof(), {}, dpop({ replay: replay! }))).ok).toBe(false);
    expect(await ask(proof(), {}, dpop({ replay: broken[0]! }))).toMatchObject({ refusal: { status: 503 } });
  });

  test('takes up no memory in the store unless it is right', async () => {
    const claimed: string[] = [];
    const gate = dpop({ replay: { claim: (id) => claimed.push(id) > 0 } });
    await ask(proof({ claims: { htm: 'GET' } }), {}, gate);
    await ask(proof({ key: makeKey('ES256', 'thief') }), {}, gate);
    expect(claimed).toEqual([]);
  });
});

test('a key in a proof is public, asymmetric and of the shape of its algorithm', () => {
  const jwk = publicJwk(holder);
  expect(hasPublicKey({ alg: 'ES256', jwk })).toBe(true);
  const wrong: object[] = [
    { alg: 'ES256' },
    { alg: 'ES256', jwk: [] },
    { alg: 'ES256', jwk: { ...jwk, d: 'x' } },
    { alg: 'ES256', jwk: { ...jwk, k: 'x' } },
    { alg: 'ES256', jwk: { ...jwk, crv: 'P-521' } },
    { alg: 'ES256', jwk: { ...jwk, alg: 'ES384' } },
    { alg: 'RS256', jwk },
    { alg: 'EdDSA', jwk },
  ];
  for (const header of wrong) expect(hasPublicKey(header as Record<string, unknown>)).toBe(false);
});

describe('A81: a bound token', () => {
  test('sent as Bearer is refused with a DPoP challenge, with and without a proof', async () => {
    for (const proofs of [[], proof()]) {
      const result = await ask(proofs, { scheme: 'Bearer' });
      expect(result).toMatchObject({
        refusal: { status: 401, error: 'invalid_token' },
        event: { type: 'auth.dpop_failed' },
      });
      if (!result.ok) expect(result.refusal.headers[1]).toEqual(['WWW-Authenticate', 'DPoP algs="ES256 EdDSA PS256"']);
    }
  });

  test('is refused as Bearer also when it was accepted with a proof a moment ago', async () => {
    expect(reason(await ask(proof()))).toBe('ok');
    expect(reason(await ask([], { scheme: 'Bearer' }))).toBe('dpop_downgrade');
  });

  test('and an unbound token under the scheme DPoP is refused too', async () => {
    token = stage.token();
    expect(reason(await ask(proof()))).toBe('dpop_unbound');
    expect(reason(await ask([], { scheme: 'Bearer' }))).toBe('ok');
  });

  test('is all that "required" accepts', async () => {
    const strict = dpop({ mode: 'required' });
    expect(reason(await ask(proof(), {}, strict))).toBe('ok');
    token = stage.token();
    await ask([], { scheme: 'Bearer' }, strict);
    const refused = await ask([], { scheme: 'Bearer' }, strict);
    expect(refused).toMatchObject({
      refusal: {
        headers: [
          [
            'WWW-Authenticate',
            `DPoP algs="ES256 EdDSA PS256", error="invalid_token", error_description="The access token is not valid.", resource_metadata="${METADATA}", scope="mcp:read"`,
          ],
        ],
      },
    });
  });

  test('without the scope is told so only after the proof: 401 before 403', async () => {
    token = stage.token({ cnf: { jkt }, scope: 'other' });
    expect(reason(await ask(proof({ claims: { htm: 'GET' } })))).toBe('dpop_failed');
    expect(reason(await ask(proof()))).toBe('insufficient_scope');
  });
});

describe('A89: nonces', () => {
  test('a proof without one learns a fresh one and passes with it', async () => {
    const gate = dpop({ nonce: true });
    const first = await ask(proof(), {}, gate);
    if (first.ok) throw new Error('refused');
    const fields = new Map(first.refusal.headers.map(([name, value]) => [value.split(' ')[0], [name, value]]));
    expect(fields.get('DPoP')?.[1]).toBe('DPoP algs="ES256 EdDSA PS256", error="use_dpop_nonce"');
    const nonce = first.refusal.headers.find(([name]) => name === 'DPoP-Nonce')?.[1];
    expect(nonce).toMatch(/^[\w-]{43}$/);
    expect(reason(await ask(proof({ claims: { nonce } }), {}, gate))).toBe('ok');
    expect(reason(await ask(proof({ claims: { nonce: 'guess' } }), {}, gate))).toBe('dpop_nonce');
    stage.clock.ms += 150_000;
    expect(reason(await ask(proof({ claims: { nonce } }), {}, gate))).toBe('ok');
    stage.clock.ms += 150_000;
    expect(reason(await ask(proof({ claims: { nonce } }), {}, gate))).toBe('dpop_nonce');
  });

  test('of replicas with one secret are interchangeable; short secrets are refused', () => {
    const secret = Buffer.from(sha256('a', 'base64'), 'base64');
    const [one, two] = [createNonceSource({ secret }), createNonceSource({ secret })];
    expect(two.accepts(one.current())).toBe(true);
    expect(createNonceSource().accepts(one.current())).toBe(false);
    expect(() => createNonceSource({ secret: Buffer.from('short') })).toThrow(TypeError);
  });
});

describe('the digest of the body', () => {
  const body = Buffer.from('{"jsonrpc":"2.0"}');
  const content_digest = `sha-256=:${sha256(body, 'base64')}:`;

  test('is held to the raw bytes', async () => {
    expect(reason(await ask(proof({ claims: { content_digest } }), { body }))).toBe('ok');
    expect(reason(await ask(proof({ claims: { content_digest } }), { body: Buffer.from('{"jsonrpc": "2.0"}') }))).toBe(
      'dpop_failed',
    );
    expect(reason(await ask(proof({ claims: { content_digest } })))).toBe('dpop_failed');
  });

  test('may be required', async () => {
    const strict = dpop({ contentDigest: 'required' });
    expect(reason(await ask(proof(), { body }, strict))).toBe('dpop_failed');
    expect(reason(await ask(proof({ claims: { content_digest } }), { body }, strict))).toBe('ok');
  });

  test('is taken from the request by the fetch adapter, which leaves the body readable', async () => {
    const headers = (digest: string): [string, string][] => [
      ['Authorization', `DPoP ${token}`],
      ['DPoP', proof({ claims: { content_digest: digest } })],
    ];
    const strict = dpop({ contentDigest: 'required' });
    expect((await throughFetch(strict, { headers: headers(content_digest), body: body.toString() })).status).toBe(200);
    expect((await throughFetch(strict, { headers: headers(content_digest), body: 'other' })).status).toBe(401);
  });
});

test('two challenges stand in every 401 where proofs are optional', async () => {
  const missing = await throughFetch(server, {});
  expect(missing.challenge).toBe(
    `Bearer resource_metadata="${METADATA}", scope="mcp:read", DPoP algs="ES256 EdDSA PS256"`,
  );
  const bad = await throughFetch(server, { headers: [['Authorization', 'Bearer a.b.c']] });
  expect(bad.challenge).toMatch(/^Bearer error="invalid_token".*, DPoP algs="ES256 EdDSA PS256"$/);
});

describe('A91: tokens bound to a certificate (RFC 8705)', () => {
  // Any DER bytes will do: what is compared is their hash, the TLS stack has verified the holder.
  const certificate = Buffer.from('3082010a0282010100', 'hex');
  const other = Buffer.from('3082010a0282010101', 'hex');
  const bound = () => stage.token({ cnf: { 'x5t#S256': sha256(certificate, 'base64url') } });

  test('need their own certificate, from the cache too', async () => {
    const plain = stage.server();
    token = bound();
    for (let round = 0; round < 2; round += 1) {
      expect(reason(await ask([], { scheme: 'Bearer', peerCertificate: certificate }, plain))).toBe('ok');
      expect(reason(await ask([], { scheme: 'Bearer', peerCertificate: other }, plain))).toBe('mtls_failed');
      expect(reason(await ask([], { scheme: 'Bearer' }, plain))).toBe('mtls_failed');
    }
  });

  test('are all that "required" accepts', async () => {
    const strict = stage.server({ mtls: { mode: 'required' } });
    token = stage.token();
    for (let round = 0; round < 2; round += 1) {
      expect(reason(await ask([], { scheme: 'Bearer', peerCertificate: certificate }, strict))).toBe('mtls_failed');
    }
    expect(JSON.parse(strict.metadata({ method: 'GET', url: new URL(METADATA).pathname })!.body)).toMatchObject({
      tls_client_certificate_bound_access_tokens: true,
    });
  });

  test('behind a proxy come from the Client-Cert field, one certificate and nothing else', () => {
    expect(certificateFromField(`:${certificate.toString('base64')}:`)).toEqual(certificate);
    for (const value of [undefined, '', certificate.toString('base64'), ':AA:, :BB:', ':%41:', '::']) {
      expect(certificateFromField(value)).toBeUndefined();
    }
  });

  test('and to a key need both', async () => {
    token = stage.token({ cnf: { jkt, 'x5t#S256': sha256(certificate, 'base64url') } });
    expect(reason(await ask(proof(), { peerCertificate: certificate }))).toBe('ok');
    expect(reason(await ask(proof(), {}))).toBe('mtls_failed');
    expect(reason(await ask([], { peerCertificate: certificate }))).toBe('dpop_failed');
  });
});
