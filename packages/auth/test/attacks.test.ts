import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiKey, bearer, classes, ps, rows, stranger, weak } from './support/attack-rows.ts';
import { throughFetch, throughNode, type Attack, type Driver, type Outcome } from './support/drivers.ts';
import { signToken, startIssuer, type LocalIssuer } from './support/local-issuer.ts';
import { createStage, type Stage } from './support/stage.ts';

// Rows of the attack catalogue that concern how a credential is presented and what a token says. The id stands in the name.

let stage: Stage;
let other: LocalIssuer;
beforeAll(async () => {
  stage = await createStage();
  stage.issuer.keys.push(weak, ps);
  other = await startIssuer([stranger]);
});
afterAll(async () => {
  await stage.close();
  await other.close();
});

const drivers: [string, Driver][] = [
  ['fetch', throughFetch],
  ['node:http', throughNode],
];

describe.each(drivers)('the attack catalogue, CHK-11, through %s', (_name, drive) => {
  test.each(rows.map((row) => [`${row.id} ${row.what}`, row] as const))('%s', async (_title, row) => {
    const attack = await row.attack(stage);
    const outcome = await drive(stage.server(row.options), attack);
    const [status, challenge] = classes[row.expect];
    expect(outcome.status).toBe(status);
    if (challenge instanceof RegExp) expect(outcome.challenge).toMatch(challenge);
    else expect(outcome.challenge).toBe(challenge);
    expect(outcome.events.map((event) => event.type)).toEqual([row.event]);
    expectNoSecret(attack, outcome);
  });
});

/** A79: nothing that was presented comes back or is reported. */
function expectNoSecret(attack: Attack, outcome: Outcome): void {
  const output = `${outcome.body}\n${JSON.stringify([...outcome.headers])}\n${inspect(outcome.events, { depth: 9, showHidden: true })}`;
  for (const [name, value] of attack.headers ?? []) {
    if (!/authorization|api-key/i.test(name)) continue;
    for (const part of value.split(/[ .]/).filter((piece) => piece.length > 12)) expect(output).not.toContain(part);
  }
  expect(output).not.toContain('evil');
}

test('A31 and A51: no request is made for anything that a token names', async () => {
  const fresh = await createStage();
  const server = fresh.server();
  await throughFetch(
    server,
    bearer(fresh.token({}, { x5u: `${fresh.issuer.issuer}/evil`, jku: `${fresh.issuer.issuer}/evil` })),
  );
  await throughFetch(server, bearer(fresh.token({ iss: `${fresh.issuer.issuer}/tenant` })));
  await throughFetch(server, bearer('a'.repeat(8193)));
  expect(fresh.issuer.requests).toEqual([]);
  await fresh.close();
});

test('A61: after ten forgeries an address waits, before any cryptography; a token that was seen still passes', async () => {
  const fresh = await createStage();
  const server = fresh.server();
  const known = bearer(fresh.token());
  await throughFetch(server, known);
  const outcomes: number[] = [];
  for (let round = 0; round < 12; round += 1) {
    outcomes.push((await throughFetch(server, bearer(fresh.token({}, {}, stranger)))).status);
  }
  expect(outcomes).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
  const limited = await throughFetch(server, bearer(fresh.token()));
  expect([limited.status, limited.challenge, limited.headers.get('retry-after')]).toEqual([429, null, '60']);
  expect(limited.events.map((event) => event.type)).toEqual(['auth.lockout']);
  expect((await throughFetch(server, known)).status).toBe(200);
  expect((await throughFetch(server, { ...bearer(fresh.token()), remoteAddress: '192.0.2.99' })).status).toBe(200);
  fresh.clock.ms += 60_000;
  expect((await throughFetch(server, bearer(fresh.token()))).status).toBe(200);
  await fresh.close();
});

test('the same forgery again and again counts each time', async () => {
  const fresh = await createStage();
  const server = fresh.server();
  const forged = bearer(fresh.token({}, {}, stranger));
  const statuses = [];
  for (let round = 0; round < 11; round += 1) statuses.push((await throughFetch(server, forged)).status);
  expect(statuses.at(-1)).toBe(429);
  await fresh.close();
});

test('where API keys are not accepted, one is a bad token or an unknown scheme', async () => {
  const { createResourceServer, allowLoopbackHttp } = await import('../src/index.ts');
  const server = createResourceServer({
    resource: 'https://gw.example/mcp',
    authorizationServers: [{ issuer: stage.issuer.issuer, [allowLoopbackHttp]: true }],
  });
  const key = await apiKey(stage);
  const asToken = await throughFetch(server, bearer(key));
  expect([asToken.status, asToken.events[0]?.type]).toEqual([401, 'auth.invalid_token']);
  const asKey = await throughFetch(server, { headers: [['X-API-Key', key]] });
  expect([asKey.status, asKey.events[0]?.type]).toEqual([401, 'auth.unsupported_scheme']);
});

test('a resource without a path is named with or without the slash, one with a path is not', async () => {
  const server = stage.server({ resource: 'https://gw.example' });
  for (const aud of ['https://gw.example', 'https://gw.example/', 'HTTPS://GW.EXAMPLE/']) {
    expect((await throughFetch(server, bearer(stage.token({ aud })))).status).toBe(200);
  }
  for (const aud of ['https://gw.example//', 'https://gw.example/mcp', 'https://gw.example?']) {
    expect((await throughFetch(server, bearer(stage.token({ aud })))).status).toBe(401);
  }
});

test('honest mistakes of time and scope never lead to a lockout', async () => {
  const server = stage.server();
  const late = bearer(stage.token({ exp: stage.clock.ms / 1000 - 60 }));
  const narrow = bearer(stage.token({ scope: '' }));
  for (let round = 0; round < 30; round += 1) {
    expect((await throughFetch(server, { ...late, remoteAddress: '192.0.2.77' })).status).toBe(401);
    expect((await throughFetch(server, { ...narrow, remoteAddress: '192.0.2.77' })).status).toBe(403);
    expect((await throughFetch(server, { remoteAddress: '192.0.2.77' })).status).toBe(401);
  }
});

test('A53 and A55: keys and subjects belong to their issuer', async () => {
  const { allowLoopbackHttp } = await import('../src/index.ts');
  const server = stage.server({
    authorizationServers: [
      { issuer: stage.issuer.issuer, [allowLoopbackHttp]: true },
      { issuer: other.issuer, [allowLoopbackHttp]: true },
    ],
  });
  const mixed = await throughFetch(server, bearer(stage.token({}, {}, stranger)));
  expect([mixed.status, mixed.events[0]?.type]).toEqual([401, 'auth.bad_signature']);
  const first = await throughFetch(server, bearer(stage.token()));
  const second = await throughFetch(server, bearer(stage.token({ iss: other.issuer }, {}, stranger)));
  expect(first.status + second.status).toBe(400);
  expect(first.body).not.toBe(second.body);
});

test('A45: no malformed token takes longer than a few milliseconds', async () => {
  const server = stage.server();
  await throughFetch(server, bearer(stage.token()));
  const nested = bearer(signToken(stage.key, { typ: 'at+jwt' }, `{"a":${'{"a":'.repeat(900)}1${'}'.repeat(901)}`));
  const started = process.cpuUsage();
  for (let round = 0; round < 50; round += 1)
    await throughFetch(server, { ...nested, remoteAddress: `198.51.100.${round}` });
  expect(process.cpuUsage(started).user / 1000 / 50).toBeLessThan(5);
});
