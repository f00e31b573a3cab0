import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { clientOf, errorOf, ONCE, rules } from './client.ts';
import { modern, openLimitsHouse, openSession, type Got, type LimitsHouse, type Sent } from './house.ts';

/** Every principal has one message. */
const one = rules({ name: 'once', by: ['principal'], allow: ONCE });

const MODERN: Readonly<Record<string, Sent>> = {
  'server/discover': modern('server/discover'),
  'tools/list': modern('tools/list'),
  'tools/call': modern('tools/call', '"name":"s__echo"'),
  'a tool that is not there': modern('tools/call', '"name":"s__none"'),
  'prompts/list': modern('prompts/list'),
  'prompts/get': modern('prompts/get', '"name":"s__p"'),
  'resources/list': modern('resources/list'),
  'resources/templates/list': modern('resources/templates/list'),
  'resources/read': modern('resources/read', '"uri":"test://r"'),
  'completion/complete': modern(
    'completion/complete',
    '"ref":{"type":"ref/prompt","name":"s__p"},"argument":{"name":"a","value":""}',
  ),
  'subscriptions/listen': modern('subscriptions/listen', '"notifications":{"toolsListChanged":true}'),
  'a method that does not exist': modern('no/such'),
  'a method of the other era': modern('ping'),
  'a notification': {
    headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'notifications/x' },
    body: '{"jsonrpc":"2.0","method":"notifications/x","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}',
  },
};

const rpc = (method: string, params = '{}', id = '1'): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;

const LEGACY: Readonly<Record<string, Sent>> = {
  ping: { body: rpc('ping') },
  'tools/list': { body: rpc('tools/list') },
  'tools/call': { body: rpc('tools/call', '{"name":"s__echo"}') },
  'prompts/list': { body: rpc('prompts/list') },
  'prompts/get': { body: rpc('prompts/get', '{"name":"s__p"}') },
  'resources/list': { body: rpc('resources/list') },
  'resources/templates/list': { body: rpc('resources/templates/list') },
  'resources/read': { body: rpc('resources/read', '{"uri":"test://r"}') },
  'resources/subscribe': { body: rpc('resources/subscribe', '{"uri":"test://r"}') },
  'resources/unsubscribe': { body: rpc('resources/unsubscribe', '{"uri":"test://r"}') },
  'completion/complete': {
    body: rpc('completion/complete', '{"ref":{"type":"ref/prompt","name":"s__p"},"argument":{"name":"a","value":""}}'),
  },
  'logging/setLevel': { body: rpc('logging/setLevel', '{"level":"error"}') },
  'a method that does not exist': { body: rpc('no/such') },
  'notifications/initialized': { body: '{"jsonrpc":"2.0","method":"notifications/initialized"}' },
  'notifications/roots/list_changed': { body: '{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}' },
  'an answer to nothing': { body: '{"jsonrpc":"2.0","id":9,"result":{}}' },
  'the stream for news': { method: 'GET' },
  'the end of a session': { method: 'DELETE' },
};

let house: LimitsHouse;

beforeAll(async () => {
  house = await openLimitsHouse(one);
});
afterAll(() => house.close());

/** The first answer is none of the limits', the second is. */
async function expectOneOnly(send: () => Promise<Got>): Promise<void> {
  const first = await send();
  expect(first.status).not.toBe(429);
  expect(errorOf(first.text)?.code).not.toBe(429);
  expectRefused(await send());
}

function expectRefused({ status, headers, text }: Got): void {
  expect(status).toBe(429);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(headers['ratelimit']).toMatch(/^"once";r=0;t=\d+$/);
  expect(headers['ratelimit-policy']).toBe('"once";q=1;w=3600');
  const body = JSON.parse(text) as Record<string, unknown>;
  if ('jsonrpc' in body) expect(errorOf(text)).toMatchObject({ code: 429, data: { policy: 'once' } });
  else {
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body).toMatchObject({ status: 429, 'violated-policies': ['once'] });
    expect(body['type']).toBe('https://iana.org/assignments/http-problem-types#quota-exceeded');
  }
}

/** Only the head of a stream is waited for. */
async function headOf(client: ReturnType<typeof clientOf>, sent: Sent): Promise<Got> {
  const opened = await client.open(sent);
  if (opened.status === 200 && opened.response.headers['content-type'] === 'text/event-stream') {
    opened.leave();
    return { status: 200, headers: {}, text: '' };
  }
  if (!opened.response.readableEnded) await once(opened.response, 'end');
  return { status: opened.status, headers: opened.response.headers as Got['headers'], text: opened.text() };
}

describe('R-40: a limit of one counts (modern)', () => {
  test.each(Object.entries(MODERN))('%s', async (name, sent) => {
    const client = clientOf(house, `modern ${name}`);
    await expectOneOnly(() => headOf(client, sent));
  });
});

describe('R-40: a limit of one counts (legacy)', () => {
  test('initialize', async () => {
    const body = rpc('initialize', '{"protocolVersion":"2025-11-25","capabilities":{}}');
    const client = clientOf(house, 'initialize');
    await expectOneOnly(() => client.send({ body }));
  });

  test.each(Object.entries(LEGACY))('%s', async (name, sent) => {
    // Opening the session takes one of two.
    const two = await openLimitsHouse(rules({ name: 'once', by: ['principal'], allow: { ...ONCE, burst: 2 } }));
    try {
      const client = clientOf(two, name);
      const session = await openSession({ name: 'node:http', send: (it) => client.send(it) });
      const headers = { ...session, accept: sent.method === 'GET' ? 'text/event-stream' : undefined };
      const send = (): Promise<Got> =>
        headOf(client, { ...sent, headers: Object.fromEntries(Object.entries(headers).filter(([, v]) => v)) });
      await expectOneOnly(send);
    } finally {
      await two.close();
    }
  });

  test('each message of a batch', async () => {
    const three = await openLimitsHouse(rules({ name: 'once', by: ['principal'], allow: { ...ONCE, burst: 3 } }));
    try {
      const client = clientOf(three, 'batch');
      const session = await openSession({ name: 'node:http', send: (it) => client.send(it) }, '2025-03-26');
      const body = `[${['1', '2', '3', '4'].map((id) => rpc('ping', '{}', id)).join(',')}]`;
      const { status, text } = await client.send({ headers: session, body });
      expect(status).toBe(200);
      const answers = JSON.parse(text) as { error?: { code: number } }[];
      expect(answers.map(({ error }) => error?.code)).toEqual([undefined, undefined, 429, 429]);
    } finally {
      await three.close();
    }
  });
});

describe('stdio', () => {
  test.each([
    ['modern', modern('tools/list').body as string],
    ['legacy', rpc('ping')],
    ['a method that does not exist', modern('no/such').body as string],
  ])('%s: counted, and told in JSON-RPC alone', async (_name, line) => {
    const { gateway, close } = await openLimitsHouse(one);
    try {
      const input = new PassThrough();
      const output = new PassThrough();
      const lines: string[] = [];
      output.on('data', (chunk) => lines.push(...String(chunk).split('\n').filter(Boolean)));
      const served = gateway.serveStdio(input, output);
      input.write(`${line}\n`);
      await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 10_000 });
      expect(errorOf(lines[0]!)?.code).not.toBe(429);
      input.write(`${line}\n`);
      await vi.waitFor(() => expect(lines).toHaveLength(2), { timeout: 10_000 });
      expect(errorOf(lines[1]!)).toMatchObject({ code: 429, data: { policy: 'once' } });
      input.end();
      await served;
    } finally {
      await close();
    }
  });
});

describe('what is never refused', () => {
  test('a cancellation, however little is left', async () => {
    const two = await openLimitsHouse(rules({ name: 'once', by: ['principal'], allow: { ...ONCE, burst: 2 } }));
    try {
      const client = clientOf(two, 'canceller');
      const session = await openSession({ name: 'node:http', send: (it) => client.send(it) });
      client.begin({ headers: session, body: rpc('tools/call', '{"name":"s__hold","arguments":{"text":"x"}}', '7') });
      await vi.waitFor(() => expect(two.held).toHaveLength(1), { timeout: 10_000 });
      expectRefused(await client.send({ headers: session, body: rpc('ping') }));
      const body = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}';
      expect((await client.send({ headers: session, body })).status).toBe(202);
      await vi.waitFor(() => expect(two.held).toHaveLength(0), { timeout: 10_000 });
    } finally {
      await two.close();
    }
  });
});

test('a list of methods of the protocol that is not here fails', async () => {
  const source = await readFile(new URL('../../../../packages/protocol/src/methods.ts', import.meta.url), 'utf8');
  const covered = new Set([...Object.keys(MODERN), ...Object.keys(LEGACY), 'initialize']);
  const served = [...source.matchAll(/{ name: '([^']+)', eras: \w+, kind: '(\w+)'/g)];
  expect(served.length).toBeGreaterThan(10);
  // The extension for tasks has its own tests.
  expect(served.filter(([, name, kind]) => kind !== 'task' && !covered.has(name!)).map(([, name]) => name)).toEqual([]);
});
