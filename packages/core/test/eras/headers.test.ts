import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayOptions } from '../../src/index.ts';
import { RawError, type RawServer } from '../fixtures/servers/raw/server.ts';
import { startRawHttp } from '../fixtures/servers/raw/http.ts';
import type { RawHttp, RawHttpOptions } from '../fixtures/servers/raw/http.ts';
import { startTestGateway } from '../support/gateway.ts';
import { LegacyClient } from '../support/legacy-client.ts';
import { ModernClient } from '../support/modern-client.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const property = (type: string, header: string) => ({ type, 'x-mcp-header': header });

/** A tool that wants its arguments repeated; under `stale`, its header has another name until the list is read again. */
function picky(): RawServer & { lists: number; calls: number } {
  const state = {
    lists: 0,
    calls: 0,
    name: 'picky',
    capabilities: { tools: {} },
    methods: {
      'tools/list': () => {
        const number = ++state.lists === 1 ? 'Old' : 'New';
        const tool = (name: string, properties: object) => ({ name, inputSchema: { type: 'object', properties } });
        return JSON.stringify({
          resultType: 'complete',
          ttlMs: 0,
          cacheScope: 'public',
          tools: [
            tool('repeat', { text: property('string', 'Text'), count: property('integer', 'Count') }),
            tool('stale', { text: property('string', number) }),
            tool('broken', { text: property('number', 'Bad') }),
          ],
        });
      },
      'tools/call': ({ params }: { params: Readonly<Record<string, unknown>> }) => {
        state.calls++;
        if (params['name'] === 'stale' && state.lists < 2) throw new RawError(-32020, 'headers', { status: 400 });
        return '{"resultType":"complete","content":[{"type":"text","text":"done"}]}';
      },
    },
  };
  return state;
}

interface Place {
  readonly server: RawHttp;
  readonly url: string;
  readonly warned: readonly string[];
}

async function house(
  raw: RawServer,
  options: Partial<GatewayOptions> = {},
  http: RawHttpOptions = { eras: ['modern'] },
): Promise<Place> {
  const server = await startRawHttp(raw, http);
  closers.push(() => server.close());
  const warned: string[] = [];
  const quiet = (): void => undefined;
  const gate = await startTestGateway({
    upstreams: [{ name: 'p', kind: 'http', url: server.url, transport: 'auto', headers: {} }],
    log: { debug: quiet, info: quiet, error: quiet, warn: (fields) => warned.push(JSON.stringify(fields)) },
    ...options,
  });
  closers.push(() => gate.close());
  return { server, url: gate.url, warned };
}

const lastCall = ({ server }: Place) => server.requests.findLast(({ body }) => body.includes('"tools/call"'))!;

describe('headers that repeat arguments', () => {
  it('are made from what a filter leaves of them', async () => {
    const place = await house(picky(), { filters: [{ inbound: (text) => text.replace('secret', '[masked]') }] });
    const c = await LegacyClient.open(place.url);
    await c.request('tools/call', { name: 'p__repeat', arguments: { text: 'a secret', count: 3 } });
    expect(lastCall(place).headers).toMatchObject({
      'mcp-param-text': 'a [masked]',
      'mcp-param-count': '3',
      'mcp-name': 'repeat',
    });
    expect(lastCall(place).body).toContain('a [masked]');
  });

  it('have every digit of an integer', async () => {
    const place = await house(picky());
    const send = (count: string, header: string) =>
      fetch(place.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': 'tools/call',
          'mcp-name': 'p__repeat',
          'mcp-param-count': header,
        },
        body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"p__repeat","arguments":{"count":${count}},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`,
      });
    expect((await send('9007199254740993', '9007199254740992')).status).toBe(400);
    expect((await send('9007199254740993', '9007199254740993')).status).toBe(200);
    expect(lastCall(place).headers['mcp-param-count']).toBe('9007199254740993');
    expect(lastCall(place).body).toContain('"count":9007199254740993');
  });

  it('are made anew, once, when the tool wants others', async () => {
    const raw = picky();
    const place = await house(raw);
    const c = await LegacyClient.open(place.url);
    const answer = await c.request('tools/call', { name: 'p__stale', arguments: { text: 'x' } });
    expect(answer.result).toMatchObject({ content: [{ text: 'done' }] });
    expect(raw.calls).toBe(2);
    expect(lastCall(place).headers).toMatchObject({ 'mcp-param-new': 'x' });
    expect(lastCall(place).headers).not.toHaveProperty('mcp-param-old');
  });

  it('that cannot be are no tool at all, and it is said', async () => {
    const place = await house(picky());
    const names = (await new ModernClient(place.url).request('tools/list')).result!['tools'] as { name: string }[];
    expect(names.map(({ name }) => name)).toEqual(['p__repeat', 'p__stale']);
    expect(place.warned.join()).toContain('broken');
  });
});

describe('trace context', () => {
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const echo: RawServer = {
    name: 'echo',
    capabilities: { tools: {} },
    methods: {
      'tools/list': () =>
        '{"tools":[{"name":"t","inputSchema":{"type":"object"}}],"resultType":"complete","ttlMs":0,"cacheScope":"public"}',
      'tools/call': () => '{"content":[],"resultType":"complete"}',
    },
  };
  const both = { 'to a modern server': 'modern', 'to a legacy server': 'legacy' } as const;

  it.each(Object.entries(both))('of `_meta` goes on in both places, %s', async (_, era) => {
    const place = await house(echo, {}, { eras: [era] });
    const meta = { traceparent: parent, tracestate: 'a=b', baggage: 'k=v' };
    await new ModernClient(place.url).request('tools/call', { name: 'p__t', _meta: meta });
    expect(lastCall(place).headers).toMatchObject(meta);
    expect((JSON.parse(lastCall(place).body) as { params: { _meta: object } }).params._meta).toMatchObject(meta);
  });

  it.each(Object.entries(both))('of headers goes on in both places, %s', async (_, era) => {
    const place = await house(echo, {}, { eras: [era] });
    const c = await LegacyClient.open(place.url, { headers: { traceparent: parent, baggage: 'k=v' } });
    await c.request('tools/call', { name: 'p__t' });
    expect(lastCall(place).headers).toMatchObject({ traceparent: parent, baggage: 'k=v' });
    expect((JSON.parse(lastCall(place).body) as { params: { _meta: object } }).params._meta).toMatchObject({
      traceparent: parent,
      baggage: 'k=v',
    });
  });

  it('that has not the shape of one is no header', async () => {
    const place = await house(echo);
    const meta = { traceparent: `${parent}\r\nX-Evil: 1`, tracestate: '\u0000', baggage: 'ä' };
    await new ModernClient(place.url).request('tools/call', { name: 'p__t', _meta: meta });
    for (const name of ['traceparent', 'tracestate', 'baggage', 'x-evil'])
      expect(lastCall(place).headers).not.toHaveProperty(name);
  });

  it('and no reserved member of the other hop reaches a legacy server', async () => {
    const place = await house(echo, {}, { eras: ['legacy'] });
    await new ModernClient(place.url, { capabilities: { elicitation: {} } }).request('tools/call', {
      name: 'p__t',
      _meta: { 'com.example/kept': 1, 'io.modelcontextprotocol/future': 2 },
    });
    // The gateway's own probe is how it finds out that the server is a legacy one.
    const later = place.server.requests.filter(({ body }) => !body.includes('"server/discover"'));
    for (const { body } of later) expect(body).not.toContain('io.modelcontextprotocol/');
    expect(lastCall(place).body).toContain('com.example/kept');
  });
});

describe('an app', () => {
  const apps: RawServer = {
    name: 'apps',
    capabilities: { tools: {}, resources: {}, extensions: { 'io.modelcontextprotocol/ui': {} } },
    methods: {
      'tools/list': () =>
        '{"tools":[{"name":"show","inputSchema":{"type":"object"},"_meta":{"ui":{"resourceUri":"ui://board/main"}}}],"resultType":"complete","ttlMs":0,"cacheScope":"public"}',
      'resources/list': () =>
        '{"resources":[{"uri":"ui://board/main","name":"board","mimeType":"text/html;profile=mcp-app"}],"resultType":"complete","ttlMs":0,"cacheScope":"public"}',
      'resources/templates/list': () =>
        '{"resourceTemplates":[],"resultType":"complete","ttlMs":0,"cacheScope":"public"}',
      'resources/read': ({ params }) =>
        JSON.stringify({
          resultType: 'complete',
          ttlMs: 0,
          cacheScope: 'public',
          contents: [
            { uri: params['uri'], text: '<p>', _meta: { ui: { csp: { connectDomains: ['https://x.test'] } } } },
          ],
        }),
      'tools/call': ({ meta }) =>
        JSON.stringify({
          resultType: 'complete',
          content: [],
          structuredContent: { told: meta['io.modelcontextprotocol/clientCapabilities'] },
          _meta: { ui: { resourceUri: 'ui://board/main' } },
        }),
    },
  };
  const UI = { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } };

  it('is announced, named, read and told of under one URI, in both eras', async () => {
    const place = await house(apps);
    const uri = 'ui://sekisho/p/board/main';
    const modern = new ModernClient(place.url, { capabilities: { extensions: UI } });
    const legacy = await LegacyClient.open(place.url, { capabilities: { extensions: UI } });
    const discovered = (await modern.request('server/discover')).result!['capabilities'];
    expect(discovered).toMatchObject({ extensions: { 'io.modelcontextprotocol/ui': {} } });
    for (const client of [modern, legacy]) {
      const [tool] = (await client.request('tools/list')).result!['tools'] as object[];
      expect(tool).toMatchObject({ _meta: { ui: { resourceUri: uri } } });
      expect((await client.request('resources/read', { uri })).result).toMatchObject({
        contents: [{ uri, text: '<p>', _meta: { ui: { csp: { connectDomains: ['https://x.test'] } } } }],
      });
      expect((await client.request('tools/call', { name: 'p__show', arguments: {} })).result).toMatchObject({
        _meta: { ui: { resourceUri: uri } },
        structuredContent: { told: { extensions: UI } },
      });
    }
  });
});
