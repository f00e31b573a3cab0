import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayOptions, Principal, UpstreamSpec } from '../../src/index.ts';
import { startRawHttp } from '../fixtures/servers/raw/http.ts';
import type { RawHttp } from '../fixtures/servers/raw/http.ts';
import type { RawServer } from '../fixtures/servers/raw/server.ts';
import { startTestGateway } from '../support/gateway.ts';
import { LegacyClient } from '../support/legacy-client.ts';
import { ModernClient } from '../support/modern-client.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const shelf = (name: string): RawServer => ({
  name,
  capabilities: { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true } },
  methods: {
    'tools/list': () => '{"tools":[],"resultType":"complete","ttlMs":0,"cacheScope":"public"}',
    'resources/list': () =>
      '{"resources":[{"uri":"book://one","name":"one"},{"uri":"book://two","name":"two"}],"resultType":"complete","ttlMs":0,"cacheScope":"public"}',
    'resources/templates/list': () =>
      '{"resourceTemplates":[],"resultType":"complete","ttlMs":0,"cacheScope":"public"}',
    'resources/subscribe': () => '{}',
    'resources/unsubscribe': () => '{}',
  },
});

async function house(names: readonly string[], options: Partial<GatewayOptions> = {}, port = 0) {
  const servers = new Map<string, RawHttp>();
  for (const name of names) {
    const server = await startRawHttp(shelf(name), { eras: ['modern'], port });
    closers.push(() => server.close());
    servers.set(name, server);
  }
  const spec = (name: string): UpstreamSpec => ({
    name,
    kind: 'http',
    url: servers.get(name)!.url,
    transport: 'streamable-http',
    headers: {},
  });
  const gate = await startTestGateway({
    upstreams: names.map(spec),
    authenticate: ({ header }): Principal => ({ id: header('x-user') ?? 'ada' }),
    ...options,
  });
  closers.push(() => gate.close());
  const client = (user = 'ada') => new ModernClient(gate.url, { headers: { 'x-user': user } });
  return { servers, gate, spec, client };
}

const one = (server: string) => `sekisho://${server}/book://one`;
const two = (server: string) => `sekisho://${server}/book://two`;
const updated =
  (uri: string) =>
  ({ params }: { params?: Record<string, unknown> }) =>
    params?.['uri'] === uri;
const listens = (server: RawHttp) =>
  server.requests
    .filter(({ body }) => body.includes('subscriptions/listen'))
    .map(
      ({ body }) => (JSON.parse(body) as { params: { notifications: Record<string, unknown> } }).params.notifications,
    );

describe('subscriptions/listen', () => {
  it('is one stream for all servers, acknowledged first, tagged, each client hearing what it asked for', async () => {
    const { servers, client } = await house(['a', 'b']);
    const both = await client().listen({
      toolsListChanged: true,
      resourceSubscriptions: [one('a'), one('b'), 'no://where'],
    });
    const few = await client('eve').listen({ resourceSubscriptions: [two('a')] });
    expect(both.acknowledged).toEqual({ toolsListChanged: true, resourceSubscriptions: [one('a'), one('b')] });
    servers.get('a')!.push('notifications/resources/updated', { uri: 'book://one' });
    servers.get('b')!.push('notifications/resources/updated', { uri: 'book://one' });
    servers.get('a')!.push('notifications/resources/updated', { uri: 'book://two' });
    await both.until(updated(one('a')));
    await both.until(updated(one('b')));
    await few.until(updated(two('a')));
    expect(both.heard.some(updated(two('a')))).toBe(false);
    expect(few.heard.filter(({ method }) => method === 'notifications/resources/updated')).toHaveLength(1);
    for (const { params } of both.heard)
      expect(params!['_meta']).toEqual({ 'io.modelcontextprotocol/subscriptionId': both.id });
    both.close();
    few.close();
  });

  it('shares one stream to each server, which asks for what anybody wants and no more', async () => {
    const { servers, client } = await house(['a']);
    const server = servers.get('a')!;
    const first = await client().listen({ resourceSubscriptions: [one('a')] });
    const count = listens(server).length;
    const same = await client('eve').listen({ resourceSubscriptions: [one('a')] });
    expect(listens(server)).toHaveLength(count);
    const other = await client('eve').listen({ resourceSubscriptions: [two('a')] });
    expect(listens(server).at(-1)!['resourceSubscriptions']).toEqual(['book://one', 'book://two']);
    other.close();
    await expect.poll(() => listens(server).at(-1)!['resourceSubscriptions']).toEqual(['book://one']);
    first.close();
    same.close();
    await expect.poll(() => listens(server).at(-1)).toEqual({ toolsListChanged: true, resourcesListChanged: true });
  });

  it('tells nobody of what the rules hide from them, also when the rules change while it is open', async () => {
    let open = true;
    const { servers, client } = await house(['a'], {
      decide: ({ id }, { kind, name }) =>
        kind === 'subscription' && name === 'book://one' && (id === 'eve' || !open)
          ? { refused: 'forbidden' }
          : undefined,
    });
    const ada = await client().listen({ resourceSubscriptions: [one('a'), two('a')] });
    const eve = await client('eve').listen({ resourceSubscriptions: [one('a'), two('a')] });
    expect(eve.acknowledged).toEqual({ resourceSubscriptions: [two('a')] });
    open = false;
    servers.get('a')!.push('notifications/resources/updated', { uri: 'book://one' });
    servers.get('a')!.push('notifications/resources/updated', { uri: 'book://two' });
    await ada.until(updated(two('a')));
    await eve.until(updated(two('a')));
    for (const stream of [ada, eve]) {
      expect(stream.heard.some(updated(one('a')))).toBe(false);
      stream.close();
    }
  });

  it('after a gap says that what was listened to may have changed', async () => {
    const { servers, client } = await house(['a']);
    const stream = await client().listen({ resourceSubscriptions: [one('a')] });
    const { url } = servers.get('a')!;
    await servers.get('a')!.close();
    const again = await startRawHttp(shelf('a'), { eras: ['modern'], port: Number(new URL(url).port) });
    closers.push(() => again.close());
    await stream.until(updated(one('a')), 15_000);
    stream.close();
  });

  it('goes on at the server that a reload puts in the place of the first', async () => {
    const { servers, gate, spec, client } = await house(['a', 'b']);
    const stream = await client().listen({ resourceSubscriptions: [one('a')] });
    await gate.gateway.reload([{ ...spec('b'), name: 'a' }]);
    await expect.poll(() => listens(servers.get('b')!).at(-1)?.['resourceSubscriptions']).toEqual(['book://one']);
    await expect
      .poll(() => {
        servers.get('b')!.push('notifications/resources/updated', { uri: 'book://one' });
        return stream.heard.some(updated(one('a')));
      })
      .toBe(true);
    stream.close();
  });

  it('ends gracefully when the gateway closes, and when the credential does', async () => {
    const { gate, client } = await house(['a'], {
      authenticate: ({ header }): Principal =>
        header('x-user') === 'eve' ? { id: 'eve', expiresAtSeconds: Date.now() / 1000 + 0.3 } : { id: 'ada' },
    });
    const eve = await client('eve').listen({ toolsListChanged: true });
    const ada = await client().listen({ toolsListChanged: true });
    const ending = (await eve.until(({ result }) => result !== undefined)).result;
    expect(ending).toEqual({ resultType: 'complete', _meta: { 'io.modelcontextprotocol/subscriptionId': eve.id } });
    expect(ada.ended).toBe(false);
    await gate.gateway.close();
    expect((await ada.until(({ result }) => result !== undefined)).id).toBe(ada.id);
  });
});

describe('resources/subscribe of a legacy client', () => {
  it('becomes a listen at a modern server, counted with those of modern ones', async () => {
    const { servers, gate, client } = await house(['a']);
    const server = servers.get('a')!;
    const legacy = await LegacyClient.open(gate.url);
    expect((await legacy.request('resources/subscribe', { uri: one('a') })).result).toEqual({});
    expect(listens(server).at(-1)!['resourceSubscriptions']).toEqual(['book://one']);
    const modern = await client().listen({ resourceSubscriptions: [one('a')] });
    expect((await legacy.request('resources/unsubscribe', { uri: one('a') })).result).toEqual({});
    server.push('notifications/resources/updated', { uri: 'book://one' });
    await modern.until(updated(one('a')));
    modern.close();
    await expect.poll(() => listens(server).at(-1)).not.toHaveProperty('resourceSubscriptions');
  });
});

describe('order', () => {
  it('is kept however long a filter looks at each message', async () => {
    const waiting: (() => void)[] = [];
    const talk: RawServer = {
      name: 'talk',
      capabilities: { tools: {} },
      methods: {
        'tools/list': () =>
          '{"tools":[{"name":"t","inputSchema":{"type":"object"}}],"resultType":"complete","ttlMs":0,"cacheScope":"public"}',
        'tools/call': (call) => {
          for (let i = 1; i <= 3; i++)
            call.notify('notifications/progress', { progressToken: call.meta['progressToken'], progress: i });
          return '{"content":[{"type":"text","text":"last"}],"resultType":"complete"}';
        },
      },
    };
    const server = await startRawHttp(talk, { eras: ['modern'] });
    closers.push(() => server.close());
    const gate = await startTestGateway({
      upstreams: [{ name: 't', kind: 'http', url: server.url, transport: 'streamable-http', headers: {} }],
      filters: [
        {
          // The first is looked at longest: until all have come.
          outbound: (text) =>
            new Promise((resolve) => {
              waiting.push(() => resolve(text));
              if (text.includes('"last"')) for (const go of waiting.toReversed()) go();
            }),
        },
      ],
    });
    closers.push(() => gate.close());
    const heard: unknown[] = [];
    const answer = await new ModernClient(gate.url).request(
      'tools/call',
      { name: 't__t', _meta: { progressToken: 'p' } },
      ({ params }) => heard.push(params?.['progress']),
    );
    expect(heard).toEqual([1, 2, 3]);
    expect(JSON.stringify(answer.result)).toContain('last');
  });
});
