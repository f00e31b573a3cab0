import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { progressLogger } from '../fixtures/servers/progress-logger.ts';
import { startRawHttp } from '../fixtures/servers/raw/http.ts';
import { stdioFixture } from '../support/fixture-process.ts';
import { modern, openHouse, openSession } from './raw-client.ts';
import type { House } from './raw-client.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const byHeader = {
  authenticate: ({ header }: { header: (name: string) => string | undefined }) => ({
    id: header('authorization') ?? 'nobody',
  }),
};
const as = (id: string): Record<string, string> => ({ authorization: id });
const remote = (url: string) => ({ name: 's', kind: 'http', url, transport: 'streamable-http', headers: {} }) as const;

async function house(options: Parameters<typeof openHouse>[0]): Promise<House> {
  const opened = await openHouse({ ...byHeader, ...options });
  closers.push(() => opened.close());
  return opened;
}

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

describe('sessions', () => {
  it('GW-09, GW-18, SDK-06: belong to one principal and one endpoint, and survive attempts of others', async () => {
    const server = await startRawHttp(progressLogger());
    closers.push(() => server.close());
    const { doors, gateway } = await house({ upstreams: [remote(server.url)] });
    for (const door of doors) {
      const session = await openSession(door, '2025-11-25', as('a'));
      const id = { 'mcp-session-id': session['mcp-session-id']! };
      for (const method of ['POST', 'GET', 'DELETE']) {
        const sent = { method, ...(method === 'POST' ? { body: PING } : {}) };
        expect((await door.send({ ...sent, headers: { ...id, ...as('b') } })).status).toBe(404);
        expect((await door.send({ ...sent, path: '/mcp/s', headers: session })).status).toBe(404);
      }
      const unknown = await door.send({ body: PING, headers: { 'mcp-session-id': 'x', ...as('b') } });
      expect(unknown.text).toBe((await door.send({ body: PING, headers: { ...id, ...as('b') } })).text);
      expect((await door.send({ body: PING, headers: session })).status).toBe(200);
      expect((await door.send({ method: 'DELETE', headers: session })).status).toBe(200);
      expect((await door.send({ body: PING, headers: session })).status).toBe(404);
    }
    expect(gateway.status().sessions).toBe(0);
  });
});

describe('what a call says on its way', () => {
  it.each(['http', 'stdio'] as const)(
    'SDK-01, CHK-07: reaches its caller alone, behind %s, with equal ids and tokens',
    async (kind) => {
      const server = await startRawHttp(progressLogger());
      closers.push(() => server.close());
      const { doors } = await house({
        upstreams: [kind === 'http' ? remote(server.url) : { name: 's', ...stdioFixture('progress-logger') }],
      });
      const [door] = doors;
      const sessions = await Promise.all(['a', 'b'].map((id) => openSession(door!, '2025-06-18', as(id))));
      const one = async (round: number): Promise<void> => {
        const who = round % 2;
        const mark = `${'ab'[who]!}-${round}`;
        const body = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"s__work","arguments":{"mark":"${mark}","steps":2},"_meta":{"progressToken":"same"}}}`;
        const { text } = await door!.send({ body, headers: sessions[who]! });
        const marks = new Set([...text.matchAll(/[ab]-\d+/g)].map(([found]) => found));
        expect([...marks]).toEqual([mark]);
        const tokens = [...text.matchAll(/"progressToken":([^,}]+)/g)].map(([, token]) => token);
        expect(tokens).toEqual(['"same"', '"same"']);
      };
      for (let round = 0; round < 1000; round += 50)
        await Promise.all(Array.from({ length: 50 }, (_, i) => one(round + i)));
    },
  );
});

/** A modern server that gives every tool call the answer written for it, byte for byte. */
async function hostile(answer: (id: string) => { type: string; body: string }): Promise<string> {
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { id, method } = JSON.parse(Buffer.concat(chunks).toString()) as { id: number; method: string };
      const result =
        method === 'server/discover'
          ? '{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private"}'
          : '{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[{"name":"t","inputSchema":{"type":"object"}}]}';
      const given =
        method === 'tools/call'
          ? answer(String(id))
          : { type: 'application/json', body: `{"jsonrpc":"2.0","id":${id},"result":${result}}` };
      res.writeHead(200, { 'content-type': given.type }).end(given.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

const SSE = 'text/event-stream';
const JSON_TYPE = 'application/json';
const pad = 'x'.repeat(20_000);

describe('a hostile server', () => {
  const call = modern('tools/call', '"name":"s__t","arguments":{}');

  it.each<[string, (id: string) => { type: string; body: string }]>([
    ['another id', () => ({ type: JSON_TYPE, body: '{"jsonrpc":"2.0","id":999,"result":{"evil":1}}' })],
    ['two ids', (id) => ({ type: JSON_TYPE, body: `{"jsonrpc":"2.0","id":${id},"result":{"evil":1},"id":1}` })],
    [
      'an escaped second id',
      (id) => ({ type: JSON_TYPE, body: String.raw`{"jsonrpc":"2.0","id":${id},"result":{"evil":1},"\u0069d":1}` }),
    ],
    [
      'a large fraction of an id',
      (id) => ({ type: JSON_TYPE, body: `{"jsonrpc":"2.0","id":${id}.5,"result":{"evil":"${pad}"}}` }),
    ],
    ['a broken escape', () => ({ type: JSON_TYPE, body: String.raw`{"\x":1,"evil":2}` })],
    ['no JSON', () => ({ type: JSON_TYPE, body: 'evil' })],
    ['a page', () => ({ type: 'text/html', body: '<p>evil' })],
    ['an empty stream', () => ({ type: SSE, body: '' })],
    [
      'a stream of other answers',
      () => ({ type: SSE, body: 'data: {"jsonrpc":"2.0","id":999,"result":{"evil":1}}\n\n' }),
    ],
    ['a stream with a broken escape', () => ({ type: SSE, body: String.raw`data: {"\x":1,"evil":1}` + '\n\n' })],
  ])('that answers with %s makes one error and nothing else', async (_, answer) => {
    const { doors, gateway, errors } = await house({
      upstreams: [{ ...remote(await hostile(answer)), timeouts: { callMs: 1500 } }],
    });
    for (const door of doors) {
      const got = await door.send(call);
      expect(JSON.parse(got.text)).toMatchObject({ jsonrpc: '2.0', id: 1, error: {} });
      expect(got.text).not.toContain('evil');
    }
    expect(errors).toEqual([]);
    expect(gateway.status().upstreams).toHaveLength(1);
  });

  it('cannot put a second event into a stream with line breaks of its own', async () => {
    const answer = (id: string) => ({
      type: JSON_TYPE,
      body: `{"jsonrpc":"2.0",\n\n"id":${id},\r\n\r\n"result":{"resultType":"complete",\n\n"content":[]\r}}`,
    });
    const { doors } = await house({ upstreams: [remote(await hostile(answer))] });
    const session = await openSession(doors[0]!, '2025-11-25', as('a'));
    const got = await doors[0]!.send({
      headers: { ...session, accept: 'text/event-stream, application/json' },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"s__t","arguments":{}}}',
    });
    const events = got.text.split('\n\n').filter((event) => event.includes('data: {'));
    expect(events).toHaveLength(1);
    expect(JSON.parse(events[0]!.slice(events[0]!.indexOf('{')))).toMatchObject({ id: 1, result: { content: [] } });
  });

  it('cannot hold a list open with pages that never end', async () => {
    let pages = 0;
    const server = await startRawHttp({
      name: 's',
      capabilities: { tools: {} },
      methods: {
        'tools/list': () =>
          `{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[{"name":"t${++pages}","inputSchema":{"type":"object"}}],"nextCursor":"c${pages}"}`,
      },
    });
    closers.push(() => server.close());
    const { doors } = await house({ upstreams: [remote(server.url)] });
    const got = await doors[0]!.send(modern('tools/list'));
    expect(got.status).toBe(200);
    expect(pages).toBeLessThan(10_000);
  });
});
