import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openComposed, type Composed } from '../support/whole.ts';
import { modernAsk, openSession, send } from '../support/mcp-client.ts';
import { listResult, startRawHttp, textResult } from '../support/raw-server.ts';

type Notes = { readonly url: string; readonly calls: () => number };

async function startNotes(): Promise<Notes> {
  let calls = 0;
  const server = await startRawHttp({
    name: 'notes',
    capabilities: { tools: {} },
    methods: {
      'tools/list': ({ era }) => {
        calls += 1;
        return listResult(era, 'tools', [{ name: 'get', inputSchema: { type: 'object' } }]);
      },
      'tools/call': ({ era }) => {
        calls += 1;
        return textResult(era, 'got it');
      },
    },
  });
  onTestFinished(() => server.close());
  return { url: server.url, calls: () => calls };
}

/** Asks for a list over one door, with whatever headers. */
async function knock(
  { port, who }: Composed,
  headers: Readonly<Record<string, string>>,
  path = '/mcp',
): Promise<number> {
  return (await modernAsk(port, who)('tools/list', {}, { headers, path })).status;
}

describe('names of hosts and origins', () => {
  test('GW-01, SDK-02: none of another is served, on loopback as well, and nothing reaches a server; our own are', async () => {
    const notes = await startNotes();
    const house = await openComposed({
      mcpServers: { notes: { url: notes.url } },
      'x-sekisho': { listen: { allowedOrigins: ['https://app.example.com'] } },
    });
    const own = `127.0.0.1:${house.port}`;
    const before = notes.calls();
    const hosts = [
      'evil.example',
      `evil.example:${house.port}`,
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      `x@${own}`,
      '0.0.0.0',
      '10.0.0.1',
    ];
    for (const host of hosts) expect([host, await knock(house, { host })]).toEqual([host, 403]);
    const origins = [
      'null',
      'https://evil.example',
      `http://127.0.0.1:${house.port + 1}`,
      `http://x@${own}`,
      `http://${own}/`,
      `http://${own}, http://${own}`,
      `HTTP://${own}`,
      'file://',
      'chrome-extension://abc',
    ];
    for (const origin of origins) expect([origin, await knock(house, { origin })]).toEqual([origin, 403]);
    expect(await knock(house, { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(notes.calls()).toBe(before);
    for (const headers of [
      {},
      { host: 'localhost' },
      { origin: 'https://app.example.com' },
      { 'sec-fetch-site': 'same-origin' },
    ])
      expect([headers, await knock(house, headers)]).toEqual([headers, 200]);
  });

  test('GW-01: behind a trusted proxy its headers rename nobody: the host that was asked for counts', async () => {
    const notes = await startNotes();
    const house = await openComposed({
      mcpServers: { notes: { url: notes.url } },
      'x-sekisho': {
        listen: {
          trustedProxies: ['127.0.0.1'],
          allowedHosts: ['mcp.example.com'],
          allowedOrigins: ['https://app.example.com'],
        },
      },
    });
    const good = { host: 'mcp.example.com', 'x-forwarded-proto': 'https' };
    expect(await knock(house, good)).toBe(200);
    expect(await knock(house, { ...good, origin: 'https://app.example.com' })).toBe(200);
    expect(await knock(house, { ...good, host: 'evil.example', 'x-forwarded-host': 'mcp.example.com' })).toBe(403);
    expect(await knock(house, { ...good, host: 'evil.example', forwarded: 'host=mcp.example.com' })).toBe(403);
    expect(await knock(house, { ...good, origin: 'https://evil.example' })).toBe(403);
    expect(await knock(house, { host: 'localhost' })).toBe(403);
  });

  test('SDK-05: what a page can send without asking is no message: forms and text, in either era', async () => {
    const { port, who } = await openComposed({ mcpServers: {} });
    const body =
      '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}';
    const sent = async (type: string): Promise<number> =>
      (await send(port, { headers: { ...who, 'content-type': type }, body })).status;
    for (const type of [
      'text/plain',
      'text/plain; application/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      '',
    ])
      expect([type, await sent(type)]).toEqual([type, 415]);
    expect(await sent('application/json')).toBe(200);
  });
});

describe('without a credential', () => {
  test('GW-02, GW-36, CHK-12, CHK-16, SRV-17: no door answers anything, and nothing reaches a server', async () => {
    const notes = await startNotes();
    const many = { amount: 100_000, periodMs: 60_000, burst: 100_000 };
    const house = await openComposed({
      mcpServers: { notes: { url: notes.url } },
      // Else the eleventh knock would be one too many.
      'x-sekisho': { rateLimit: { onStoreFailure: 'refuse', address: { failures: many } } },
    });
    const { port, who } = house;
    const before = notes.calls();
    const session = await openSession(port, who);
    const doors: readonly (readonly [string, string])[] = [
      ...['/mcp', '/mcp/notes', '/mcp/none'].flatMap((path) =>
        ['POST', 'GET', 'DELETE', 'PUT'].map((method) => [method, path] as const),
      ),
      ['GET', '/status'],
      ['POST', '/status'],
    ];
    for (const [method, path] of doors) {
      for (const headers of [
        {},
        { 'mcp-session-id': session.headers['mcp-session-id']! },
        { authorization: 'Basic bG9jYWw6bG9jYWw=' },
      ]) {
        const got = await send(port, {
          method,
          path,
          headers,
          ...(method === 'POST' ? { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' } : {}),
        });
        expect([method, path, got.status]).toEqual([method, path, 401]);
        expect(got.text).not.toMatch(/notes|version|127\.0\.0\.1/);
      }
    }
    expect(notes.calls()).toBe(before);
    expect((await house.modern('tools/call', { name: 'notes__get', arguments: {} })).text).toContain('got it');
    expect((await send(port, { method: 'GET', path: '/status', headers: who })).status).toBe(200);
  });
});

describe('what whoever runs the gateway may do', () => {
  test('GW-25, GW-26, GW-29, GW-30, GW-41: no key and no page opens the admin port, whatever is asked of it', async () => {
    const house = await openComposed({ mcpServers: {} }, { requestReload: () => Promise.resolve() });
    const folder = join(house.stateFolder, 'admin');
    const place = (await readdir(folder)).find((name) => name.endsWith('.json'))!;
    const { port } = JSON.parse(await readFile(join(folder, place), 'utf8')) as { port: number };
    const token = { authorization: `Bearer ${(await readFile(join(folder, 'token'), 'utf8')).trim()}` };
    // Every route that stands in the sources, so that a new one is asked as well.
    const routes = new Set<string>();
    const source = join(import.meta.dirname, '../../src');
    for (const name of await readdir(source, { recursive: true }))
      if (/^(?:admin|mount|incident|doctor)\/.*\.ts$/.test(name))
        for (const [, route] of (await readFile(join(source, name), 'utf8')).matchAll(
          /'(\/[a-z]+(?:\/[a-z]+)*)': (?:\{|post\(|reload)/g,
        ))
          routes.add(route!);
    expect([...routes]).toEqual(expect.arrayContaining(['/livez', '/readyz', '/metrics', '/status', '/audit/erase']));
    for (const path of [...routes, '/', '/servers', '/config', '/test-connection', '/status/']) {
      for (const method of ['GET', 'POST']) {
        const open = path === '/livez' || path === '/readyz';
        const ask = async (headers: Readonly<Record<string, string>>): Promise<number> =>
          (await send(port, { method, path, headers, ...(method === 'POST' ? { body: '{}' } : {}) })).status;
        // The owner's key has the role "admin" at the data port, and means nothing here.
        for (const headers of [{}, house.who, { authorization: 'Bearer ' }]) {
          const status = await ask(headers);
          expect([method, path, open ? status < 401 || status === 405 || status === 503 : status]).toEqual([
            method,
            path,
            open ? true : 401,
          ]);
        }
        for (const headers of [
          { origin: 'https://evil.example' },
          { host: 'evil.example' },
          { 'sec-fetch-site': 'cross-site' },
        ])
          expect([method, path, await ask({ ...token, ...headers })]).toEqual([method, path, 403]);
      }
    }
    expect((await send(port, { method: 'GET', path: '/status', headers: token })).status).toBe(200);
    expect((await send(port, { method: 'GET', path: '/livez' })).text).toBe('ok\n');
  });

  test('GW-25, GW-26, GW-30, GW-42: at the data port there is nothing to configure, to load or to try out', async () => {
    const { port, who, modern } = await openComposed({ mcpServers: {} });
    const command = { mcpServers: { evil: { command: 'touch', args: ['/tmp/evil'] } } };
    for (const path of [
      '/reload',
      '/servers',
      '/config',
      '/api/servers',
      '/mcp-rest/test/connection',
      '/metrics',
      '/audit/erase',
      '/plugins',
      '/admin',
    ])
      for (const method of ['GET', 'POST', 'PUT'])
        expect([
          path,
          (
            await send(port, {
              path,
              method,
              headers: who,
              ...(method === 'GET' ? {} : { body: JSON.stringify(command) }),
            })
          ).status,
        ]).toEqual([path, 404]);
    for (const method of ['server/add', 'mcp-add', 'config/set', 'mcp-exec'])
      expect([method, (await modern(method, command)).status]).toEqual([method, 404]);
    expect((await modern('tools/list')).status).toBe(200);
  });
});
