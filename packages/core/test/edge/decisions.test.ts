import { afterEach, describe, expect, it } from 'vitest';
import type { Decide, GatewayOptions, Target } from '../../src/index.ts';
import { flakyLists } from '../fixtures/servers/flaky-lists.ts';
import { startRawHttp } from '../fixtures/servers/raw/http.ts';
import { listFields, textResult } from '../fixtures/servers/raw/server.ts';
import { ENVELOPE, MODERN, modern, openHouse, openSession } from './raw-client.ts';
import type { House } from './raw-client.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const remote = (name: string, url: string) =>
  ({ name, kind: 'http', url, transport: 'streamable-http', headers: {} }) as const;

async function house(options: Omit<GatewayOptions, 'upstreams'>): Promise<House> {
  const server = await startRawHttp({
    name: 's',
    capabilities: { tools: {}, resources: {} },
    methods: {
      'tools/list': ({ era }) =>
        `{${listFields(era)}"tools":[{"name":"shown","inputSchema":{"type":"object"}},{"name":"hidden","inputSchema":{"type":"object"}}]}`,
      'tools/call': ({ era }) => textResult(era, 'ran'),
      'resources/list': ({ era }) => `{${listFields(era)}"resources":[]}`,
      'resources/templates/list': ({ era }) => `{${listFields(era)}"resourceTemplates":[]}`,
    },
  });
  closers.push(() => server.close());
  const opened = await openHouse({ upstreams: [remote('s', server.url)], ...options });
  closers.push(() => opened.close());
  return opened;
}

const hides: Decide = (_principal, { name }) =>
  name === 'hidden' || name === 'x:hidden' ? { refused: 'forbidden' } : undefined;
const calls = (name: string) => modern('tools/call', `"name":"${name}","arguments":{}`);

describe('what is hidden', () => {
  it('R-08: takes the way of what does not exist: the same questions, the same share of the same budgets, the same headers', async () => {
    const asked: Target[] = [];
    const { doors } = await house({
      decide: hides,
      take: (_principal, target) => {
        asked.push(target);
        return { settle: () => undefined, headers: { RateLimit: `"r";r=${9 - asked.length}` } };
      },
    });
    for (const door of doors) {
      for (const [hidden, unknown] of [
        [calls('s__hidden'), calls('s__nothin')],
        [
          modern('resources/read', '"uri":"sekisho://s/x:hidden"'),
          modern('resources/read', '"uri":"sekisho://t/x:hidden"'),
        ],
      ] as const) {
        const before = asked.length;
        const got = await door.send(hidden);
        const none = await door.send(unknown);
        expect(got.text.replace('sekisho://s/', 'sekisho://t/')).toBe(none.text);
        expect(got.status).toBe(none.status);
        expect(Object.keys(got.headers).toSorted()).toEqual(Object.keys(none.headers).toSorted());
        expect(got.headers['ratelimit']).toBeDefined();
        const [first, second] = asked.slice(before);
        expect(first).toEqual(second);
        // No server's budget is touched by what may not reach it.
        expect([first?.server, first?.name]).toEqual([undefined, undefined]);
      }
    }
  });

  it('stays hidden where the rules answer later', async () => {
    const { doors } = await house({ decide: async (...args) => await hides(...args) });
    const session = await openSession(doors[0]!);
    for (const sent of [
      modern('tools/list'),
      { headers: session, body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' },
    ]) {
      const { text } = await doors[0]!.send(sent);
      expect(text).toContain('s__shown');
      expect(text).not.toContain('s__hidden');
    }
    expect((await doors[0]!.send(calls('s__shown'))).text).toContain('ran');
    expect((await doors[0]!.send(calls('s__hidden'))).text).toContain('-32602');
  });

  it('is not shown when nobody can decide', async () => {
    for (const sees of [
      () => Promise.reject(new Error('no')),
      () => {
        throw new Error('no');
      },
    ] as const) {
      const { doors } = await house({ decide: () => undefined, sees });
      const { text } = await doors[0]!.send(modern('tools/list'));
      expect(text).not.toContain('s__shown');
      expect(text).toContain('-32603');
    }
  });
});

it('R-09: news of a change wait for rules that answer later, and reach nobody whom they do not reach', async () => {
  const flaky = flakyLists();
  const server = await startRawHttp(flaky.server);
  closers.push(() => server.close());
  const opened = await openHouse({
    upstreams: [remote('s', server.url)],
    authenticate: ({ header }) => ({ id: header('authorization') ?? '' }),
    decide: async ({ id }, { kind }) =>
      await Promise.resolve(id === 'b' && kind === 'tool' ? { refused: 'forbidden' } : undefined),
  });
  closers.push(() => opened.close());
  const body = `{"jsonrpc":"2.0","id":5,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},${ENVELOPE}}}`;
  let told = false;
  let open = 0;
  const listen = (who: string) => {
    let seen = false;
    return opened.raw(
      `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${opened.port}\r\nAuthorization: ${who}\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\nMCP-Protocol-Version: ${MODERN}\r\nMcp-Method: subscriptions/listen\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      (text) => {
        if (!seen && text.includes('acknowledged')) {
          seen = true;
          open++;
        }
        return text.includes('list_changed') || (who === 'b' && told);
      },
    );
  };
  const [a, b] = [listen('a'), listen('b')];
  await expect.poll(() => open, { timeout: 10_000 }).toBe(2);
  flaky.change({ tools: ['first', 'another'] });
  expect(await a).toContain('list_changed');
  told = true;
  await opened.gateway.close();
  expect(await b).not.toContain('list_changed');
});
