import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway, type Principal } from '@sekisho/core';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mountPolicy } from '../../src/mount/policy.ts';
import type { PolicySection } from '../../src/mount/policy-section.ts';
import { markOf, startHousehold, type Household } from '../support/household.ts';
import { holdStream, legacyAsk, modernAsk, openSession, send, type Ask, type Got } from '../support/mcp-client.ts';

type Letter = 'a' | 'b';
const letters: readonly Letter[] = ['a', 'b'];
const other = { a: 'b', b: 'a' } as const;
const patiently = { timeout: 20_000, interval: 10 };
const quiet = (): void => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** Each has a server of its own, and a half of a third one. */
const section: PolicySection = {
  roles: { a: { principals: ['a'] }, b: { principals: ['b'] } },
  rules: letters.flatMap((who): PolicySection['rules'] => [
    { id: `${who}-own`, effect: 'allow', roles: [who], servers: [`own-${who}`] },
    {
      id: `${who}-half`,
      effect: 'allow',
      roles: [who],
      servers: ['shared'],
      tools: [`${who}_*`],
      prompts: [`${who}_*`],
      resources: [`note://${who}_home/**`],
    },
    { id: `${who}-levels`, effect: 'allow', roles: [who], servers: ['shared'], methods: ['logging/setLevel'] },
  ]),
};
const principals: Readonly<Record<string, Principal>> = {
  a: Object.freeze({ id: 'a' }),
  b: Object.freeze({ id: 'b' }),
};

const homes: Record<'shared' | 'own-a' | 'own-b', Household> = {
  shared: await startHousehold('shared'),
  'own-a': await startHousehold('own-a', ['a']),
  'own-b': await startHousehold('own-b', ['b']),
};
const mounted = mountPolicy({ section, asksWhoCalls: true }, { log, now: Date.now });
const gateway = createGateway({
  upstreams: Object.entries(homes).map(([name, { url }]) => ({
    name,
    kind: 'http',
    url,
    transport: 'streamable-http',
    headers: {},
  })),
  authenticate: ({ header }) => principals[header('authorization') ?? ''] ?? { refused: 'unauthenticated' },
  ...mounted.ports,
});
const server = createServer((request, response) => gateway.listener(request, response));
let port = 0;
type Held = { readonly text: () => string; readonly close: () => void };
type Person = { readonly modern: Ask; readonly legacy: Ask; readonly session: Readonly<Record<string, string>> };
const people = {} as Record<Letter, Person>;
const streams: Record<Letter, Held[]> = { a: [], b: [] };

const as = (who: Letter): Record<string, string> => ({ authorization: who });
/** What must never reach somebody: everything that bears the other's name. */
const foreignTo = (who: Letter): RegExp => new RegExp(`${markOf(other[who])}|own-${other[who]}|\\b${other[who]}_`);

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
  await gateway.ready();
  for (const who of letters) {
    const { headers, got } = await openSession(port, as(who), { elicitation: {} });
    expect(got.text).toContain(`own-${who}`);
    expect(got.text).not.toMatch(foreignTo(who));
    people[who] = {
      modern: modernAsk(port, as(who), { elicitation: {} }),
      legacy: legacyAsk(port, headers),
      session: headers,
    };
    streams[who].push(await holdStream(port, { method: 'GET', headers }));
    streams[who].push(await listenAs(who));
  }
});
afterAll(async () => {
  for (const held of [...streams.a, ...streams.b]) held.close();
  await gateway.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await Promise.all(Object.values(homes).map(({ http }) => http.close()));
});

/** Listens to everything there is, the other's resources included. */
async function listenAs(who: Letter): Promise<Held> {
  const wanted = {
    toolsListChanged: true,
    promptsListChanged: true,
    resourcesListChanged: true,
    resourceSubscriptions: letters.flatMap((one) => [uriOf(`own-${one}`, one), uriOf('shared', one)]),
  };
  let held: Held | undefined;
  const ask = modernAsk(port, as(who));
  await new Promise<void>((resolve, reject) => {
    let text = '';
    const abort = new AbortController();
    held = { text: () => text, close: () => abort.abort() };
    ask(
      'subscriptions/listen',
      { notifications: wanted },
      {
        signal: abort.signal,
        onText: (chunk) => {
          text += chunk;
          resolve();
        },
      },
    ).catch((error: unknown) => (abort.signal.aborted ? undefined : reject(error as Error)));
  });
  return held!;
}

function uriOf(home: string, who: string, id = '1'): string {
  return `sekisho://${home}/note://${who}_home/${id}`;
}

/** What can be asked for, with the name of somebody's thing in it. */
const named: Readonly<Record<string, (home: string, who: string) => readonly [string, Record<string, unknown>]>> = {
  call: (home, who) => [
    'tools/call',
    { name: `${home}__${who}_note`, arguments: {}, _meta: { progressToken: 'same' } },
  ],
  headed: (home, who) => ['tools/call', { name: `${home}__${who}_headed`, arguments: { region: 'eu' } }],
  prompt: (home, who) => ['prompts/get', { name: `${home}__${who}_prompt` }],
  read: (home, who) => ['resources/read', { uri: uriOf(home, who) }],
  readAnother: (home, who) => ['resources/read', { uri: uriOf(home, who, '77') }],
  completePrompt: (home, who) => [
    'completion/complete',
    { ref: { type: 'ref/prompt', name: `${home}__${who}_prompt` }, argument: { name: 'x', value: '' } },
  ],
  completeTemplate: (home, who) => [
    'completion/complete',
    {
      ref: { type: 'ref/resource', uri: `sekisho://${home}/note://${who}_home/{id}` },
      argument: { name: 'x', value: '' },
    },
  ],
  subscribe: (home, who) => ['resources/subscribe', { uri: uriOf(home, who) }],
  unsubscribe: (home, who) => ['resources/unsubscribe', { uri: uriOf(home, who) }],
};
/** What names nothing. */
const plain: Readonly<Record<string, readonly [string, Record<string, unknown>]>> = {
  tools: ['tools/list', {}],
  prompts: ['prompts/list', {}],
  resources: ['resources/list', {}],
  templates: ['resources/templates/list', {}],
  cursor: ['tools/list', { cursor: Buffer.from('1:own-b__b_note').toString('base64url') }],
  discover: ['server/discover', {}],
  ping: ['ping', {}],
  level: ['logging/setLevel', { level: 'debug' }],
};
/** Members of a response that are the same for two requests that are answered alike. */
const comparable = ({ status, headers, text }: Got): unknown => [
  status,
  text,
  Object.keys(headers).toSorted(),
  headers['content-type'],
];

type Step = {
  readonly who: Letter;
  readonly era: 'modern' | 'legacy';
  readonly what: string;
  readonly whose: Letter;
  readonly home: 'own' | 'shared';
  readonly path: 'merged' | 'single';
};
const step: fc.Arbitrary<Step> = fc.record({
  who: fc.constantFrom(...letters),
  era: fc.constantFrom('modern', 'legacy'),
  what: fc.constantFrom(...Object.keys(named), ...Object.keys(plain), 'session', 'endpoint', 'news', 'ask'),
  whose: fc.constantFrom(...letters),
  home: fc.constantFrom('own', 'shared'),
  path: fc.constantFrom('merged', 'single'),
});

/** Takes one step and looks at everything that came back. */
async function take({ who, era, what, whose, home, path }: Step): Promise<void> {
  const person = people[who];
  const ask = era === 'modern' ? person.modern : person.legacy;
  const place = home === 'own' ? `own-${whose}` : 'shared';
  if (what === 'session') {
    const stolen = { ...people[other[who]].session, ...as(who) };
    const got = await legacyAsk(port, stolen)('tools/list');
    const none = await legacyAsk(port, { ...as(who), 'mcp-session-id': 'x'.repeat(32) })('tools/list');
    expect(comparable(got)).toEqual(comparable(none));
    return;
  }
  if (what === 'news') {
    homes.shared.touch(whose);
    homes[`own-${whose}`].touch(whose);
    return;
  }
  if (what === 'endpoint' || path === 'single') {
    const got = await modernAsk(port, as(who))('tools/list', {}, { path: `/mcp/${place}` });
    const legacy = await openSession(port, as(who), {}, `/mcp/${place}`);
    if (home === 'own' && whose !== who) {
      expect(comparable(got)).toEqual(comparable(await person.modern('tools/list', {}, { path: '/mcp/own-z' })));
      expect(comparable(legacy.got)).toEqual(comparable((await openSession(port, as(who), {}, '/mcp/own-z')).got));
      return;
    }
    for (const { text, status } of [got, legacy.got]) {
      expect(status).toBe(200);
      expect(text).not.toMatch(foreignTo(who));
    }
    if (what === 'endpoint') return;
  }
  if (what === 'ask') return await askAndAnswer(who, place, whose);
  if (Object.hasOwn(plain, what)) {
    const got = await ask(...plain[what]!);
    expect(got.text).not.toMatch(foreignTo(who));
    return;
  }
  const make = named[what]!;
  const more = what === 'headed' && whose === who ? { headers: { 'mcp-param-region': 'eu' } } : {};
  const got = await ask(...make(place, whose), more);
  if (whose === who) {
    // Modern clients subscribe by listening, so these are no methods of theirs.
    if (era === 'modern' && what.endsWith('subscribe')) expect(got.status).toBe(404);
    else expect([what, got.status, got.message.error]).toEqual([what, 200, undefined]);
    expect(got.text).not.toMatch(foreignTo(who));
    return;
  }
  // What is not one's own answers as what nobody has; the name that was asked for may be repeated.
  const unknown = await ask(...make(place, 'q'));
  const renamed = { ...got, text: got.text.replaceAll(`${whose}_`, 'q_') };
  expect(comparable(renamed)).toEqual(comparable(unknown));
  const nowhere = await ask(...make('nowhere', whose));
  expect(comparable({ ...got, text: got.text.replaceAll(place, 'nowhere') })).toEqual(comparable(nowhere));
  expect(renamed.text.replaceAll(place, '')).not.toMatch(foreignTo(who));
}

/** A server's question in the middle of a call, its answer, and the attempt of the other to give it. */
async function askAndAnswer(who: Letter, place: string, whose: Letter): Promise<void> {
  const call = { name: `${place}__${whose}_ask`, arguments: {} };
  const got = await people[who].modern('tools/call', call);
  expect(got.text).not.toMatch(foreignTo(who));
  if (whose !== who) return expect(got.message.error?.code).toBe(-32602);
  // At the shared server nobody may be asked anything: no rule says so.
  if (place === 'shared') return expect(got.message.error?.code).toBe(-31403);
  const requestState = got.message.result?.['requestState'];
  expect(typeof requestState).toBe('string');
  const answer = { requestState, inputResponses: { q: { action: 'accept', content: {} } } };
  const thief = other[who];
  const stolen = [
    await people[thief].modern('tools/call', { name: `own-${thief}__${thief}_ask`, arguments: {}, ...answer }),
    await people[thief].modern('tools/call', { ...call, ...answer }),
  ];
  for (const { message, text } of stolen) {
    expect(message.error).toBeDefined();
    expect(text).not.toMatch(foreignTo(thief));
  }
  const own = await people[who].modern('tools/call', { ...call, ...answer });
  expect(own.message.error).toBeUndefined();
  expect(own.text).toContain(markOf(who));
}

describe('two who may not know of each other', () => {
  test(
    'SDK-01, SDK-06, CHK-07, R-08 R-09: whatever both do at once, in both eras, nothing of the one reaches the other',
    { timeout: 600_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
          await Promise.all(steps.map(take));
          for (const who of letters) for (const held of streams[who]) expect(held.text()).not.toMatch(foreignTo(who));
        }),
        { numRuns: 40 },
      );
    },
  );

  test('news reach those who see what they are about', { timeout: 60_000 }, async () => {
    for (const who of letters) await people[who].legacy('resources/subscribe', { uri: uriOf('shared', who) });
    const countOf = (held: Held, what: string): number => held.text().split(what).length - 1;
    for (const who of letters) {
      const [legacy, modern] = streams[who] as [Held, Held];
      const strangers = streams[other[who]].map((held) => countOf(held, 'tools/list_changed'));
      const changes = [legacy, modern].map((held) => countOf(held, 'tools/list_changed'));
      const updates = [legacy, modern].map((held) => countOf(held, uriOf('shared', who)));
      homes.shared.touch(who);
      homes.shared.change(who);
      for (const [i, held] of [legacy, modern].entries()) {
        await expect.poll(() => countOf(held, 'tools/list_changed'), patiently).toBe(changes[i]! + 1);
        await expect.poll(() => countOf(held, uriOf('shared', who)), patiently).toBeGreaterThan(updates[i]!);
      }
      expect(streams[other[who]].map((held) => countOf(held, 'tools/list_changed'))).toEqual(strangers);
      for (const held of streams[other[who]]) expect(held.text()).not.toMatch(foreignTo(other[who]));
    }
  });

  test('a caller without a name is told nothing at all', async () => {
    const got = await send(port, { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' });
    expect(got.status).toBe(401);
    for (const who of letters) expect(got.text).not.toMatch(foreignTo(who));
  });
});
