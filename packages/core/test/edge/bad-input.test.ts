import { PassThrough } from 'node:stream';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEchoHttp } from '../fixtures/servers/echo.ts';
import { ENVELOPE, MODERN, modern, openHouse, openSession } from './raw-client.ts';
import type { Got, House, Sent } from './raw-client.ts';

let house: House;
let echo: Awaited<ReturnType<typeof startEchoHttp>>;
beforeAll(async () => {
  echo = await startEchoHttp();
  house = await openHouse({
    upstreams: [{ name: 'echo', kind: 'http', url: echo.url, transport: 'streamable-http', headers: {} }],
  });
});
afterAll(async () => {
  await house.close();
  await echo.close();
});

const call = modern('tools/call', '"name":"echo__echo","arguments":{"text":"hi"}');
const text = call.body as string;
const raw = (body: string | Uint8Array): Sent => ({ ...call, body });
const legacy = (body: string): Sent => ({ body });
const edit = (from: string, to: string): Sent => raw(text.replace(from, to));
const headers = (changed: Record<string, string | readonly string[] | undefined>): Sent => ({
  ...call,
  headers: { ...call.headers, ...changed },
});
const le = (value: string): Buffer => Buffer.from(value, 'utf16le');
const be = (value: string): Buffer => le(value).swap16();
const bytes = (...values: number[]): Buffer => Buffer.from(values);

type Case = [what: string, sent: Sent, status: number, code: number | undefined];

const bodies: Case[] = [
  ['nothing', raw(''), 400, -32700],
  ['half a message', raw(text.slice(0, -1)), 400, -32700],
  ['text behind', raw(`${text}x`), 400, -32700],
  ['two messages', raw(text + text), 400, -32700],
  ['single quotes', raw(text.replaceAll('"', "'")), 400, -32700],
  ['a trailing comma', edit('{"text":"hi"}', '{"text":"hi",}'), 400, -32700],
  ['a raw line break in a string', edit('"hi"', '"h\ni"'), 400, -32700],
  ['a UTF-8 mark', raw(`\ufeff${text}`), 400, -32700],
  ['UTF-16LE', raw(le(text)), 400, -32700],
  ['UTF-16LE with a mark', raw(le(`\ufeff${text}`)), 400, -32700],
  ['UTF-16BE', raw(be(text)), 400, -32700],
  ['UTF-16BE with a mark', raw(be(`\ufeff${text}`)), 400, -32700],
  ['Latin-1', raw(Buffer.from(text.replace('hi', 'é'), 'latin1')), 400, -32700],
  [
    'an encoded surrogate',
    raw(Buffer.concat([Buffer.from('{"a":"'), bytes(0xed, 0xa0, 0x80), Buffer.from('"}')])),
    400,
    -32700,
  ],
  ['an escaped lone surrogate', edit('"hi"', String.raw`"\ud800"`), 400, -32700],
  ['an escaped lone surrogate in a name', edit('"text"', String.raw`"\udfff"`), 400, -32700],
  ['two ids', edit('"id":1', '"id":1,"id":2'), 400, -32600],
  ['two ids, one escaped', edit('"id":1', String.raw`"id":1,"\u0069d":2`), 400, -32600],
  ['two names', edit('"name":"echo__echo"', '"name":"echo__echo","name":"other"'), 400, -32600],
  ['two arguments', edit('"text":"hi"', '"text":"hi","text":"ho"'), 400, -32600],
  ['two arguments deep inside', edit('"hi"', '[{"x":[{"k":1,"k":2}]}]'), 400, -32600],
  ['a name in another case', edit('"arguments"', '"Name":"other","arguments"'), 400, -32600],
  ['a name with NUL', edit('"arguments"', String.raw`"name\u0000":"other","arguments"`), 400, -32600],
  ['a method in another case', edit('"method"', '"METHOD":"ping","method"'), 400, -32600],
  ['1,000 levels', edit('"hi"', '['.repeat(1000) + ']'.repeat(1000)), 400, -32600],
  ['1,000,000 levels', raw('['.repeat(1_000_000)), 400, -32600],
  ['1,000,000 levels of objects', raw('{"a":'.repeat(800_000)), 400, -32600],
  ['a number', raw('1'), 400, -32600],
  ['null', raw('null'), 400, -32600],
  ['a batch with a claim', raw(`[${text}]`), 400, -32600],
  ['an empty batch', legacy('[]'), 400, -32600],
  ['a batch in a batch', legacy('[[{"jsonrpc":"2.0","id":1,"method":"ping"}]]'), 400, -32600],
  ['id null', edit('"id":1', '"id":null'), 400, -32600],
  ['a fraction for an id', edit('"id":1', '"id":1.5'), 400, -32600],
  ['an exponent for an id', edit('"id":1', '"id":1e3'), 400, -32600],
  ['a boolean for an id', edit('"id":1', '"id":true'), 400, -32600],
  ['an object for an id', edit('"id":1', '"id":{}'), 400, -32600],
  ['a huge id', edit('"id":1', `"id":"${'x'.repeat(100_000)}"`), 400, -32600],
  ['a huge number for an id', edit('"id":1', `"id":${'9'.repeat(10_000)}`), 400, -32600],
  [
    'positional parameters',
    edit('"params":{', '"params":[{').body === undefined
      ? raw('')
      : raw('{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}'),
    400,
    -32600,
  ],
  ['JSON-RPC 1.0', edit('"2.0"', '"1.0"'), 400, -32600],
  ['a posted response', raw('{"jsonrpc":"2.0","id":1,"result":{}}'), 400, -32600],
  ['no envelope', raw('{"jsonrpc":"2.0","id":1,"method":"tools/list"}'), 400, -32602],
  ['an envelope without capabilities', edit(',"io.modelcontextprotocol/clientCapabilities":{}', ''), 400, -32602],
];

const heads: Case[] = [
  ['no content type', headers({ 'content-type': undefined }), 415, -32600],
  ['text', headers({ 'content-type': 'text/plain' }), 415, -32600],
  ['a form', headers({ 'content-type': 'application/x-www-form-urlencoded' }), 415, -32600],
  ['a look-alike type', headers({ 'content-type': 'application/jsonx' }), 415, -32600],
  ['a type behind another', headers({ 'content-type': 'text/plain; application/json' }), 415, -32600],
  ['another charset', headers({ 'content-type': 'application/json; charset=utf-16' }), 415, -32600],
  ['gzip', headers({ 'content-encoding': 'gzip' }), 415, -32600],
  ['two codings', headers({ 'content-encoding': 'identity, gzip' }), 415, -32600],
  ['an Accept that takes nothing', headers({ accept: 'text/html' }), 406, -32600],
  ['no version', headers({ 'mcp-protocol-version': undefined }), 400, -32020],
  ['another version', headers({ 'mcp-protocol-version': '2025-11-25' }), 400, -32020],
  ['two versions', headers({ 'mcp-protocol-version': [MODERN, MODERN] }), 400, -32020],
  ['no method', headers({ 'mcp-method': undefined }), 400, -32020],
  ['another method', headers({ 'mcp-method': 'tools/list' }), 400, -32020],
  ['two methods', headers({ 'mcp-method': ['tools/call', 'tools/call'] }), 400, -32020],
  ['no name', headers({ 'mcp-name': undefined }), 400, -32020],
  ['another name', headers({ 'mcp-name': 'echo__large' }), 400, -32020],
  ['two names', headers({ 'mcp-name': ['echo__echo', 'echo__echo'] }), 400, -32020],
  ['a badly encoded name', headers({ 'mcp-name': '=?base64?!?=' }), 400, -32020],
  [
    'a version of the future',
    {
      headers: { 'mcp-protocol-version': '2099-01-01', 'mcp-method': 'tools/list' },
      body: modern('tools/list').body!.toString().replace(MODERN, '2099-01-01'),
    },
    400,
    -32022,
  ],
  ['an unknown method', modern('no/such'), 404, -32601],
  ['a method of the other era', modern('logging/setLevel'), 404, -32601],
  ['initialize with an envelope', modern('initialize'), 404, -32601],
  ['ping with an envelope', modern('ping'), 404, -32601],
  ['a method named like a member of objects', modern('constructor'), 404, -32601],
  ['a capability nobody has', modern('prompts/list'), 404, -32601],
  ['PUT', { ...call, method: 'PUT' }, 405, -32600],
  ['PATCH', { ...call, method: 'PATCH' }, 405, -32600],
  ['a legacy call without a session', legacy('{"jsonrpc":"2.0","id":1,"method":"tools/list"}'), 400, -32600],
  [
    'a session nobody has',
    { ...legacy('{"jsonrpc":"2.0","id":1,"method":"tools/list"}'), headers: { 'mcp-session-id': 'x'.repeat(32) } },
    404,
    -32600,
  ],
];

const paths: Case[] = [
  '/',
  '/mcp/',
  '//mcp',
  '/MCP',
  '/mcp/none',
  '/mcp/Echo',
  '/mcp/echo/',
  '/mcp%2fecho',
  '/mcp/echo%2f',
  '/mcp/echo/x',
  '/mcp//echo',
  '/mcp/__proto__',
  '/mcp/constructor',
  '/mcp;x',
  '/%6dcp',
].map((path) => [`the path ${path}`, { ...call, path }, 404, -32600]);

const origins: Case[] = [
  'null',
  '',
  'http://evil.example',
  'http://user@127.0.0.1',
  'http://127.0.0.1.evil.example',
  'http://evil127.0.0.1',
  'http://127.0.0.1:99999',
  'file://',
  'HTTP://127.0.0.1',
  'http://127.0.0.1/',
  'http://127.0.0.1:0',
].map((origin) => [`the origin ${JSON.stringify(origin)}`, headers({ origin }), 403, -32600]);

const hosts: Case[] = [
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.nip.io',
  'evil.example:80',
  'user@127.0.0.1',
  '127.0.0.1:0',
  '127.0.0.1:x',
  '127.1',
  '0.0.0.0',
  '[::]',
  '[::1',
  'LOCALHOST.',
  '127.0.0.1, evil.example',
].map((host) => [`the host ${host}`, headers({ host }), 403, -32600]);

/** Words that would tell of the inside. */
const INSIDE = /node:|\.ts\b|\.js\b|at .*\(|SyntaxError|TypeError|position \d|undefined|\/work|stack/;

function expectRefusal(got: Got, status: number, code: number | undefined): void {
  expect({ status: got.status, text: got.text }).toMatchObject({ status });
  const answer = JSON.parse(got.text) as { id?: unknown; error: { code: number; message: string } };
  expect(answer.error.code).toBe(code);
  expect(answer).not.toHaveProperty('result');
  expect(answer.id === undefined || answer.id === 1).toBe(true);
  expect(got.text).not.toMatch(INSIDE);
  expect(got.headers['content-type']).toMatch(/^application\/json/);
}

describe.each([0, 1])('over door %i', (index) => {
  const send = (sent: Sent): Promise<Got> => house.doors[index]!.send(sent);
  const works = async (): Promise<void> => {
    const got = await send(call);
    expect(got.status).toBe(200);
    expect(JSON.parse(got.text)).toMatchObject({ id: 1, result: { content: [{ text: 'hi' }] } });
  };

  it.each([...bodies, ...heads, ...origins, ...hosts])(
    'GW-01, GW-16, SDK-02, SDK-05, SDK-08, CHK-14: refuses %s, and serves the next',
    async (_, sent, status, code) => {
      expectRefusal(await send(sent), status, code);
      await works();
      expect(house.errors).toEqual([]);
    },
  );

  it.each(paths)('does not serve %s', async (_, sent, status, code) => {
    expectRefusal(await send(sent), status, code);
  });

  it('serves the origin of the host itself, and other spellings of the type', async () => {
    const own = `127.0.0.1:${house.port}`;
    for (const changed of [
      { origin: `http://${own}` },
      { host: 'localhost:7300', origin: 'http://localhost:7300' },
      { host: '[::1]:7300' },
      { 'content-type': 'application/json;charset=UTF-8' },
      { 'content-type': 'Application/JSON; charset="utf-8"' },
      { 'content-encoding': 'identity' },
      { accept: undefined },
      { accept: '*/*' },
      { accept: 'Application/JSON, Text/Event-Stream' },
    ]) {
      const got = await send(headers(changed));
      expect({ changed, status: got.status }).toEqual({ changed, status: 200 });
    }
  });

  it.each(['9007199254740993', '-5', '"\\u0061\\/"', '""'])('gives the id %s back as it came', async (id) => {
    const got = await send(edit('"id":1', `"id":${id}`));
    expect(got.text).toContain(`"id":${id}`);
  });

  it('gives ids and refused words beyond ASCII back, whole', async () => {
    const id = 'é😀名';
    const got = await send(edit('"id":1', `"id":"${id}"`));
    expect(JSON.parse(got.text)).toMatchObject({ id, result: {} });
    const odd = modern('tools/list');
    const refused = await send({
      headers: { 'mcp-method': 'tools/list' },
      body: String(odd.body).replace(MODERN, 'é'),
    });
    expect(JSON.parse(refused.text)).toMatchObject({ id: 1, error: { code: -32022, data: { requested: 'é' } } });
  });

  it('takes batches of 2025-03-26 and of no other revision', async () => {
    const batch =
      '[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","id":2,"method":"ping"}]';
    const door = house.doors[index]!;
    for (const revision of ['2024-11-05', '2025-06-18', '2025-11-25']) {
      expectRefusal(await send({ body: batch, headers: await openSession(door, revision) }), 400, -32600);
    }
    const got = await send({ body: batch, headers: await openSession(door, '2025-03-26') });
    expect(JSON.parse(got.text)).toEqual([1, 2].map((id) => ({ jsonrpc: '2.0', id, result: {} })));
  });

  it('answers an unknown legacy method in band, and ignores unknown notifications', async () => {
    const session = await openSession(house.doors[index]!);
    const got = await send({ body: '{"jsonrpc":"2.0","id":1,"method":"no/such"}', headers: session });
    expectRefusal(got, 200, -32601);
    expect((await send({ body: '{"jsonrpc":"2.0","method":"notifications/none"}', headers: session })).status).toBe(
      202,
    );
    expectRefusal(
      await send({
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
        headers: { ...session, 'mcp-protocol-version': '1999-01-01' },
      }),
      400,
      -32022,
    );
  });
});

describe('over a socket', () => {
  const head = (more: string): string =>
    `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${house.port}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n${more}`;
  const good = (): string =>
    head(
      `MCP-Protocol-Version: ${MODERN}\r\nMcp-Method: tools/call\r\nMcp-Name: echo__echo\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    );
  const count = (value: string, part: string): number => value.split(part).length - 1;

  it('answers a body of 100 MB before it has come, declared or not, in bounded memory', async () => {
    const before = process.memoryUsage().rss;
    expect(await house.raw(head(`Content-Length: 104857600\r\n\r\n{"a":"`))).toMatch(/^HTTP\/1.1 413/);
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    expect(await house.raw(head(`Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(8)}`))).toMatch(/^HTTP\/1.1 413/);
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
    expect(await house.raw(good(), (got) => got.includes('"hi"'))).toContain('HTTP/1.1 200');
  });

  it('refuses a stream of 100 MB given to fetch', async () => {
    let given = 0;
    const chunk = new Uint8Array(1_048_576);
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        given += chunk.length;
        if (given > 104_857_600) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const request = new Request(`http://127.0.0.1:${house.port}/mcp`, {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    });
    expect((await house.gateway.fetch(request, { remoteAddress: '127.0.0.1' })).status).toBe(413);
    expect(given).toBeLessThan(10_000_000);
  });

  it('refuses two hosts, and answers nothing that is inside', async () => {
    const got = await house.raw(
      good().replace('Content-Type', 'Host: evil.example\r\nConnection: close\r\nContent-Type'),
    );
    expect(got).toMatch(/^HTTP\/1.1 4\d\d/);
    expect(got).not.toMatch(INSIDE);
    expect(
      await house.raw(
        good().replace(
          'Content-Type: application/json',
          'Connection: close\r\nContent-Type: application/json\r\nContent-Type: text/plain',
        ),
      ),
    ).toMatch(/^HTTP\/1.1 415/);
  });

  it('answers pipelined requests in their order', async () => {
    const second = good().replaceAll('"id":1', '"id":2');
    const got = await house.raw(
      good() + second + good().replaceAll('"id":1', '"id":3'),
      (seen) => count(seen, '"hi"') === 3,
    );
    expect([...got.matchAll(/"id":(\d)/g)].map(([, id]) => id)).toEqual(['1', '2', '3']);
  });

  it('serves others while a body trickles in, and forgets a body that never ends', async () => {
    const half = good().slice(0, -20);
    const slow = house.raw(half, (got) => got !== '');
    const got = await house.raw(good(), (seen) => seen.includes('"hi"'));
    expect(got).toContain('HTTP/1.1 200');
    void slow;
  });
});

describe('over stdio', () => {
  it('answers each bad line and serves the next', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const served = house.gateway.serveStdio(input, output);
    const lines = createInterface({ input: output })[Symbol.asyncIterator]();
    const next = async (): Promise<{ id?: unknown; error?: { code: number }; result?: unknown }> =>
      JSON.parse((await lines.next()).value as string) as never;
    for (const [what, sent, , code] of bodies) {
      const line = Buffer.from(sent.body ?? '');
      // Without headers these are legal, or no line at all; two messages and raw breaks are lines of their own.
      if (line.length === 0 || line.includes(0x0a) || what === 'no envelope' || what === 'a posted response') continue;
      input.write(Buffer.concat([line, Buffer.from('\n')]));
      const answer = await next();
      expect({ what, code: answer.error?.code }).toEqual({ what, code });
      expect(JSON.stringify(answer)).not.toMatch(INSIDE);
      input.write(`${text}\n`);
      expect(await next()).toMatchObject({ id: 1, result: { content: [{ text: 'hi' }] } });
    }
    input.write(`{"jsonrpc":"2.0","id":9,"method":"no/such","params":{${ENVELOPE}}}\n`);
    expect(await next()).toMatchObject({ id: 9, error: { code: -32601 } });
    input.end();
    await served;
  });
});
