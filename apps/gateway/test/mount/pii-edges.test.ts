import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { loadObject } from '../config/load-fixture.ts';
import { startAskingServer } from '../support/asking-server.ts';
import { composed, type Composed } from '../support/composed.ts';
import { leaksIn, planted, sentence, startLeakyServer } from '../support/leaky-server.ts';
import { holdStream, legacyAsk, modernAsk, openSession, send, type Ask } from '../support/mcp-client.ts';
import { openStdio } from '../support/stdio-client.ts';
import { writtenIn } from '../support/written-in.ts';

const capabilities = { elicitation: {}, sampling: {} };
const bothWays = { policy: { rules: [{ direction: 'to-tool', action: 'redact' }] }, descriptions: true };
const patiently = { timeout: 30_000, interval: 25 };
const eras = ['modern', 'legacy'] as const;
/** What a person or a model answers, by what was asked. */
const replyTo = (method: string): object =>
  method === 'elicitation/create'
    ? { action: 'accept', content: { who: sentence } }
    : { role: 'assistant', content: { type: 'text', text: sentence }, model: 'm' };
const answer = (method: string): object => ({ result: replyTo(method) });

const open = async (url: string, pii: object, stdoutTaken = false): Promise<Composed> =>
  await composed(await loadObject({ mcpServers: { leaky: { url } }, 'x-sekisho': { pii } }), { stdoutTaken });

async function leaky(...era: ('modern' | 'legacy')[]): ReturnType<typeof startLeakyServer> {
  const server = await startLeakyServer(sentence, era.length === 0 ? undefined : era);
  onTestFinished(() => server.close());
  return server;
}

async function leftNothing({ composition, logged, folder }: Composed): Promise<void> {
  await composition.close();
  expect(leaksIn(logged())).toEqual([]);
  expect(leaksIn(await writtenIn(join(folder, 'state')))).toEqual([]);
}

describe('R-51: over stdio', () => {
  test.each(eras)('what a server says and asks, and what a client sends and answers, is masked: %s', async (era) => {
    const server = await leaky();
    const gateway = await open(server.url, bothWays, true);
    const client = await openStdio(gateway.composition, era, { capabilities, answer });
    const token = { _meta: { progressToken: 'p' } };
    const asked: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
      ['tools/call', { name: 'leaky__say', arguments: { q: sentence, deep: [{ q: sentence }] }, ...token }],
      ['tools/call', { name: 'leaky__fail', arguments: {}, ...token }],
      ['prompts/get', { name: 'leaky__say', arguments: { q: sentence } }],
      ['resources/read', { uri: 'sekisho://leaky/note://1' }],
      [
        'completion/complete',
        { ref: { type: 'ref/prompt', name: 'leaky__say' }, argument: { name: 'a', value: sentence } },
      ],
      ['tools/list', {}],
      ['prompts/list', {}],
      ['resources/list', {}],
      ['resources/templates/list', {}],
      ['tools/call', { name: 'leaky__ask', arguments: { q: sentence } }],
    ];
    for (const [method, params] of asked) {
      const { text } = await client.ask(method, params);
      expect(text, method).toContain('[EMAIL]');
      expect(leaksIn(text), `${method}: ${text}`).toEqual([]);
    }
    expect(client.text()).toContain('notifications/progress');
    expect(leaksIn(client.text())).toEqual([]);
    const sent = server.requests.map(({ body }) => body).join('\n');
    expect(sent.match(/\[EMAIL\]/g)!.length).toBeGreaterThanOrEqual(4);
    expect(leaksIn(sent)).toEqual([]);
    await leftNothing(gateway);
  });

  test.each(eras)('a secret in an argument stops the call: %s', async (era) => {
    const server = await leaky();
    const gateway = await open(server.url, {}, true);
    const client = await openStdio(gateway.composition, era);
    const { message, text } = await client.ask('tools/call', { name: 'leaky__say', arguments: { q: planted.token } });
    expect(message.error?.code).toBe(-31422);
    expect(leaksIn(text)).toEqual([]);
    expect(server.requests.map(({ body }) => body).join('\n')).not.toContain(planted.token);
  });
});

/** Answers over HTTP whatever a legacy client is asked; what it heard comes back with the answer of the call. */
function answering(port: number, headers: Readonly<Record<string, string>>, ask: Ask): Ask {
  return async (method, params) => {
    const seen = new Set<unknown>();
    const sent: Promise<unknown>[] = [];
    let heard = '';
    const got = await ask(method, params, {
      onText: (text) => {
        heard += text;
        for (const [, data] of heard.matchAll(/^data: (\{.*"method".*\})$/gm)) {
          const question = JSON.parse(data!) as { id?: unknown; method: string };
          if (question.id === undefined || seen.has(question.id)) continue;
          seen.add(question.id);
          const reply = { jsonrpc: '2.0', id: question.id, ...answer(question.method) };
          sent.push(send(port, { headers, body: JSON.stringify(reply) }));
        }
      },
    });
    await Promise.all(sent);
    expect(seen.size).toBeGreaterThan(0);
    return got;
  };
}

describe('R-51: across the eras', () => {
  test('a legacy client is asked by a modern server: questions, answers and the result are masked', async () => {
    const server = await leaky('modern');
    const gateway = await open(server.url, bothWays);
    const { headers } = await openSession(gateway.port, gateway.who, capabilities);
    const ask = answering(gateway.port, headers, legacyAsk(gateway.port, headers));
    const { text } = await ask('tools/call', { name: 'leaky__ask', arguments: { q: sentence } });
    expect(text).toContain('elicitation/create');
    expect(text).toContain('sampling/createMessage');
    expect(text).toContain('"structuredContent"');
    expect(text.match(/\[EMAIL\]/g)!.length).toBeGreaterThanOrEqual(4);
    expect(leaksIn(text), text).toEqual([]);
    const round = server.requests.find(({ body }) => body.includes('inputResponses'))!.body;
    expect(round.match(/\[EMAIL\]/g)!.length).toBeGreaterThanOrEqual(3);
    expect(leaksIn(server.requests.map(({ body }) => body).join('\n'))).toEqual([]);
    await leftNothing(gateway);
  });

  test.each(['elicitation/create', 'sampling/createMessage'])(
    'a modern client is asked by a legacy server: a parked call of %s is masked on both ways',
    async (method) => {
      const params =
        method === 'elicitation/create'
          ? {
              message: sentence,
              requestedSchema: { type: 'object', properties: { who: { type: 'string', description: sentence } } },
            }
          : { messages: [{ role: 'user', content: { type: 'text', text: sentence } }], maxTokens: 10 };
      const asking = await startAskingServer({ method, params });
      onTestFinished(() => asking.close());
      const gateway = await open(asking.url, bothWays);
      const ask = modernAsk(gateway.port, gateway.who, capabilities);
      const call = { name: 'leaky__ask', arguments: { q: sentence } };
      const first = await ask('tools/call', call);
      expect(first.text).toContain('[EMAIL]');
      expect(leaksIn(first.text), first.text).toEqual([]);
      const { inputRequests, requestState } = first.message.result as {
        inputRequests: Readonly<Record<string, object>>;
        requestState: string;
      };
      // A state is handed out to be brought back; it may not be a way to carry what was masked.
      expect(leaksIn(Buffer.from(requestState, 'base64url').toString('latin1'))).toEqual([]);
      const inputResponses = Object.fromEntries(Object.keys(inputRequests).map((key) => [key, replyTo(method)]));
      const { text } = await ask('tools/call', { ...call, requestState, inputResponses });
      expect(text).toContain('told');
      expect(leaksIn(text), text).toEqual([]);
      expect(asking.told).toHaveLength(1);
      expect(asking.told[0]).toContain('[EMAIL]');
      expect(leaksIn(asking.told[0]!)).toEqual([]);
      await leftNothing(gateway);
    },
  );

  test('a secret in an answer of a modern client does not reach a legacy server', async () => {
    const asking = await startAskingServer({
      method: 'elicitation/create',
      params: { message: 'Which?', requestedSchema: { type: 'object', properties: { who: { type: 'string' } } } },
    });
    onTestFinished(() => asking.close());
    const gateway = await open(asking.url, {});
    const ask = modernAsk(gateway.port, gateway.who, capabilities);
    const call = { name: 'leaky__ask', arguments: {} };
    const first = await ask('tools/call', call);
    const { inputRequests, requestState } = first.message.result as { inputRequests: object; requestState: string };
    const inputResponses = Object.fromEntries(
      Object.keys(inputRequests).map((key) => [key, { action: 'accept', content: { who: planted.token } }]),
    );
    const second = await ask('tools/call', { ...call, requestState, inputResponses });
    expect(second.message.error?.code).toBe(-31422);
    expect(leaksIn(second.text)).toEqual([]);
    expect(asking.told).toEqual([]);
  });
});

describe('R-51: what belongs to no content or to no call', () => {
  test.each([
    ['masked', {}],
    ['withheld where a rule blocks it', { policy: { rules: [{ direction: 'to-model', action: 'block' }] } }],
  ])('the news that a question is done are %s', async (what, pii) => {
    const server = await leaky('legacy');
    const gateway = await open(server.url, pii);
    const { headers } = await openSession(gateway.port, gateway.who, capabilities);
    const stream = await holdStream(gateway.port, { method: 'GET', headers });
    onTestFinished(stream.close);
    // The conversation of this client with the server begins with its first call.
    await legacyAsk(gateway.port, headers)('tools/call', { name: 'leaky__say', arguments: {} });
    const tell = (id: string, said: string) => (): void => {
      server.push('notifications/elicitation/complete', { elicitationId: id, _meta: { note: said } });
      expect(stream.text()).toContain(id);
    };
    await vi.waitFor(tell('one', 'nothing'), patiently);
    if (what === 'masked') await vi.waitFor(tell('two', sentence), patiently);
    else server.push('notifications/elicitation/complete', { elicitationId: 'two', _meta: { note: sentence } });
    await vi.waitFor(tell('three', 'nothing'), patiently);
    expect(stream.text().includes('"two"')).toBe(what === 'masked');
    expect(stream.text().includes('[EMAIL]')).toBe(what === 'masked');
    expect(leaksIn(stream.text())).toEqual([]);
  });

  test('a token in the address of a resource stays a token: it is a name, not content', async () => {
    const server = await leaky();
    const gateway = await open(server.url, {
      policy: {
        rules: [{ labels: ['EMAIL'], direction: 'to-model', action: 'tokenize' }],
        restore: [{ labels: ['EMAIL'], server: 'leaky' }],
      },
    });
    const { headers } = await openSession(gateway.port, gateway.who);
    for (const ask of [modernAsk(gateway.port, gateway.who), legacyAsk(gateway.port, headers)]) {
      const { text } = await ask('tools/call', { name: 'leaky__say', arguments: {} });
      const token = /\[\[EMAIL:[\w-]+\]\]/.exec(text)![0];
      const before = server.requests.length;
      await ask('tools/call', { name: 'leaky__say', arguments: { q: token } });
      expect(
        server.requests
          .slice(before)
          .map(({ body }) => body)
          .join('\n'),
      ).toContain(planted.email);
      const after = server.requests.length;
      const uri = `sekisho://leaky/note://${encodeURIComponent(token)}`;
      await ask('resources/read', { uri });
      await ask('resources/subscribe', { uri });
      expect(
        leaksIn(
          server.requests
            .slice(after)
            .map(({ body }) => body)
            .join('\n'),
        ),
      ).toEqual([]);
    }
  });
});
