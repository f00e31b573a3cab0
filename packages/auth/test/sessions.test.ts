import { exportJWK, generateKeyPair, SignJWT, decodeJwt, decodeProtectedHeader } from 'jose';
import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { memoryReplayStore } from '../src/index.ts';
import {
  createLoginStates,
  createSessions,
  memorySessionStore,
  type CsrfRequest,
  type IssuedSession,
  type SessionKeyRing,
  type Sessions,
} from '../src/sessions/index.ts';
import { createStage } from './support/stage.ts';

const ORIGIN = 'https://gw.example';
const alice = { kind: 'user', issuer: 'https://as.example', subject: 'alice' } as const;
const { privateKey } = await generateKeyPair('ES256', { extractable: true });
const signingKeys: SessionKeyRing = { current: 's1', keys: { s1: await exportJWK(privateKey) } };
const csrfSecret = randomBytes(32);
const clock = { ms: 0 };
const now = (): number => clock.ms;

let store = memorySessionStore({ now });
let sessions: Sessions;
const make = (changes: object = {}): Sessions =>
  createSessions({ origin: ORIGIN, signingKeys, csrfSecret, store, now, ...changes });
beforeEach(() => {
  clock.ms = Date.parse('2026-11-23T12:00:00Z');
  store = memorySessionStore({ now });
  sessions = make();
});

const cookieOf = (issued: { readonly cookie: string }): string => issued.cookie.split(';')[0]!;
const get = (cookie: string, headers: Record<string, string> = {}): CsrfRequest => ({
  method: 'GET',
  headers: { cookie, ...headers },
});
const post = (issued: IssuedSession, headers: Record<string, string> = {}): CsrfRequest => ({
  method: 'POST',
  headers: {
    cookie: cookieOf(issued),
    origin: ORIGIN,
    'sec-fetch-site': 'same-origin',
    'x-csrf-token': issued.session.csrfToken,
    ...headers,
  },
});

describe('a session', () => {
  test('is started with a __Host- cookie that holds a session+jwt and nothing about the person', async () => {
    const issued = await sessions.start(alice);
    expect(issued.cookie).toMatch(
      /^__Host-sekisho_session=[\w.-]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=900$/,
    );
    expect(issued.event).toMatchObject({ type: 'session.created', principal: 'https://as.example|alice' });
    const token = cookieOf(issued).split('=')[1]!;
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'session+jwt' });
    expect(JSON.stringify(decodeJwt(token))).not.toContain('alice');
    expect(Buffer.from(issued.session.sessionId, 'base64url')).toHaveLength(16);
    expect(await sessions.read(get(cookieOf(issued)))).toMatchObject({
      ok: true,
      session: { principal: { subject: 'alice' } },
    });
  });

  test('A103: never takes up an id that came with the request, and ends the one it named', async () => {
    const planted = await sessions.start({ ...alice, subject: 'mallory' });
    const issued = await sessions.start(alice, { headers: { cookie: cookieOf(planted) } });
    expect(issued.session.sessionId).not.toBe(planted.session.sessionId);
    expect(await sessions.read(get(cookieOf(planted)))).toMatchObject({ ok: false, reason: 'ended' });
    expect(await sessions.read(get(cookieOf(issued)))).toMatchObject({ ok: true });
  });

  test('ends with its token, with its own end, and when it is revoked', async () => {
    const issued = await sessions.start(alice);
    clock.ms += 900_000;
    expect(await sessions.read(get(cookieOf(issued)))).toMatchObject({ reason: 'invalid' });
    const second = await sessions.start(alice);
    const third = await sessions.start(alice);
    expect(await sessions.revoke(second.session.sessionId)).toMatchObject({
      cookie: expect.stringContaining('Max-Age=0'),
      event: { type: 'session.revoked', principal: 'https://as.example|alice' },
    });
    expect(await sessions.read(get(cookieOf(second)))).toMatchObject({ reason: 'ended' });
    await sessions.revokeAllOf('https://as.example|alice');
    expect(await sessions.read(get(cookieOf(third)))).toMatchObject({ reason: 'ended' });
  });

  test('is not prolonged beyond its end by refreshing', async () => {
    let issued = await sessions.start(alice);
    for (let minutes = 0; minutes < 12 * 60; minutes += 10) {
      const next = await sessions.refresh(post(issued));
      if (next.ok && 'cookie' in next) issued = next;
      clock.ms += 600_000;
    }
    expect((await sessions.read(get(cookieOf(issued)))).ok).toBe(false);
  });

  test('refreshes into a new token; the old one works for a moment and then ends everything', async () => {
    const first = await sessions.start(alice);
    const second = await sessions.refresh(post(first));
    if (!second.ok || !('cookie' in second)) throw new Error('refreshed');
    expect(second.event.type).toBe('session.refreshed');
    expect(cookieOf(second)).not.toBe(cookieOf(first));
    clock.ms += 9000;
    expect((await sessions.read(get(cookieOf(first)))).ok).toBe(true);
    clock.ms += 2000;
    expect(await sessions.read(get(cookieOf(first)))).toMatchObject({
      reason: 'reused',
      event: { type: 'session.revoked' },
    });
    expect(await sessions.read(get(cookieOf(second)))).toMatchObject({ reason: 'ended' });
  });

  test('refreshed by two tabs at once has one successor', async () => {
    const first = await sessions.start(alice);
    const results = await Promise.all([sessions.refresh(post(first)), sessions.refresh(post(first))]);
    expect(results.filter((result) => 'cookie' in result)).toHaveLength(1);
    expect(results.every((result) => result.ok)).toBe(true);
  });

  test('is refused when its cookie comes twice, is altered, or is another kind of token', async () => {
    const issued = await sessions.start(alice);
    const cookie = cookieOf(issued);
    const name = '__Host-sekisho_session';
    const forged = async (header: object, claims: object) =>
      `${name}=${await new SignJWT({ sid: issued.session.sessionId, jti: 'x', iss: ORIGIN, aud: 'urn:sekisho:browser-session', iat: 1, exp: 9e9, ...claims }).setProtectedHeader({ alg: 'ES256', kid: 's1', typ: 'session+jwt', ...header }).sign(privateKey)}`;
    const spoilt = [
      `${cookie}; ${cookie}`,
      `${cookie}; ${name}=x`,
      `${cookie.slice(0, -4)}AAAA`,
      `${name}=x`,
      await forged({ typ: 'at+jwt' }, {}),
      await forged({ kid: 'other' }, {}),
      await forged({ kid: '__proto__' }, {}),
      await forged({}, { aud: 'https://gw.example/mcp' }),
      await forged({}, { iss: 'https://evil.example' }),
      await forged({}, { exp: undefined }),
    ];
    for (const text of spoilt)
      expect(['missing', 'invalid']).toContain(await sessions.read(get(text)).then((r) => (r.ok ? 'ok' : r.reason)));
    expect((await sessions.read(get(cookie))).ok).toBe(true);
    // The positive control of the forgery: with everything right but the token id it is read, and taken for a copy.
    expect(await sessions.read(get(await forged({}, {})))).toMatchObject({ reason: 'reused' });
  });

  test('survives a change of signing keys while the old one is in the ring', async () => {
    const issued = await sessions.start(alice);
    const { privateKey: next } = await generateKeyPair('ES256', { extractable: true });
    const ring = { current: 's2', keys: { ...signingKeys.keys, s2: await exportJWK(next) } };
    expect((await make({ signingKeys: ring }).read(get(cookieOf(issued)))).ok).toBe(true);
    expect(
      (await make({ signingKeys: { current: 's2', keys: { s2: ring.keys.s2 } } }).read(get(cookieOf(issued)))).ok,
    ).toBe(false);
  });

  test('GW-32: is no access token', async () => {
    const stage = await createStage();
    const issued = await sessions.start(alice);
    const result = await stage.server().authenticate({
      method: 'POST',
      url: '/mcp',
      headers: { authorization: `Bearer ${cookieOf(issued).split('=')[1]}` },
    });
    expect(result).toMatchObject({ ok: false, refusal: { status: 401 } });
    await stage.close();
  });

  test('belongs to one principal', async () => {
    const { session } = await sessions.start(alice);
    expect(sessions.belongsTo(session, 'https://as.example|alice')).toEqual({ ok: true });
    expect(sessions.belongsTo(session, 'https://as.example|bob')).toMatchObject({
      ok: false,
      event: { type: 'session.principal_mismatch' },
    });
  });
});

describe('CSRF', () => {
  test('a page of ours passes', async () => {
    const issued = await sessions.start(alice);
    expect((await sessions.read(post(issued))).ok).toBe(true);
    const { csrfToken } = issued.session;
    expect(
      (await sessions.read({ method: 'POST', headers: { cookie: cookieOf(issued), origin: ORIGIN }, csrfToken })).ok,
    ).toBe(true);
  });

  test('any other does not', async () => {
    const issued = await sessions.start(alice);
    const other = await sessions.start({ ...alice, subject: 'bob' });
    const spoilt: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'http://gw.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { 'x-csrf-token': 'guess' },
      { 'x-csrf-token': other.session.csrfToken },
      { 'x-csrf-token': '' },
    ];
    for (const headers of spoilt)
      expect(await sessions.read(post(issued, headers))).toMatchObject({ ok: false, reason: 'csrf' });
    expect(await sessions.read({ method: 'DELETE', headers: { cookie: cookieOf(issued) } })).toMatchObject({
      reason: 'csrf',
    });
  });
});

test('options that protect nothing are refused', () => {
  const wrong = [
    { origin: 'http://gw.example' },
    { origin: 'https://gw.example/' },
    { csrfSecret: Buffer.from('changeme') },
    { signingKeys: { current: 'x', keys: signingKeys.keys } },
    { signingKeys: { current: 's1', keys: { s1: { kty: 'oct', k: 'AA' } } } },
    { tokenMs: 1 },
    { sessionMs: 8 * 86_400_000 },
  ];
  for (const changes of wrong) expect(() => make(changes)).toThrow(TypeError);
});

describe('GW-19: the state of a sign-in', () => {
  const states = () => createLoginStates({ secret: csrfSecret, used: memoryReplayStore({ now }), now });
  const back = (cookie: string) => ({ headers: { cookie: cookie.split(';')[0]! } });

  test('comes back once, to the browser and the person it was made for', async () => {
    const login = states();
    const { state, cookie } = login.begin('alice');
    expect(cookie).toMatch(/^__Host-sekisho_login=[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/);
    expect(await login.finish(back(cookie), state, 'alice')).toMatchObject({
      ok: true,
      cookie: expect.stringContaining('Max-Age=0'),
    });
    expect((await login.finish(back(cookie), state, 'alice')).ok).toBe(false);
  });

  test('is refused elsewhere, for somebody else, altered or late', async () => {
    const login = states();
    const { state, cookie } = login.begin('alice');
    const elsewhere = login.begin('alice');
    expect((await login.finish(back(elsewhere.cookie), state, 'alice')).ok).toBe(false);
    expect((await login.finish({ headers: {} }, state, 'alice')).ok).toBe(false);
    expect((await login.finish(back(cookie), state, 'bob')).ok).toBe(false);
    const [id, until, mac] = state.split('.');
    expect((await login.finish(back(cookie), `${id}.${Number(until) + 1}.${mac}`, 'alice')).ok).toBe(false);
    for (const text of ['', '..', `${state}.x`, 'a.b.c'])
      expect((await login.finish(back(cookie), text, 'alice')).ok).toBe(false);
    clock.ms += 600_000;
    expect((await login.finish(back(cookie), state, 'alice')).ok).toBe(false);
  });
});
