import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose } from '../../src/compose.ts';
import type { LoadedConfig } from '../../src/config/load.ts';
import { createSecretSet } from '../../src/config/secret-set.ts';
import type { PolicySection } from '../../src/mount/policy-section.ts';
import { startAskingServer } from '../support/asking-server.ts';
import { openHouse, silent, type House } from '../support/house.ts';
import { markOf, startHousehold, type Household } from '../support/household.ts';
import { holdStream, legacyAsk, modernAsk, openSession, type Ask, type Got } from '../support/mcp-client.ts';

/** True where the gateway did what the rule behind the probe demands. */
type Probe = (rooms: Rooms) => Promise<boolean>;
type Rooms = {
  readonly house: House;
  readonly shared: Household;
  /** Servers at which nobody may set the level, and who speaks the era in which one can. */
  readonly others: readonly Household[];
  readonly ask: Ask;
  readonly legacy: Ask;
};

const as = (who: string): Record<string, string> => ({ authorization: who });
type Rule = PolicySection['rules'][number];

/** Half of the shared server for each, a server for `b` alone, one that needs a scope, and one that asks. */
const own = (...more: Rule[]): PolicySection => ({
  roles: { a: { principals: ['a'] }, b: { principals: ['b'] } },
  rules: [
    ...['a', 'b'].flatMap((who): Rule[] => [
      {
        id: `${who}-half`,
        effect: 'allow',
        roles: [who],
        servers: ['shared'],
        tools: [`${who}_*`],
        prompts: [`${who}_*`],
        resources: [`note://${who}_home/**`],
      },
      { id: `${who}-level`, effect: 'allow', roles: [who], servers: ['shared'], methods: ['logging/setLevel'] },
    ]),
    { id: 'asks', effect: 'allow', roles: ['*'], servers: ['asks'], tools: ['*'] },
    { id: 'scope', effect: 'allow', roles: ['*'], servers: ['scoped'], tools: ['*'], scopes: ['x'] },
    { id: 'b-alone', effect: 'allow', roles: ['b'], servers: ['only-b'] },
    ...more,
  ],
});
const uri = (who: string): string => `sekisho://shared/note://${who}_home/1`;
const sameAs = (a: Got, b: Got): boolean => a.status === b.status && a.text === b.text;
/** Waits until something has come; what must not have come is looked at then. */
async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !done(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
}

const hidden =
  (method: string, params: (who: string) => Record<string, unknown>): Probe =>
  async ({ ask }) => {
    const got = await ask(method, params('b'));
    const unknown = await ask(method, params('q'));
    return (
      got.message.error?.code === -32602 &&
      sameAs({ ...got, text: got.text.replaceAll('b_', 'q_') }, unknown) &&
      (await ask(method, params('a'))).message.result !== undefined
    );
  };
const lists =
  (method: string): Probe =>
  async ({ ask, legacy }) => {
    for (const one of [ask, legacy]) {
      const { text } = await one(method);
      if (!text.includes(markOf('a')) || text.includes(markOf('b'))) return false;
    }
    return true;
  };

export const probes: Readonly<Record<string, Probe>> = {
  call: hidden('tools/call', (who) => ({ name: `shared__${who}_note`, arguments: {} })),
  prompt: hidden('prompts/get', (who) => ({ name: `shared__${who}_prompt` })),
  read: hidden('resources/read', (who) => ({ uri: uri(who) })),
  // At a server that is known any URI is somebody's to decide on; only at one that is not it is unknown by itself.
  readNowhere: async ({ ask }) => {
    const got = await ask('resources/read', { uri: uri('b') });
    const unknown = await ask('resources/read', { uri: uri('b').replace('shared', 'nothin') });
    return sameAs({ ...got, text: got.text.replace('shared', 'nothin') }, unknown);
  },
  completion: hidden('completion/complete', (who) => ({
    ref: { type: 'ref/prompt', name: `shared__${who}_prompt` },
    argument: { name: 'x', value: '' },
  })),
  headers: async ({ ask }) => {
    const got = await ask('tools/call', { name: 'shared__b_headed', arguments: { region: 'eu' } });
    return got.message.error?.code === -32602;
  },
  tools: lists('tools/list'),
  resources: lists('resources/list'),
  subscribe: async ({ legacy }) => {
    const got = await legacy('resources/subscribe', { uri: uri('b') });
    return (
      got.message.error?.code === -32602 && (await legacy('resources/subscribe', { uri: uri('a') })).status === 200
    );
  },
  listen: async ({ house }) => {
    const wanted = { resourceSubscriptions: [uri('a'), uri('b')] };
    let text = '';
    const abort = new AbortController();
    void modernAsk(house.port, as('a'))(
      'subscriptions/listen',
      { notifications: wanted },
      { signal: abort.signal, onText: (chunk) => (text += chunk) },
    ).catch(() => undefined);
    await until(() => text.includes('acknowledged'));
    abort.abort();
    return text.includes(uri('a')) && !text.includes(uri('b'));
  },
  changed: async ({ house, shared }) => {
    const [a, b] = await Promise.all(
      ['a', 'b'].map(async (who) => {
        const { headers } = await openSession(house.port, as(who));
        return await holdStream(house.port, { method: 'GET', headers });
      }),
    );
    shared.change('b');
    await until(() => b!.text().includes('tools/list_changed'));
    const passed = b!.text().includes('tools/list_changed') && !a!.text().includes('list_changed');
    a!.close();
    b!.close();
    return passed;
  },
  updated: async ({ house, shared }) => {
    const streams = await Promise.all(
      ['a', 'b'].map(async (who) => {
        const { headers } = await openSession(house.port, as(who));
        await legacyAsk(house.port, headers)('resources/subscribe', { uri: uri(who) });
        return await holdStream(house.port, { method: 'GET', headers });
      }),
    );
    // Its right is taken away while it is subscribed; the other one keeps his.
    const section = own();
    const rules = section.rules.filter(({ id }) => id !== 'a-half');
    await house.gateway.changeRules(house.policy.prepare({ section: { ...section, rules }, asksWhoCalls: true })!);
    shared.touch('a');
    shared.touch('b');
    await until(() => streams[1]!.text().includes('resources/updated'));
    const passed = streams[1]!.text().includes(uri('b')) && !streams[0]!.text().includes('resources/updated');
    await house.gateway.changeRules(house.policy.prepare({ section, asksWhoCalls: true })!);
    for (const stream of streams) stream.close();
    return passed;
  },
  question: async ({ house }) => {
    const { headers } = await openSession(house.port, as('a'), { elicitation: {} });
    let text = '';
    const abort = new AbortController();
    const onText = (chunk: string): void => {
      text += chunk;
      // Nobody answers here, so what was asked is not waited for.
      if (text.includes('elicitation/create')) abort.abort();
    };
    const params = { name: 'asks__ask', arguments: {} };
    await legacyAsk(house.port, headers)('tools/call', params, { onText, signal: abort.signal }).catch(() => undefined);
    return !text.includes('elicitation/create') && text.includes('-32601');
  },
  inputRequired: async ({ house }) => {
    const ask = modernAsk(house.port, as('a'), { elicitation: {} });
    return (await ask('tools/call', { name: 'shared__a_ask', arguments: {} })).message.error?.code === -31403;
  },
  scope: async ({ ask }) => {
    const got = await ask('tools/call', { name: 'scoped__a_note', arguments: {} });
    return got.status === 403 && String(got.headers['www-authenticate']).includes('scope="x"');
  },
  endpoint: async ({ ask }) =>
    sameAs(await ask('tools/list', {}, { path: '/mcp/only-b' }), await ask('tools/list', {}, { path: '/mcp/nothing' })),
  states: async ({ ask, legacy }) =>
    !(await ask('tools/list')).text.includes('only-b') && !(await legacy('tools/list')).text.includes('only-b'),
  instructions: async ({ ask, house }) =>
    !(await ask('server/discover')).text.includes('only-b') &&
    !(await openSession(house.port, as('a'))).got.text.includes('only-b'),
  initialize: async ({ house }) => {
    const section = own();
    const closed = own({ id: 'closed', effect: 'deny', roles: ['a'], methods: ['initialize'] });
    await house.gateway.changeRules(house.policy.prepare({ section: closed, asksWhoCalls: true })!);
    const { got } = await openSession(house.port, as('a'));
    await house.gateway.changeRules(house.policy.prepare({ section, asksWhoCalls: true })!);
    return got.status === 403;
  },
  levels: async ({ house, others }) => {
    const { headers } = await openSession(house.port, as('b'));
    const got = await legacyAsk(house.port, headers)('logging/setLevel', { level: 'debug' });
    const told = others.flatMap(({ http }) => http.requests).filter(({ body }) => body.includes('logging/setLevel'));
    return got.message.result !== undefined && told.length === 0;
  },
  closed: async ({ shared }) => {
    // Not even the owner: whoever has callers sign in has to say who may do what.
    const house = await openHouse({ shared: shared.url }, undefined, { a: Object.freeze({ id: 'local' }) });
    const ask = modernAsk(house.port, as('a'));
    const got = await ask('tools/call', { name: 'shared__a_note', arguments: {} });
    const list = await ask('tools/list');
    await house.close();
    return got.message.error?.code === -32602 && !list.text.includes(markOf('a'));
  },
  ownerAlone: async ({ shared }) => {
    const who = {
      owner: Object.freeze({ id: 'local', kind: 'apikey', roles: ['admin'] }),
      program: Object.freeze({ id: 'keys|ci', kind: 'apikey', roles: [] }),
      reader: Object.freeze({ id: 'keys|r', kind: 'apikey', roles: ['owner'] }),
      stranger: Object.freeze({ id: 'issuer|s', kind: 'user' }),
    };
    const house = await openHouse({ shared: shared.url }, undefined, who, false);
    const see = async (one: string): Promise<boolean> =>
      (await modernAsk(house.port, as(one))('tools/list')).text.includes(markOf('a'));
    const seen = await Promise.all(Object.keys(who).map(see));
    await house.close();
    return seen.join() === 'true,true,false,false';
  },
  composed: async ({ shared }) =>
    await inComposition(shared.url, async (ask) => {
      const got = await ask('tools/call', { name: 'shared__b_note', arguments: {} });
      const { text } = await ask('tools/list');
      return got.message.error?.code === -32602 && text.includes(markOf('a')) && !text.includes(markOf('b'));
    }),
  reload: async ({ shared }) =>
    await inComposition(shared.url, async (ask, reload) => {
      await ask('tools/list');
      await reload('b');
      const { text } = await ask('tools/list');
      const got = await ask('tools/call', { name: 'shared__a_note', arguments: {} });
      return text.includes(markOf('b')) && !text.includes(markOf('a')) && got.message.error?.code === -32602;
    }),
};

/** The gateway as the program composes it, for its owner, who may use one half of the server. */
async function inComposition(
  url: string,
  probe: (ask: Ask, reload: (who: string) => Promise<void>) => Promise<boolean>,
): Promise<boolean> {
  const configOf = (who: string): LoadedConfig => ({
    file: '/sekisho.jsonc',
    files: new Map(),
    problems: [],
    secrets: createSecretSet(),
    settings: {
      policy: {
        roles: { owner: { principals: ['local'] } },
        rules: [{ id: 'half', effect: 'allow', roles: ['owner'], servers: ['shared'], tools: [`${who}_*`] }],
      },
    },
    servers: [
      {
        name: 'shared',
        place: { file: '/sekisho.jsonc', line: 1, column: 1 },
        problems: [],
        spec: { name: 'shared', kind: 'http', url, transport: 'streamable-http', headers: {} },
      },
    ],
  });
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-probe-'));
  const composition = await compose(configOf('a'), {
    version: '0',
    log: silent,
    cacheFolder: join(folder, 'cache'),
    stateFolder: join(folder, 'state'),
    now: Date.now,
  });
  composition.server.listen(0, '127.0.0.1');
  await once(composition.server, 'listening');
  await composition.gateway.ready();
  const { port } = composition.server.address() as AddressInfo;
  try {
    return await probe(
      modernAsk(port, as(`Bearer ${composition.newLocalKey}`)),
      async (who) => void (await composition.reload(configOf(who))),
    );
  } finally {
    await composition.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs probes and gives the names of those that failed. */
export async function failing(names: readonly string[]): Promise<string[]> {
  const shared = await startHousehold('shared');
  const onlyB = await startHousehold('only-b', ['b']);
  const scoped = await startHousehold('scoped', ['a'], ['legacy']);
  const asking = await startAskingServer({
    method: 'elicitation/create',
    params: { message: 'Name?', requestedSchema: { type: 'object', properties: {} } },
  });
  const house = await openHouse(
    { shared: shared.url, scoped: scoped.url, 'only-b': onlyB.url, asks: asking.url },
    own(),
    { a: Object.freeze({ id: 'a' }), b: Object.freeze({ id: 'b' }) },
  );
  const { headers } = await openSession(house.port, as('a'));
  const rooms = {
    house,
    shared,
    others: [scoped],
    ask: modernAsk(house.port, as('a')),
    legacy: legacyAsk(house.port, headers),
  };
  const failed: string[] = [];
  for (const name of names) {
    const passed = await probes[name]!(rooms).catch(() => false);
    if (!passed) failed.push(name);
  }
  await house.close();
  await Promise.all([shared.http.close(), onlyB.http.close(), scoped.http.close(), asking.close()]);
  return failed;
}

// As a program: prints the names that failed, as JSON.
if (process.argv[1] === import.meta.filename) {
  process.stdout.write(JSON.stringify(await failing(process.argv.slice(2))));
  process.exit(0);
}
