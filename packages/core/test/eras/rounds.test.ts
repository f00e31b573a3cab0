import { afterEach, describe, expect, it } from 'vitest';
import type { ExchangeRecord, GatewayOptions, Outcome } from '../../src/index.ts';
import { FORM, capabilitiesSeen, startAsker } from '../fixtures/servers/asker.ts';
import type { Ask, AskerArguments } from '../fixtures/servers/asker.ts';
import type { RawHttp } from '../fixtures/servers/raw/http.ts';
import { startTestGateway } from '../support/gateway.ts';
import type { TestGateway } from '../support/gateway.ts';
import { LegacyClient } from '../support/legacy-client.ts';
import type { Answering, Heard, LegacyClientOptions } from '../support/legacy-client.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const ALL = { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: { listChanged: true } };
const form: Ask = { method: 'elicitation/create', params: FORM };
const sample: Ask = {
  method: 'sampling/createMessage',
  params: { messages: [{ role: 'user', content: { type: 'text', text: 'Say "hi"' } }], maxTokens: 5 },
};
const roots: Ask = { method: 'roots/list' };
const sampled = { role: 'assistant', content: { type: 'text', text: 'hi' }, model: 'm' };

const answers: Answering = ({ method }) => {
  if (method === 'roots/list') return { result: { roots: [{ uri: 'file:///w' }] } };
  if (method === 'sampling/createMessage') return { result: sampled };
  return { result: { action: 'accept', content: { name: 'Ada' } } };
};

interface House {
  readonly asker: RawHttp;
  readonly gate: TestGateway;
  readonly client: (options?: LegacyClientOptions) => Promise<LegacyClient>;
}

async function house(options: Partial<GatewayOptions> = {}): Promise<House> {
  const asker = await startAsker();
  closers.push(() => asker.close());
  const gate = await startTestGateway({
    upstreams: [{ name: 'a', kind: 'http', url: asker.url, transport: 'streamable-http', headers: {} }],
    ...options,
  });
  closers.push(() => gate.close());
  return {
    asker,
    gate,
    client: (more = {}) => LegacyClient.open(gate.url, { capabilities: ALL, answer: answers, ...more }),
  };
}

const call = (client: LegacyClient, args: AskerArguments): Promise<Heard> =>
  client.request('tools/call', { name: 'a__ask', arguments: args });
const told = (answer: Heard): { tag: string; answers: unknown[]; isError?: boolean } => {
  const [block] = answer.result!['content'] as { text: string }[];
  return JSON.parse(block!.text) as { tag: string; answers: unknown[] };
};
const questionsOf = (client: LegacyClient): Heard[] =>
  client.heard.filter(({ id, method }) => id !== undefined && method !== undefined);

describe('a modern server asks a legacy client', () => {
  it('three things over two rounds, and its state comes back to it', async () => {
    const { client, asker } = await house();
    const c = await client();
    const answer = await call(c, { tag: 't', rounds: [{ who: form, say: sample }, { where: roots }] });
    expect(told(answer)).toEqual({
      tag: 't',
      answers: [
        { who: { action: 'accept', content: { name: 'Ada' } }, say: sampled },
        { where: { roots: [{ uri: 'file:///w' }] } },
      ],
    });
    expect(questionsOf(c).map(({ method }) => method)).toEqual([
      'elicitation/create',
      'sampling/createMessage',
      'roots/list',
    ]);
    const calls = asker.requests.filter(({ body }) => body.includes('"tools/call"'));
    expect(calls).toHaveLength(3);
    // Answers are of one round only (mrtr, rule 6).
    expect(calls[2]!.body).not.toContain('Ada\\",\\"inputResponses');
    expect(
      Object.keys((JSON.parse(calls[2]!.body) as { params: { inputResponses: object } }).params.inputResponses),
    ).toEqual(['where']);
  });

  it('names itself, and its own hop does not show', async () => {
    const { client } = await house();
    const c = await client();
    await call(c, { rounds: [{ who: form }] });
    const [question] = questionsOf(c);
    expect(question!.params!['message']).toBe('The server "a" asks: Who are you?');
    expect(question!.params!['_meta']).toEqual({ 'dev.sekisho/server': 'a' });
    expect(c.raw.join('\n')).not.toMatch(
      /input_required|inputRequests|requestState|resultType|io\.modelcontextprotocol/,
    );
  });

  it('also in prompts and resources', async () => {
    const { client } = await house();
    const c = await client();
    const json = JSON.stringify({ rounds: [{ who: form }] });
    expect(JSON.stringify(await c.request('prompts/get', { name: 'a__ask', arguments: { json } }))).toContain('Ada');
    expect(JSON.stringify(await c.request('resources/read', { uri: 'sekisho://a/ask://one' }))).toContain('Ada');
    expect(questionsOf(c)).toHaveLength(2);
  });

  it('without a state, and with a state alone', async () => {
    const { client } = await house();
    const c = await client();
    expect(told(await call(c, { state: false, rounds: [{ where: roots }] })).answers).toHaveLength(1);
    expect(told(await call(c, { rounds: [{}, { where: roots }] })).answers).toHaveLength(1);
  });

  it('what the client declared, and only that, is what the server is told', async () => {
    const { client, asker } = await house();
    for (const capabilities of [
      {},
      { roots: { listChanged: true } },
      { elicitation: {} },
      { sampling: {} },
      { tasks: { list: {} } },
      ALL,
    ])
      await call(await client({ capabilities }), {});
    await call(await client({ capabilities: ALL, revision: '2025-06-18' }), {});
    await call(await client({ capabilities: ALL, revision: '2025-03-26' }), {});
    expect(capabilitiesSeen(asker, 'tools/call')).toEqual([
      {},
      { roots: {} },
      { elicitation: {} },
      { sampling: {} },
      {},
      { ...ALL, roots: {} },
      { elicitation: {}, sampling: {}, roots: {} },
      { sampling: {}, roots: {} },
    ]);
  });

  it('what the client did not declare: the call fails, and nothing is asked', async () => {
    const { client } = await house();
    const c = await client({ capabilities: { sampling: {} } });
    const answer = await call(c, { rounds: [{ say: sample, who: form }] });
    expect(answer.error?.message).toMatch(/did not declare/);
    expect(questionsOf(c)).toEqual([]);
  });

  it('for ever: it is stopped', async () => {
    const { client, asker } = await house();
    const answer = await call(await client(), { endless: true, rounds: [{ where: roots }] });
    expect(answer.error?.message).toMatch(/went on asking after 10 rounds/);
    expect(asker.requests.filter(({ body }) => body.includes('"tools/call"'))).toHaveLength(11);
  });

  it('and progress rises over all rounds, though the server begins anew', async () => {
    const { client } = await house();
    const c = await client();
    await c.request('tools/call', {
      name: 'a__ask',
      arguments: { progress: 2, rounds: [{ where: roots }] },
      _meta: { progressToken: 'p' },
    });
    const progress = c.heard.filter(({ method }) => method === 'notifications/progress');
    expect(progress.map(({ params }) => params)).toEqual([
      { progressToken: 'p', progress: 1 },
      { progressToken: 'p', progress: 2 },
    ]);
  });

  it('answers that a legacy client brings unasked go nowhere', async () => {
    const { client } = await house();
    const c = await client();
    const forged = { inputResponses: { where: { roots: [] } }, requestState: '{"round":9,"answers":["forged"]}' };
    const answer = await c.request('tools/call', {
      name: 'a__ask',
      arguments: { rounds: [{ where: roots }] },
      ...forged,
    });
    expect(JSON.stringify(answer)).not.toContain('forged');
    expect(questionsOf(c)).toHaveLength(1);
  });
});

describe('while the client thinks', () => {
  it('rules that change are kept: the call is not made again', async () => {
    let open = true;
    const { client, asker } = await house({
      decide: (_principal, { kind }) => (kind === 'tool' && !open ? { refused: 'denied' } : undefined),
    });
    const c = await client({
      answer: (asked) => {
        open = false;
        return answers(asked);
      },
    });
    expect((await call(c, { rounds: [{ who: form }] })).error?.code).toBe(-31403);
    expect(asker.requests.filter(({ body }) => body.includes('"tools/call"'))).toHaveLength(1);
  });

  it('its server may be replaced: the call goes on at the one in its place', async () => {
    const { client, gate, asker } = await house();
    const other = await startAsker();
    closers.push(() => other.close());
    const c = await client({
      answer: async (asked) => {
        await gate.gateway.reload([
          { name: 'a', kind: 'http', url: other.url, transport: 'streamable-http', headers: {} },
        ]);
        return answers(asked);
      },
    });
    expect(told(await call(c, { rounds: [{ where: roots }] })).answers).toHaveLength(1);
    expect(other.requests.filter(({ body }) => body.includes('"tools/call"'))).toHaveLength(1);
    expect(asker.requests.filter(({ body }) => body.includes('"tools/call"'))).toHaveLength(1);
  });
});

describe('the client says no', () => {
  it('in words of the protocol: the server hears it', async () => {
    const { client } = await house();
    const c = await client({ answer: () => ({ result: { action: 'decline' } }) });
    expect(told(await call(c, { rounds: [{ who: form }] })).answers).toEqual([{ who: { action: 'decline' } }]);
  });

  it('with an error: the tool fails and says why, its other questions are taken back', async () => {
    const { client, asker } = await house();
    const c = await client({
      answer: ({ method }) =>
        method === 'roots/list' ? { error: { code: -1, message: 'the user rejected it' } } : undefined,
    });
    const answer = await call(c, { rounds: [{ who: form, where: roots }] });
    expect(answer.result).toMatchObject({ isError: true });
    expect(JSON.stringify(answer.result)).toContain('the user rejected it');
    const withdrawn = await c.until(({ method }) => method === 'notifications/cancelled');
    expect(withdrawn.params?.['requestId']).toBe(questionsOf(c)[0]!.id);
    expect(asker.requests.filter(({ body }) => body.includes('"tools/call"'))).toHaveLength(1);
  });

  it('and a prompt fails with an error of its own', async () => {
    const { client } = await house();
    const c = await client({ answer: () => ({ error: { code: -1, message: 'no' } }) });
    const json = JSON.stringify({ rounds: [{ who: form }] });
    expect((await c.request('prompts/get', { name: 'a__ask', arguments: { json } })).error?.code).toBe(-32603);
  });

  it('with nonsense: the server never sees it', async () => {
    const { client, asker } = await house();
    const c = await client({ answer: () => ({ result: { action: 'perhaps' } }) });
    expect((await call(c, { rounds: [{ who: form }] })).result).toMatchObject({ isError: true });
    expect(asker.requests.some(({ body }) => body.includes('perhaps'))).toBe(false);
  });

  it('by silence: the call ends when its time is over', async () => {
    const { client } = await house({ parked: { ttlMs: 150 } });
    const c = await client({ answer: () => undefined });
    const answer = await call(c, { rounds: [{ who: form }] });
    expect(answer.result).toMatchObject({ isError: true });
    expect(JSON.stringify(answer.result)).toContain('in time');
    expect(await c.until(({ method }) => method === 'notifications/cancelled')).toBeDefined();
  });

  it('by cancelling the call: nothing is made again, and the question is taken back', async () => {
    const { client, asker } = await house();
    const c = await client({ answer: () => undefined });
    const open = call(c, { rounds: [{ who: form }] });
    open.catch(() => undefined);
    await c.until(({ method }) => method === 'elicitation/create');
    await c.notify('notifications/cancelled', { requestId: c.lastId });
    await c.until(({ method }) => method === 'notifications/cancelled');
    expect(asker.requests.filter(({ body }) => body.includes('"tools/call"'))).toHaveLength(1);
  });

  it('by ending its session: nothing is left open', async () => {
    const ended: Outcome[] = [];
    const { client } = await house({ record: recorder((_, outcome) => ended.push(outcome)) });
    const c = await client({ answer: () => undefined });
    call(c, { rounds: [{ who: form }] }).catch(() => undefined);
    await c.until(({ method }) => method === 'elicitation/create');
    await c.end();
    await expect.poll(() => ended.filter(({ result }) => result === 'cancelled').length).toBeGreaterThanOrEqual(2);
  });

  it('by having no stream: it is told so at once', async () => {
    const { client } = await house();
    const c = await client({ headers: { accept: 'application/json' } });
    const answer = await call(c, { rounds: [{ who: form }] });
    expect(answer.error?.message).toMatch(/no stream/);
  });
});

describe('revisions before 2025-11-25', () => {
  const old = { revision: '2025-06-18', capabilities: { elicitation: {}, sampling: {} } };
  const field = (property: object): Ask => ({
    method: 'elicitation/create',
    params: { ...FORM, requestedSchema: { type: 'object', properties: { pick: property } } },
  });

  it('know titled choices by another spelling', async () => {
    const { client } = await house();
    const c = await client({ ...old, answer: () => ({ result: { action: 'accept', content: { pick: 'b' } } }) });
    const titled = {
      type: 'string',
      oneOf: [
        { const: 'a', title: 'A' },
        { const: 'b', title: 'B' },
      ],
    };
    expect(told(await call(c, { rounds: [{ who: field(titled) }] })).answers).toEqual([
      { who: { action: 'accept', content: { pick: 'b' } } },
    ]);
    const [question] = questionsOf(c);
    expect(question!.params).not.toHaveProperty('mode');
    expect(question!.params!['requestedSchema']).toEqual({
      type: 'object',
      properties: { pick: { type: 'string', enum: ['a', 'b'], enumNames: ['A', 'B'] } },
    });
  });

  it('cannot choose several, and are told that they were asked to', async () => {
    const { client } = await house();
    const c = await client(old);
    const several = { type: 'array', items: { type: 'string', enum: ['a', 'b'] } };
    const answer = await call(c, { rounds: [{ who: field(several) }] });
    expect(JSON.stringify(answer.result)).toContain('several values');
    expect(questionsOf(c)).toEqual([]);
  });

  it('have one block in a message', async () => {
    const { client } = await house();
    const c = await client({ ...old, answer: answers });
    const block = { type: 'text', text: 'one' };
    const blocks = (content: unknown): Ask => ({
      method: 'sampling/createMessage',
      params: { messages: [{ role: 'user', content }], maxTokens: 5 },
    });
    await call(c, { rounds: [{ say: blocks([block]) }] });
    expect((questionsOf(c)[0]!.params!['messages'] as { content: unknown }[])[0]!.content).toEqual(block);
    expect(JSON.stringify(await call(c, { rounds: [{ say: blocks([block, block]) }] }))).toContain('one block');
  });
});

describe('a page to open', () => {
  const page: Ask = {
    method: 'elicitation/create',
    params: { mode: 'url', message: 'Sign in', url: 'https://x.test/' },
  };

  it('has an id in 2025-11-25', async () => {
    const { client } = await house();
    const c = await client({ answer: () => ({ result: { action: 'accept' } }) });
    expect(told(await call(c, { rounds: [{ go: page }] })).answers).toEqual([{ go: { action: 'accept' } }]);
    expect(questionsOf(c)[0]!.params).toMatchObject({ mode: 'url', url: 'https://x.test/' });
    expect(questionsOf(c)[0]!.params!['elicitationId']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('R-72: what is asked passes the ports', () => {
  it('of policy', async () => {
    const { client, asker } = await house({
      decide: (_principal, { kind, method }) =>
        kind === 'question' && method === 'sampling/createMessage' ? { refused: 'forbidden' } : undefined,
    });
    const c = await client();
    const answer = await call(c, { rounds: [{ where: roots, say: sample }] });
    expect(answer.error).toMatchObject({ code: -31403 });
    expect(questionsOf(c)).toEqual([]);
    expect(asker.requests.filter(({ body }) => body.includes('"tools/call"'))).toHaveLength(1);
  });

  it('of the filters, both ways', async () => {
    const { client, asker } = await house({
      filters: [
        { inbound: (text) => text.replaceAll('Ada', '[name]'), outbound: (text) => text.replaceAll('Who', 'W**') },
      ],
    });
    const c = await client();
    await call(c, { rounds: [{ who: form }] });
    expect(questionsOf(c)[0]!.params!['message']).toBe('The server "a" asks: W** are you?');
    const last = asker.requests.findLast(({ body }) => body.includes('inputResponses'))!;
    expect(last.body).toContain('[name]');
    expect(last.body).not.toContain('Ada');
  });

  it('of the limits', async () => {
    const { client } = await house({
      take: (_principal, { kind }) => (kind === 'question' ? { refused: 'limited', retryAfterMs: 1_000 } : undefined),
    });
    const c = await client();
    expect((await call(c, { rounds: [{ who: form }] })).error?.code).toBe(429);
    expect(questionsOf(c)).toEqual([]);
  });

  it('of the record', async () => {
    const records: [string | undefined, string][] = [];
    const { client } = await house({
      record: recorder(({ method, target }, { result }) => {
        if (target?.kind === 'question') records.push([method, result]);
      }),
    });
    await call(await client(), { rounds: [{ who: form }, { where: roots }] });
    expect(records).toEqual([
      ['elicitation/create', 'answered'],
      ['roots/list', 'answered'],
    ]);
  });
});

function recorder(end: (exchange: ExchangeRecord, outcome: Outcome) => void): NonNullable<GatewayOptions['record']> {
  return {
    open: () => ({
      intent: () => undefined,
      end: (exchange, outcome) => {
        end(exchange, outcome);
        return undefined;
      },
    }),
  };
}
