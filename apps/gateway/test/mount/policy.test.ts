import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createLog } from '../../src/cli/log.ts';
import { compose, type Composition } from '../../src/compose.ts';
import { folderOf, load, loadGood, loadObject } from '../config/load-fixture.ts';
import { holdStream, legacyAsk, modernAsk, openSession } from '../support/mcp-client.ts';
import { listResult, startRawHttp, textResult } from '../support/raw-server.ts';

const patiently = { timeout: 15_000, interval: 10 };
const TOOLS = ['get_note', 'delete_note', 'push'];

async function startServer(): Promise<string> {
  const server = await startRawHttp({
    name: 'notes',
    capabilities: { tools: {} },
    methods: {
      'tools/list': ({ era }) =>
        listResult(
          era,
          'tools',
          TOOLS.map((name) => ({ name, inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } })),
        ),
      'tools/call': ({ era, params }) => textResult(era, `ran ${String(params['name'])}`),
    },
  });
  onTestFinished(() => server.close());
  return server.url;
}

type Started = {
  readonly composition: Composition;
  readonly port: number;
  readonly who: Readonly<Record<string, string>>;
  readonly logged: () => string;
};

/** The gateway as the program composes it, with a configuration of the test. */
async function start(config: object): Promise<Started> {
  const folder = await folderOf({});
  const loaded = await loadObject(config);
  let logged = '';
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      logged += String(chunk);
      done();
    },
  });
  const composition = await compose(loaded, {
    version: '0',
    log: createLog(sink, 'warn', loaded.secrets),
    cacheFolder: join(folder, 'cache'),
    stateFolder: join(folder, 'state'),
    now: Date.now,
  });
  onTestFinished(() => composition.close());
  composition.server.listen(0, '127.0.0.1');
  await once(composition.server, 'listening');
  await composition.gateway.ready();
  const who = { authorization: `Bearer ${composition.newLocalKey}` };
  return { composition, who, port: (composition.server.address() as AddressInfo).port, logged: () => logged };
}

const owner = { roles: { owner: { principals: ['local'] } } };
const configOf = (url: string, policy?: object): object => ({
  mcpServers: { notes: { url } },
  ...(policy === undefined ? {} : { 'x-sekisho': { policy } }),
});
const namesOf = (tools: unknown): string[] => (tools as { name: string }[]).map(({ name }) => name);

test('R-19: without a policy the owner of this computer uses all that is configured', async () => {
  const { port, who } = await start(configOf(await startServer()));
  const ask = modernAsk(port, who);
  expect(namesOf((await ask('tools/list')).message.result?.['tools'])).toEqual(TOOLS.map((name) => `notes__${name}`));
  expect((await ask('tools/call', { name: 'notes__push', arguments: {} })).text).toContain('ran push');
});

test('a policy filters lists and gates calls, and hidden answers byte for byte as unknown', async () => {
  const url = await startServer();
  const { port, who } = await start(
    configOf(url, {
      ...owner,
      rules: [
        { id: 'read', effect: 'allow', roles: ['owner'], servers: ['notes'], tools: ['get_*'] },
        {
          id: 'push',
          effect: 'allow',
          roles: ['owner'],
          tools: ['push'],
          when: "args.branch != 'main'",
        },
        {
          id: 'scoped',
          effect: 'allow',
          roles: ['owner'],
          tools: ['delete_*'],
          scopes: ['notes:delete'],
          mode: 'shadow',
        },
      ],
    }),
  );
  const session = await openSession(port, who);
  for (const ask of [modernAsk(port, who), legacyAsk(port, session.headers)]) {
    expect(namesOf((await ask('tools/list')).message.result?.['tools'])).toEqual(['notes__get_note', 'notes__push']);
    expect((await ask('tools/call', { name: 'notes__get_note', arguments: {} })).text).toContain('ran get_note');
    expect((await ask('tools/call', { name: 'notes__push', arguments: { branch: 'x' } })).text).toContain('ran push');
    const denied = await ask('tools/call', { name: 'notes__push', arguments: { branch: 'main' } });
    expect([denied.status, denied.message.error?.code]).toEqual([403, -31403]);
    expect(denied.headers['www-authenticate']).toBeUndefined();
    const hidden = await ask('tools/call', { name: 'notes__delete_note', arguments: {} });
    const unknown = await ask('tools/call', { name: 'notes__delete_nope', arguments: {} });
    expect([hidden.status, hidden.text]).toEqual([unknown.status, unknown.text]);
    expect(hidden.message.error?.code).toBe(-32602);
  }
});

test('a scope that is missing is a refusal of its own', async () => {
  const rule = { id: 'scoped', effect: 'allow', roles: ['owner'], tools: ['*'], scopes: ['notes:delete'] };
  const { port, who } = await start(configOf(await startServer(), { ...owner, rules: [rule] }));
  const got = await modernAsk(port, who)('tools/call', { name: 'notes__push', arguments: {} });
  expect([got.status, got.message.error?.code]).toEqual([403, -31403]);
});

test('shadow rules and failing conditions are counted in the status, and change nothing or deny', async () => {
  const { port, who, logged } = await start(
    configOf(await startServer(), {
      ...owner,
      rules: [
        { id: 'all', effect: 'allow', roles: ['owner'], tools: ['get_*', 'push'] },
        { id: 'stricter', effect: 'deny', roles: ['*'], tools: ['get_*'], mode: 'shadow' },
        { id: 'broken', effect: 'deny', roles: ['*'], tools: ['push'], when: 'args.nothing.there == 1.0' },
      ],
    }),
  );
  const ask = modernAsk(port, who);
  for (let i = 0; i < 3; i++) await ask('tools/call', { name: 'notes__get_note', arguments: {} });
  const failed = await ask('tools/call', { name: 'notes__push', arguments: { secret: 'hunter2' } });
  expect(failed.message.error?.code).toBe(-31403);
  const status = (await (await fetch(`http://127.0.0.1:${port}/status`, { headers: who })).json()) as {
    policy: object;
  };
  expect(status.policy).toMatchObject({
    mode: 'rules',
    rules: 3,
    divergences: [{ ruleId: 'stricter', count: 3, wouldBe: 'deny' }],
    failures: [{ ruleId: 'broken', count: 1 }],
  });
  expect(logged()).toContain('broken');
  expect(logged()).not.toContain('hunter2');
});

test('R-19: annotations are believed from the operator alone', async () => {
  const rules = [{ id: 'read', effect: 'allow', roles: ['owner'], annotations: { readOnlyHint: true } }];
  const config = configOf(await startServer(), {
    ...owner,
    rules,
    annotations: { notes: { get_note: { readOnlyHint: true } } },
  });
  const { port, who } = await start(config);
  expect(namesOf((await modernAsk(port, who)('tools/list')).message.result?.['tools'])).toEqual(['notes__get_note']);
});

test('a reload swaps the policy at once and tells those whose lists changed, and nobody else', async () => {
  const url = await startServer();
  const rule = (tools: string[], roles = ['owner']): object => ({ id: 'a', effect: 'allow', roles, tools });
  // Nothing is seen at first, so that no news of the server's own start can be taken for the policy's.
  const { composition, port, who } = await start(configOf(url, { ...owner, rules: [] }));
  const session = await openSession(port, who);
  const stream = await holdStream(port, { method: 'GET', headers: session.headers });
  onTestFinished(stream.close);
  const ask = modernAsk(port, who);
  const reload = async (policy: object | undefined): Promise<void> => {
    await composition.reload(await loadObject(configOf(url, policy)));
  };
  const heard = (): number => stream.text().split('notifications/tools/list_changed').length - 1;
  const tools = async (): Promise<string[]> => namesOf((await ask('tools/list')).message.result?.['tools']);

  expect(await tools()).toEqual([]);
  await reload({ ...owner, rules: [rule(['*'], ['somebody-else'])] });
  expect(heard()).toBe(0);
  await reload({ ...owner, rules: [rule(['push'])] });
  await vi.waitFor(() => expect(heard()).toBeGreaterThan(0), patiently);
  const before = heard();
  expect(await tools()).toEqual(['notes__push']);
  expect((await ask('tools/call', { name: 'notes__get_note', arguments: {} })).message.error?.code).toBe(-32602);
  await reload(undefined);
  await vi.waitFor(() => expect(heard()).toBeGreaterThan(before), patiently);
  expect(await tools()).toHaveLength(3);
});

test('a policy that cannot work stops the start, one that can hardly be meant is a warning, each at its place', async () => {
  const file = async (policy: object): Promise<string> =>
    join(await folderOf({ 's.json': configOf('http://127.0.0.1:1/mcp', policy) }), 's.json');
  const fatal = async (policy: object): Promise<string[]> => {
    const loaded = await load(await file(policy));
    return loaded.ok ? [] : loaded.problems.map(({ code, message, place }) => `${place.line} ${code} ${message}`);
  };
  const rule = { id: 'a', effect: 'allow', roles: ['owner'] };
  expect(await fatal({ ...owner, rules: [{ ...rule, when: 'pricipal.key == 1' }] })).toEqual([
    expect.stringMatching(/^\d\d ERR_CONFIG_SETTING "policy" is not valid: a: the condition does not compile/),
  ]);
  expect(await fatal({ ...owner, rules: [{ ...rule, annotations: { readOnlyHint: true } }] })).toEqual([
    expect.stringMatching(/ERR_CONFIG_SETTING the rule "a" asks for annotations, and nobody vouches/),
  ]);
  expect(await fatal({ ...owner, rules: [{ ...rule, tool: ['x'] }] })).toEqual([
    expect.stringMatching(/ERR_CONFIG_SETTING "tool" is not a setting/),
  ]);
  const loaded = await loadGood(
    await file({
      ...owner,
      rules: [
        { ...rule, servers: ['nots'] },
        { ...rule, id: 'b', methods: ['prompts/get'], tools: ['x'] },
      ],
    }),
  );
  expect(loaded.problems.map(({ code, message }) => [code, message])).toEqual([
    ['WARN_CONFIG_POLICY', expect.stringContaining('the rule "b" can never match: none of its methods names a tool')],
    ['WARN_CONFIG_POLICY', `the rule "a" can never match: there is no server called 'nots'.`],
  ]);
});
