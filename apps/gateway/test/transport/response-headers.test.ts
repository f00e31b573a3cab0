import { once } from 'node:events';
import { chmod, copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect as http2Connect, type ClientHttp2Session } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openComposed } from '../support/whole.ts';
import { startRawHttp, listResult, textResult } from '../support/raw-server.ts';

/** H19 and O23, on whatever bytes leave the program. */
const EVERYWHERE: Readonly<Record<string, RegExp>> = {
  'x-frame-options': /^DENY$/,
  'x-content-type-options': /^nosniff$/,
  'content-security-policy': /^default-src 'none'; frame-ancestors 'none'$/,
  'referrer-policy': /^no-referrer$/,
  'permissions-policy': /^camera=\(\), /,
};
const HSTS = /^max-age=31536000; includeSubDomains$/;

type Heard = { readonly status: number; readonly headers: Readonly<Record<string, unknown>> };
type Asked = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
};
type Wire = 'http' | 'https' | 'h2';
const WIRES: readonly Wire[] = ['http', 'https', 'h2'];

const META = 'io.modelcontextprotocol/';
const envelope = `"_meta":{"${META}protocolVersion":"2026-07-28","${META}clientCapabilities":{}}`;
const modern = (method: string, params = '', name?: string): Asked => ({
  method: 'POST',
  headers: {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(name === undefined ? {} : { 'mcp-name': name }),
  },
  body: `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{${params === '' ? '' : `${params},`}${envelope}}}`,
});
const legacy = (session: string, body: object | undefined): Asked => ({
  method: body === undefined ? 'GET' : 'POST',
  headers: { 'mcp-session-id': session },
  ...(body === undefined ? {} : { body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...body }) }),
});
const initialize = {
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
};

async function start(wire: Wire) {
  const upstream = await startRawHttp({
    name: 's',
    capabilities: { tools: {} },
    methods: {
      'tools/list': ({ era }) => listResult(era, 'tools', [{ name: 'talk', inputSchema: { type: 'object' } }]),
      'tools/call': ({ era, meta, notify }) => {
        notify('notifications/progress', { progressToken: meta['progressToken'], progress: 1 });
        return textResult(era, 'said');
      },
    },
  });
  onTestFinished(() => upstream.close());
  const tls = await mkdtemp(join(tmpdir(), 'sekisho-headers-'));
  onTestFinished(async () => await rm(tls, { recursive: true, force: true }));
  for (const part of ['cert', 'key'] as const) {
    await copyFile(join(import.meta.dirname, `../fixtures/tls/first.${part}.pem`), join(tls, `${part}.pem`));
    await chmod(join(tls, `${part}.pem`), 0o600);
  }
  const files = { cert: join(tls, 'cert.pem'), key: join(tls, 'key.pem') };
  const composed = await openComposed({
    mcpServers: { s: { url: upstream.url } },
    'x-sekisho': {
      listen: { allowedOrigins: ['https://app.example.com'], ...(wire === 'http' ? {} : { tls: files }) },
      limits: { maxBodyBytes: 2000 },
      rateLimit: {
        onStoreFailure: 'refuse',
        limits: {
          rules: [
            {
              name: 'pings',
              by: ['principal'],
              match: { methods: ['ping'] },
              allow: { kind: 'rate', amount: 1, periodMs: 3_600_000, burst: 1 },
            },
          ],
        },
      },
    },
  });
  return { ...composed, ask: asker(wire, composed.port), key: composed.who['authorization']! };
}

/** Asks and hears the head of the answer; what comes behind it is not waited for. */
function asker(wire: Wire, port: number): (asked: Asked) => Promise<Heard> {
  const base = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  if (wire !== 'h2') {
    return async ({ method = 'GET', path = '/mcp', headers = {}, body }) => {
      const request = (wire === 'http' ? httpRequest : httpsRequest)({
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: { ...base, ...headers },
        agent: false,
        ...(wire === 'http' ? {} : { rejectUnauthorized: false }),
      });
      request.on('error', () => undefined);
      request.end(body);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      onTestFinished(() => void request.destroy());
      response.resume();
      return { status: response.statusCode!, headers: response.headers };
    };
  }
  let session: ClientHttp2Session | undefined;
  return async ({ method = 'GET', path = '/mcp', headers = {}, body }) => {
    session ??= http2Connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    const mine = session;
    onTestFinished(() => mine.destroy());
    const { host, ...rest } = headers;
    const stream = mine.request({
      ':method': method,
      ':path': path,
      ...(host === undefined ? {} : { ':authority': String(host) }),
      ...base,
      ...(rest as Record<string, string>),
    });
    stream.on('error', () => undefined);
    stream.end(body);
    const [answer] = (await once(stream, 'response')) as [Record<string, unknown>];
    stream.resume();
    return { status: Number(answer[':status']), headers: answer };
  };
}

function expectAll({ headers }: Heard, encrypted: boolean, what: string): void {
  for (const [name, value] of Object.entries(EVERYWHERE)) expect(headers[name], `${what}: ${name}`).toMatch(value);
  if (encrypted) expect(headers['strict-transport-security'], what).toMatch(HSTS);
  else expect(headers['strict-transport-security'], what).toBeUndefined();
  expect(headers['x-powered-by'], what).toBeUndefined();
  expect(headers['server'], what).toBeUndefined();
}

describe.each(WIRES)('over %s', (wire) => {
  test('H19, O23: every response bears every header, whatever it answers', { timeout: 60_000 }, async () => {
    const { ask, key } = await start(wire);
    const as = (asked: Asked): Asked => ({ ...asked, headers: { authorization: key, ...asked.headers } });
    const opened = await ask(as({ method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 0, ...initialize }) }));
    const session = String(opened.headers['mcp-session-id']);
    expectAll(opened, wire !== 'http', 'initialize');
    const call = { name: 's__talk', arguments: {}, _meta: { progressToken: 1 } };
    const events = 'text/event-stream';
    const cases: readonly (readonly [what: string, asked: Asked, status: number, type?: string])[] = [
      ['a list', as(modern('tools/list')), 200, 'application/json'],
      [
        'a stream of 2026-07-28',
        as(modern('subscriptions/listen', '"notifications":{"toolsListChanged":true}')),
        200,
        events,
      ],
      ['a call that tells of its progress', as(legacy(session, { method: 'tools/call', params: call })), 200, events],
      ['a stream of 2025-11-25', as(legacy(session, undefined)), 200, events],
      [
        'a notification',
        as({
          ...legacy(session, undefined),
          method: 'POST',
          body: '{"jsonrpc":"2.0","method":"notifications/initialized"}',
        }),
        202,
      ],
      ['no JSON', as({ method: 'POST', body: '{' }), 400],
      ['no key', modern('tools/list'), 401],
      ['a wrong key', { ...modern('tools/list'), headers: { authorization: 'Bearer sks_local_x' } }, 401],
      ['another host', as({ ...modern('tools/list'), headers: { host: 'evil.example' } }), 403],
      ['another origin', as({ ...modern('tools/list'), headers: { origin: 'https://evil.example' } }), 403],
      ['another path', as({ path: '/mcp/none' }), 404],
      ['a path of nothing at all', as({ path: '/favicon.ico' }), 404],
      ['a session of nobody', as(legacy('x'.repeat(32), { method: 'tools/list' })), 404],
      ['another method', as({ method: 'PUT', body: '{}' }), 405],
      ['TRACE', as({ method: 'TRACE' }), 405],
      ['an Accept that takes nothing', as({ method: 'POST', body: '{}', headers: { accept: 'text/html' } }), 406],
      ['too much', as({ method: 'POST', body: 'x'.repeat(3000) }), 413],
      ['a form', as({ method: 'POST', body: 'a=b', headers: { 'content-type': 'text/plain' } }), 415],
      ['ping, once', as(legacy(session, { method: 'ping' })), 200],
      ['ping, too often', as(legacy(session, { method: 'ping' })), 429],
      ['the status', as({ path: '/status' }), 200],
      ['the status, without a key', { path: '/status' }, 401],
      ['the status, from a page', as({ path: '/status', headers: { origin: 'https://evil.example' } }), 403],
      ['the status, posted', as({ path: '/status', method: 'POST', body: '{}' }), 405],
      ['who may sign in', { path: '/.well-known/oauth-protected-resource/mcp' }, 404],
      ['an expectation that nobody meets', as({ ...modern('tools/list'), headers: { expect: 'a-miracle' } }), 417],
      ['the end of a session', as({ method: 'DELETE', headers: { 'mcp-session-id': session } }), 200],
    ];
    for (const [what, asked, status, type] of cases) {
      const base = asked.method === 'POST' && 'mcp-method' in (asked.headers ?? {}) ? modern('tools/list').headers : {};
      const heard = await ask({ ...asked, headers: { ...base, ...asked.headers } });
      expect([what, heard.status]).toEqual([what, status]);
      if (type !== undefined) expect(heard.headers['content-type'], what).toContain(type);
      expectAll(heard, wire !== 'http', what);
    }
  });

  test(
    'H09, O12: CORS is exact: a listed origin is echoed, another one learns nothing, and nobody gets credentials',
    { timeout: 60_000 },
    async () => {
      const { ask, key } = await start(wire);
      const preflight = (origin: string): Asked => ({
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization, content-type, mcp-protocol-version, mcp-method',
        },
      });
      const good = 'https://app.example.com';
      const allowed = await ask(preflight(good));
      expect(allowed.headers['access-control-allow-origin']).toBe(good);
      expect(String(allowed.headers['access-control-allow-methods'])).toContain('POST');
      expect(String(allowed.headers['vary']).toLowerCase()).toContain('origin');
      expectAll(allowed, wire !== 'http', 'preflight');
      const list = modern('tools/list');
      const answered = await ask({ ...list, headers: { ...list.headers, authorization: key, origin: good } });
      expect([answered.status, answered.headers['access-control-allow-origin']]).toEqual([200, good]);
      const unlisted = [
        'https://app.example.com.evil.example',
        'https://APP.example.com',
        'http://app.example.com',
        'https://app.example.com:8443',
        'https://x@app.example.com',
        'null',
        '*',
      ];
      for (const origin of unlisted) {
        const refused = await ask(preflight(origin));
        const read = await ask({ ...list, headers: { ...list.headers, authorization: key, origin } });
        expect([origin, read.status]).toEqual([origin, 403]);
        for (const heard of [refused, read]) {
          expect(heard.headers['access-control-allow-origin'], origin).toBeUndefined();
          expectAll(heard, wire !== 'http', origin);
        }
      }
      for (const heard of [allowed, answered])
        expect(heard.headers['access-control-allow-credentials']).toBeUndefined();
    },
  );
});

/** The head of whatever answers these bytes, until the connection ends. */
async function say(socket: Socket, text: string): Promise<Heard | undefined> {
  let heard = '';
  socket.on('data', (bytes: Buffer) => (heard += String(bytes)));
  socket.on('error', () => undefined);
  socket.write(text);
  await new Promise((resolve) => socket.once('close', resolve));
  if (heard === '') return undefined;
  const [line = '', ...lines] = heard.split('\r\n\r\n', 1)[0]!.split('\r\n');
  const headers = lines.map((each) => [
    each.slice(0, each.indexOf(':')).toLowerCase(),
    each.slice(each.indexOf(':') + 1).trim(),
  ]);
  return { status: Number(line.split(' ')[1]), headers: Object.fromEntries(headers) as Record<string, string> };
}

describe.each(['http', 'https'] as const)('what the parser itself answers, over %s', (wire) => {
  test.each([
    ['no HTTP', 'nonsense\r\n\r\n', 400],
    ['no host', 'GET /mcp HTTP/1.1\r\nConnection: close\r\n\r\n', 403],
    [
      'two lengths',
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
    ['headers without end', `GET /mcp HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a version of the future', 'GET /mcp HTTP/9.9\r\nHost: localhost\r\n\r\n', 400],
  ])('H19, O23: %s', async (what, text, status) => {
    const { port } = await start(wire);
    const heard = await say(socketTo(wire, port), text);
    expect(heard?.status).toBe(status);
    expectAll(heard!, wire === 'https', what);
  });

  test('O10, SDK-07: no upgrade is taken: a WebSocket gets the answer of a plain request, and no tunnel is dug', async () => {
    const { port, key } = await start(wire);
    const handshake = (path: string, more = ''): string =>
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`;
    for (const [path, more, status] of [
      ['/mcp', '', 401],
      ['/mcp', `Authorization: ${key}\r\n`, 406],
      ['/mcp', `Authorization: ${key}\r\nOrigin: https://evil.example\r\n`, 403],
      ['/ws', `Authorization: ${key}\r\n`, 404],
    ] as const) {
      const heard = await say(socketTo(wire, port), handshake(path, more));
      expect([path, more, heard?.status]).toEqual([path, more, status]);
      expect(heard!.headers['upgrade']).toBeUndefined();
      expectAll(heard!, wire === 'https', path);
    }
    const tunnel = await say(socketTo(wire, port), 'CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(tunnel?.status).toBe(405);
    expectAll(tunnel!, wire === 'https', 'CONNECT');
  });
});

test('O10: nor of HTTP/2, where CONNECT is what asks for one', async () => {
  const { port } = await start('h2');
  const session = http2Connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':method': 'CONNECT', ':authority': 'localhost' });
  stream.on('error', () => undefined);
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  expect(headers[':status']).toBe(405);
  expectAll({ status: 405, headers }, true, 'CONNECT');
});

test('H19: what tells clients where to sign in bears them too, and may be read by pages of any origin', async () => {
  const { port } = await openComposed({
    mcpServers: {},
    'x-sekisho': {
      auth: { resource: 'https://mcp.example.com/mcp', authorizationServers: [{ issuer: 'https://as.example.com' }] },
    },
  });
  const ask = asker('http', port);
  const headers = { host: 'mcp.example.com' };
  const described = await ask({ path: '/.well-known/oauth-protected-resource/mcp', headers });
  expect([described.status, described.headers['access-control-allow-origin']]).toEqual([200, '*']);
  expectAll(described, false, 'metadata');
  const unknown = await ask({ ...modern('tools/list'), headers: { ...modern('tools/list').headers, ...headers } });
  expect([unknown.status, String(unknown.headers['www-authenticate'])]).toEqual([
    401,
    expect.stringContaining('resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"'),
  ]);
  expectAll(unknown, false, 'challenge');
});

test('H19: the admin port says the same, errors of its parser included', async () => {
  const { stateFolder } = await start('http');
  const folder = join(stateFolder, 'admin');
  const place = (await readdir(folder)).find((name) => name.endsWith('.json'))!;
  const { port } = JSON.parse(await readFile(join(folder, place), 'utf8')) as { port: number };
  const ask = asker('http', port);
  for (const [asked, status] of [
    [{ path: '/livez' }, 200],
    [{ path: '/status' }, 401],
    [{ path: '/livez', method: 'POST', body: '{}' }, 405],
    [{ path: '/livez', headers: { origin: 'https://evil.example' } }, 403],
    [{ path: '/livez', headers: { expect: 'a-miracle' } }, 417],
  ] as const) {
    const heard = await ask(asked);
    expect([asked, heard.status]).toEqual([asked, status]);
    expectAll(heard, false, JSON.stringify(asked));
  }
  for (const [text, status] of [
    ['nonsense\r\n\r\n', 400],
    ['GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n', 403],
    ['CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: localhost\r\n\r\n', 405],
  ] as const) {
    const heard = await say(connect(port, '127.0.0.1'), text);
    expect(heard?.status).toBe(status);
    expectAll(heard!, false, text);
  }
});

function socketTo(wire: 'http' | 'https', port: number): Socket {
  return wire === 'http'
    ? connect(port, '127.0.0.1')
    : tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
}
