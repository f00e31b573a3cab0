import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Principal } from '@sekisho/core';
import { METHODS } from '@sekisho/policy';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { PolicySection } from '../../src/mount/policy-section.ts';
import { openHouse } from '../support/house.ts';
import { markOf, startHousehold } from '../support/household.ts';
import { legacyAsk, modernAsk, openSession, send, type Ask } from '../support/mcp-client.ts';
import { listResult, startRawHttp, textResult } from '../support/raw-server.ts';

type Rule = PolicySection['rules'][number];
type Got = { readonly port: number; readonly asks: readonly Ask[] };

/** The ids are those of the catalogue of incidents; each test shows that ours is another story. */
async function household(
  rules: Rule[],
  principal: Omit<Principal, 'id'> = {},
  roles: PolicySection['roles'] = {},
): Promise<Got> {
  const home = await startHousehold('home');
  onTestFinished(() => home.http.close());
  return await open({ home: home.url }, { roles, rules }, principal);
}

async function open(
  urls: Readonly<Record<string, string>>,
  section: PolicySection | undefined,
  principal: Omit<Principal, 'id'> = {},
): Promise<Got> {
  const house = await openHouse(urls, section, { a: Object.freeze({ id: 'a', ...principal }) });
  onTestFinished(() => house.close());
  const who = { authorization: 'a' };
  const { headers } = await openSession(house.port, who);
  return { port: house.port, asks: [modernAsk(house.port, who), legacyAsk(house.port, headers)] };
}

/** A server whose tools take whatever arguments, and say that they ran. */
async function runs(rules: Rule[]): Promise<(args: object) => Promise<boolean[]>> {
  const server = await startRawHttp({
    name: 'files',
    capabilities: { tools: {} },
    methods: {
      'tools/list': ({ era }) => listResult(era, 'tools', [{ name: 'run', inputSchema: { type: 'object' } }]),
      'tools/call': ({ era }) => textResult(era, 'it ran'),
    },
  });
  onTestFinished(() => server.close());
  const { asks } = await open({ files: server.url }, { roles: {}, rules });
  return async (args) =>
    await Promise.all(
      asks.map(async (ask) =>
        (await ask('tools/call', { name: 'files__run', arguments: args })).text.includes('it ran'),
      ),
    );
}

const allow = (more: Partial<Rule>): Rule => ({ id: 'allow', effect: 'allow', roles: ['*'], ...more });
const uri = 'sekisho://home/note://a_home/1';
const uses: readonly (readonly [string, Record<string, unknown>])[] = [
  ['tools/call', { name: 'home__a_note', arguments: {} }],
  ['prompts/get', { name: 'home__a_prompt' }],
  ['resources/read', { uri }],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'home__a_prompt' }, argument: { name: 'x', value: '' } }],
  ['resources/subscribe', { uri }],
];

describe('the catalogue of incidents, where it concerns the policy', () => {
  test('GW-34: a rule about tools allows nothing else, in any method', async () => {
    const { asks } = await household([allow({ tools: ['*'] })]);
    for (const ask of asks) {
      expect((await ask(...uses[0]!)).text).toContain(markOf('a'));
      for (const use of uses.slice(1)) expect((await ask(...use)).text).not.toContain(markOf('a'));
      for (const list of ['prompts/list', 'resources/list', 'resources/templates/list'])
        expect((await ask(list)).text).not.toContain(markOf('a'));
    }
  });

  test('whoever may subscribe may also end that, and a rule about subscribing means the same in both eras', async () => {
    const { asks, port } = await household([
      allow({ methods: ['resources/subscribe'], resources: ['note://a_home/**'] }),
    ]);
    const legacy = asks[1]!;
    for (const method of ['resources/subscribe', 'resources/unsubscribe']) {
      expect((await legacy(method, { uri })).message.error).toBeUndefined();
      expect((await legacy(method, { uri: uri.replace('a_', 'b_') })).message.error?.code).toBe(-32602);
    }
    const abort = new AbortController();
    const acknowledged = await new Promise<string>((done) => {
      const notifications = { resourceSubscriptions: [uri, uri.replace('a_', 'b_')] };
      const options = { signal: abort.signal, onText: done };
      void modernAsk(port, { authorization: 'a' })('subscriptions/listen', { notifications }, options).catch(
        () => undefined,
      );
    });
    abort.abort();
    expect(acknowledged).toContain(uri);
    expect(acknowledged).not.toContain('b_home');
  });

  test('GW-33: every method that exists comes to the one decision, or is answered as one that does not', async () => {
    const { asks } = await household([]);
    for (const [era, ask] of asks.entries())
      for (const method of Object.keys(METHODS)) {
        const use = uses.find(([name]) => name === method);
        const params = use?.[1] ?? (method === 'logging/setLevel' ? { level: 'info' } : {});
        if (method === 'subscriptions/listen' || method === 'initialize') continue;
        const { text, message } = await ask(method, params);
        expect(text).not.toContain(markOf('a'));
        const open = /^(?:tools|prompts|resources|resources\/templates)\/list$|^ping$|^server\/discover$/.test(method);
        if (!open)
          expect([era, method, message.error?.code]).toEqual([era, method, expect.toBeOneOf([-32602, -32601, -31403])]);
      }
  });

  test('GW-15 SRV-12: no spelling of a path leads around the policy', async () => {
    const { port } = await household([allow({ servers: ['other'] })]);
    for (const path of [
      '/mcp/home',
      '/mcp/home/',
      '/mcp/home/sse',
      '/mcp//home',
      '/mcp%2fhome',
      '/mcp/home;x',
      '/mcp/HOME',
      '/mcp/%68ome',
    ]) {
      const got = await modernAsk(port, { authorization: 'a' })('tools/list', {}, { path });
      expect([path, got.status]).toEqual([path, 404]);
      expect(got.text).not.toContain(markOf('a'));
    }
  });

  test('SDK-04: a name that two readers read differently comes to no decision', async () => {
    const { port } = await household([allow({ tools: ['a_note'] })]);
    for (const name of ['"name":"home__a_note","name":"home__b_note"', '"name":"home__a_note","Name":"home__b_note"']) {
      const got = await send(port, {
        headers: {
          authorization: 'a',
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': 'tools/call',
          'mcp-name': 'home__a_note',
        },
        body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${name},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`,
      });
      expect(got.status).toBe(400);
    }
  });

  test('SRV-02 SRV-04: a path is within a folder by whole components', async () => {
    const run = await runs([allow({ tools: ['run'], when: "pathWithin(args.path, '/allowed')" })]);
    expect(await run({ path: '/allowed/x' })).toEqual([true, true]);
    for (const path of [
      '/allowed-evil/x',
      '/allowed/../etc/passwd',
      '/allowed/./x',
      'allowed/x',
      '/allowed\\..\\x',
      '/allowed/a\u0000b',
      '//allowed/x',
      7,
      null,
    ])
      expect([path, await run({ path })]).toEqual([path, [false, false]]);
    expect(await run({})).toEqual([false, false]);
  });

  test('SRV-03 SRV-05 SRV-07: a value that looks like an option is refused by a rule', async () => {
    const run = await runs([
      allow({ tools: ['run'] }),
      {
        id: 'options',
        effect: 'deny',
        roles: ['*'],
        tools: ['run'],
        when: "!has(args.branch) || args.branch.startsWith('-')",
      },
    ]);
    expect(await run({ branch: 'main' })).toEqual([true, true]);
    for (const branch of ['--output=/etc/x', '-x', 5, ['--x'], { a: 1 }])
      expect(await run({ branch })).toEqual([false, false]);
  });

  test('SRV-06: what is in no list cannot be called', async () => {
    const { asks } = await household([
      allow({ tools: ['*'] }),
      { id: 'no', effect: 'deny', roles: ['*'], tools: ['b_*'] },
    ]);
    for (const ask of asks) {
      expect((await ask('tools/list')).text).not.toContain('b_note');
      expect((await ask('tools/call', { name: 'home__b_note', arguments: {} })).message.error?.code).toBe(-32602);
    }
  });

  test('SRV-16 A59: a credential for reading does not write, and is told which scopes are needed; scopes are no substrings', async () => {
    const rules = [
      allow({ id: 'read', tools: ['a_note'], scopes: ['notes:read'] }),
      allow({ id: 'write', tools: ['b_note'], scopes: ['notes:read', 'notes:write'] }),
    ];
    for (const scopes of [['notes:read'], ['notes:read', 'notes:writer'], ['notes:read', 'notes:writ']]) {
      const { asks } = await household(rules, { scopes });
      for (const ask of asks) {
        expect((await ask('tools/call', { name: 'home__a_note', arguments: {} })).text).toContain(markOf('a'));
        const got = await ask('tools/call', { name: 'home__b_note', arguments: {} });
        expect([got.status, got.headers['www-authenticate']]).toEqual([
          403,
          'Bearer error="insufficient_scope", scope="notes:read notes:write"',
        ]);
      }
    }
  });

  test('A57 A75 INC-05: a service, a key and another tenant are not whom a rule is for', async () => {
    const roles = { person: { kinds: ['user'] }, key: { keys: ['key-1'] }, acme: { tenants: ['acme'] } };
    const rules = [
      allow({ id: 'p', roles: ['person'], tools: ['a_note'] }),
      allow({ id: 'k', roles: ['key'], tools: ['a_ask'] }),
      allow({ id: 't', roles: ['acme'], tools: ['b_note'] }),
    ];
    const seen = async (principal: Omit<Principal, 'id'>): Promise<string[]> => {
      const { asks } = await household(rules, principal, roles);
      const { result } = (await asks[0]!('tools/list')).message;
      return ((result?.['tools'] ?? []) as { name: string }[]).map(({ name }) => name);
    };
    expect(await seen({ kind: 'user' })).toEqual(['home__a_note']);
    expect(await seen({ kind: 'service', subject: 'user', clientId: 'user' })).toEqual([]);
    expect(await seen({ kind: 'apikey', keyId: 'key-1' })).toEqual(['home__a_ask']);
    expect(await seen({ kind: 'apikey', keyId: 'key-2' })).toEqual([]);
    expect(await seen({ tenant: 'acme' })).toEqual(['home__b_note']);
    expect(await seen({ tenant: 'acme2' })).toEqual([]);
  });

  test('CHK-05: names are compared exactly', async () => {
    const { asks } = await household([allow({ tools: ['A_note', 'a_not', 'a_note ', '\u0430_note'] })]);
    for (const ask of asks) expect((await ask('tools/list')).text).not.toContain(markOf('a'));
  });

  test('R-19 CHK-08: an absent policy, an empty one and one that fails deny', async () => {
    const home = await startHousehold('home');
    onTestFinished(() => home.http.close());
    for (const section of [
      undefined,
      { roles: {}, rules: [] },
      { roles: {}, rules: [allow({}), allow({ id: 'fails', when: 'principal.claims.level > 2.0' })] },
    ]) {
      const { asks } = await open({ home: home.url }, section);
      for (const ask of asks) {
        for (const use of uses) expect((await ask(...use)).text).not.toContain(markOf('a'));
        expect((await ask('tools/list')).text).not.toContain(markOf('a'));
      }
    }
  });

  test('CHK-03: the port is asked in these places and in no other', () => {
    const core = resolve(import.meta.dirname, '../../../../packages/core/src');
    const places = readdirSync(core, { recursive: true, encoding: 'utf8' })
      .filter(
        (name) => name.endsWith('.ts') && /\bports\.(?:decide|sees)\(/.test(readFileSync(join(core, name), 'utf8')),
      )
      .map((name) => relative('.', name));
    expect(places.toSorted()).toEqual([
      // Who hears of changes, before and after other rules; what is listened to; news.
      'client/change-rules.ts',
      'client/listen.ts',
      'client/subscribers.ts',
      // Every request.
      'decided.ts',
      // The opening of a session, which is no exchange.
      'edge/legacy-edge.ts',
      'edge/stdio-edge.ts',
      // A further round of a call, perhaps minutes later.
      'make-call.ts',
      // What a server asks of a client.
      'questions/pass.ts',
      // What a task asks and tells, by the tool that made it.
      'tasks/task-news.ts',
      'tasks/task-questions.ts',
    ]);
  });
});
