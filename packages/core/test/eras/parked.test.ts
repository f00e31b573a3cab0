import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Decide, ExchangeRecord, Filter, GatewayOptions, Outcome } from '../../src/index.ts';
import { accept, openParkedHouse, remote, toldOf, type ParkedHouse, type Reply } from './parked-client.ts';

const PATIENCE = { timeout: 15_000, interval: 5 };
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});
async function house(options: Partial<GatewayOptions> = {}): Promise<ParkedHouse> {
  const opened = await openParkedHouse(options);
  closers.push(() => opened.close());
  return opened;
}

const stateOf = ({ result }: Reply): string => result?.requestState ?? 'none';
const keysOf = ({ result }: Reply): string[] => Object.keys(result?.inputRequests ?? {});
const refusedRetry = {
  code: -32602,
  message: 'This requestState is not valid, or not any more: begin the call anew without it.',
};
const FORM = { mark: 'm', rounds: [['form']] } as const;

describe('a question in the middle of a call', () => {
  it('becomes input_required, names the server, carries nothing of its hop, and the retry gets the result', async () => {
    const { ask, retry, gateway } = await house();
    const asked = await ask(FORM);
    expect(asked.result?.resultType).toBe('input_required');
    const [request] = Object.values(asked.result?.inputRequests ?? {});
    expect(request).toEqual({
      method: 'elicitation/create',
      params: {
        message: 'The server "q" asks: Name for m?',
        requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
        _meta: { 'vendor/kept': 1, 'dev.sekisho/server': 'q' },
      },
    });
    expect(gateway.status().parkedCalls).toBe(1);
    const done = await retry(FORM, stateOf(asked), { [keysOf(asked)[0]!]: accept('Ada') });
    expect(done.result?.resultType).toBe('complete');
    expect(toldOf(done)).toEqual({ mark: 'm', said: [expect.objectContaining({ result: accept('Ada') })] });
    expect(gateway.status().parkedCalls).toBe(0);
  });

  it('may be several at once and several rounds, of every kind', async () => {
    const { ask, retry } = await house();
    const args = {
      mark: 'm',
      rounds: [
        ['form', 'sample', 'roots'],
        ['page', 'tools'],
      ],
    } as const;
    const first = await ask(args);
    const methods = Object.values(first.result?.inputRequests ?? {}).map(({ method }) => method);
    expect(methods).toEqual(['elicitation/create', 'sampling/createMessage', 'roots/list']);
    const sampled = { role: 'assistant', content: { type: 'text', text: 'hi' }, model: 'm' };
    const answersTo = (reply: Reply) =>
      Object.fromEntries(
        Object.entries(reply.result?.inputRequests ?? {}).map(([key, { method, params }]) => [
          key,
          method === 'roots/list'
            ? { roots: [{ uri: 'file:///w' }] }
            : method === 'sampling/createMessage'
              ? sampled
              : params['mode'] === 'url'
                ? { action: 'accept' }
                : accept('Ada'),
        ]),
      );
    const second = await retry(args, stateOf(first), answersTo(first));
    const page = Object.values(second.result?.inputRequests ?? {})[0]!;
    expect(page.params).not.toHaveProperty('elicitationId');
    expect(stateOf(second)).not.toBe(stateOf(first));
    const told = toldOf(await retry(args, stateOf(second), answersTo(second)));
    expect(told.said.map(({ result }) => result)).toEqual([
      accept('Ada'),
      sampled,
      { roots: [{ uri: 'file:///w' }] },
      { action: 'accept' },
      sampled,
    ]);
  });

  it('that is left unanswered is asked again; unknown keys are ignored', async () => {
    const { ask, retry } = await house();
    const args = { mark: 'm', rounds: [['form', 'roots']] } as const;
    const first = await ask(args);
    const [form, roots] = keysOf(first) as [string, string];
    const again = await retry(args, stateOf(first), { [roots]: { roots: [] }, foreign: accept('x') });
    expect(keysOf(again)).toEqual([form]);
    const told = toldOf(await retry(args, stateOf(again), { [form]: accept('Ada') }));
    expect(told.said.map(({ result }) => result)).toEqual([accept('Ada'), { roots: [] }]);
  });

  it.each([
    ['prompts/get', (json: string) => ({ name: 'q__ask', arguments: { json } })],
    ['resources/read', (json: string) => ({ uri: `sekisho://q/q://any/${encodeURIComponent(json)}` })],
  ])('works for %s', async (method, params) => {
    const { send, gateway } = await house();
    const listed = await send({ method: 'resources/templates/list', params: {} });
    const [template] = (listed.result?.['resourceTemplates'] ?? []) as { uriTemplate: string }[];
    const json = JSON.stringify(FORM);
    const sent =
      method === 'prompts/get'
        ? params(json)
        : { uri: template!.uriTemplate.replace('{json}', encodeURIComponent(json)) };
    const asked = await send({ method, params: sent });
    const inputResponses = { [keysOf(asked)[0]!]: accept('Ada') };
    const done = await send({ method, params: { ...sent, requestState: stateOf(asked), inputResponses } });
    expect(JSON.stringify(done.result)).toContain('Ada');
    expect(gateway.status().parkedCalls).toBe(0);
  });

  it('is refused to the server where the method cannot ask', async () => {
    const { send } = await house();
    const ref = { type: 'ref/prompt', name: 'q__ask' };
    const { result } = await send({
      method: 'completion/complete',
      params: { ref, argument: { name: 'json', value: '' } },
    });
    expect(result?.['completion']).toEqual({ values: ['refused -32601'] });
  });

  it.each([
    ['form', { elicitation: { url: {} } }, { elicitation: { form: {} } }],
    ['page', { elicitation: {} }, { elicitation: { url: {} } }],
    ['sample', {}, { sampling: {} }],
    ['tools', { sampling: {} }, { sampling: { tools: {} } }],
    ['roots', { sampling: {} }, { roots: {} }],
  ] as const)(
    'for a %s that the client did not declare is an error to the server',
    async (kind, capabilities, required) => {
      const { ask, gateway } = await house();
      const args = { mark: 'm', rounds: [[kind]] };
      // A server that can do without has its way; one that cannot is translated into the error of the client's era.
      const done = toldOf(await ask(args, { capabilities }));
      expect(done.said[0]!.error).toMatchObject({ code: kind === 'page' ? -32602 : -32601 });
      const failed = await ask({ ...args, ends: 'fail' }, { capabilities });
      expect(failed).toMatchObject({ status: 400, error: { code: -32021, data: { requiredCapabilities: required } } });
      expect(gateway.status().parkedCalls).toBe(0);
    },
  );

  it('that is none is an error to the server, and nobody is asked', async () => {
    const { ask } = await house();
    const told = toldOf(await ask({ mark: 'm', rounds: [['broken', 'unknown']] }));
    expect(told.said.map(({ error }) => (error as { code: number }).code)).toEqual([-32602, -32601]);
  });

  it('goes on with the progress token of the retry', async () => {
    const { ask, retry } = await house();
    const args = { ...FORM, ends: 'progress' } as const;
    const asked = await ask(args, { progressToken: 'first' });
    const responses = { [keysOf(asked)[0]!]: accept('Ada') };
    const done = await retry(args, stateOf(asked), responses, { progressToken: 'second' });
    expect(done.notifications.map(({ params }) => params['progressToken'])).toEqual(['second']);
    expect(toldOf(done).mark).toBe('m');
  });

  it('of a server that crashes meanwhile is an honest error at the retry', async () => {
    const { ask, retry, server, gateway } = await house();
    const asked = await ask(FORM);
    await server.close();
    const done = await retry(FORM, stateOf(asked), { [keysOf(asked)[0]!]: accept('Ada') });
    expect(done.error).toMatchObject({ code: -31503, data: { server: 'q', mayHaveRun: true } });
    expect(gateway.status().parkedCalls).toBe(0);
  });

  it('brings the error of the server', async () => {
    const { ask, retry } = await house();
    const args = { ...FORM, ends: 'error' } as const;
    const asked = await ask(args);
    const done = await retry(args, stateOf(asked), { [keysOf(asked)[0]!]: accept('Ada') });
    expect(done.error).toMatchObject({ code: -32000, message: 'error for m' });
  });

  it('outlives a reload of other servers', async () => {
    const { ask, retry, gateway, server } = await house();
    const asked = await ask(FORM);
    await gateway.reload([
      remote('q', server.url),
      { name: 'other', kind: 'stdio', command: 'none-such', args: [], env: {} },
    ]);
    expect(toldOf(await retry(FORM, stateOf(asked), { [keysOf(asked)[0]!]: accept('Ada') })).mark).toBe('m');
  });

  it('is given up at the server when the client of the retry leaves', async () => {
    const { ask, retry, server, gateway } = await house();
    const args = { ...FORM, ends: 'wait' } as const;
    const asked = await ask(args);
    const controller = new AbortController();
    const left = retry(args, stateOf(asked), { [keysOf(asked)[0]!]: accept('x') }, { signal: controller.signal });
    await vi.waitFor(() => expect(server.state.waiting).toBe(1), PATIENCE);
    controller.abort();
    await expect(left).rejects.toThrow();
    await vi.waitFor(() => expect(server.state.cancelled).toBe(1), PATIENCE);
    expect(gateway.status().parkedCalls).toBe(0);
  });
});

describe('R-70: a requestState', () => {
  it('is refused when it was tampered with, anywhere', async () => {
    const { ask, retry, gateway } = await house();
    const asked = await ask(FORM);
    const state = stateOf(asked);
    for (let at = 0; at < state.length; at += 7) {
      const other = state[at] === 'A' ? 'B' : 'A';
      const forged = state.slice(0, at) + other + state.slice(at + 1);
      expect((await retry(FORM, forged, {})).error).toMatchObject(refusedRetry);
    }
    for (const forged of ['', 'x', `${state}=`, ` ${state}`, state.slice(0, -1)])
      expect((await retry(FORM, forged, {})).error).toMatchObject(refusedRetry);
    expect(gateway.status().parkedCalls).toBe(1);
    expect(toldOf(await retry(FORM, state, { [keysOf(asked)[0]!]: accept('Ada') })).mark).toBe('m');
  });

  it.each([
    ['another principal', { as: 'eve' }, {}],
    ['another endpoint', { path: '/mcp/q' }, { name: 'ask' }],
    ['another tool', {}, { name: 'q__plain' }],
    ['other arguments', {}, { arguments: { mark: 'other', rounds: [['form']] } }],
  ])('is refused to %s, and its call goes on', async (_, sender, changed) => {
    const { ask, retry, send } = await house();
    const asked = await ask(FORM);
    const inputResponses = { [keysOf(asked)[0]!]: accept('Eve') };
    const params = { name: 'q__ask', arguments: FORM, ...changed, requestState: stateOf(asked), inputResponses };
    expect((await send({ params, ...sender })).error).toMatchObject(refusedRetry);
    expect(toldOf(await retry(FORM, stateOf(asked), { [keysOf(asked)[0]!]: accept('Ada') })).said).toEqual([
      expect.objectContaining({ result: accept('Ada') }),
    ]);
  });

  it('is good once, also for retries that race', async () => {
    const { ask, retry } = await house();
    const asked = await ask(FORM);
    const responses = { [keysOf(asked)[0]!]: accept('Ada') };
    const replies = await Promise.all(Array.from({ length: 8 }, () => retry(FORM, stateOf(asked), responses)));
    expect(replies.filter(({ result }) => result?.resultType === 'complete')).toHaveLength(1);
    expect(replies.filter(({ error }) => error?.code === -32602)).toHaveLength(7);
    expect((await retry(FORM, stateOf(asked), responses)).error).toMatchObject(refusedRetry);
  });

  it('of an earlier round is refused', async () => {
    const { ask, retry } = await house();
    const args = { mark: 'm', rounds: [['form'], ['form']] } as const;
    const first = await ask(args);
    const second = await retry(args, stateOf(first), { [keysOf(first)[0]!]: accept('1') });
    expect((await retry(args, stateOf(first), { [keysOf(first)[0]!]: accept('2') })).error).toMatchObject(refusedRetry);
    const done = toldOf(await retry(args, stateOf(second), { [keysOf(second)[0]!]: accept('3') }));
    expect(done.said.map(({ result }) => result)).toEqual([accept('1'), accept('3')]);
  });

  it('expires; then the server is told, and nothing is left', async () => {
    const { ask, retry, pass, gateway, server } = await house();
    const args = { ...FORM, ends: 'wait' } as const;
    const asked = await ask(args);
    pass(600_001);
    expect((await retry(args, stateOf(asked), { [keysOf(asked)[0]!]: accept('Ada') })).error).toMatchObject(
      refusedRetry,
    );
    expect(gateway.status().parkedCalls).toBe(0);
    await vi.waitFor(
      () => expect(server.requests.some(({ body }) => body.includes('notifications/cancelled'))).toBe(true),
      PATIENCE,
    );
    expect(server.requests.some(({ body }) => body.includes('"result":{"action":"cancel"}'))).toBe(true);
  });

  it('expires by itself, without a retry', async () => {
    const { ask, pass, gateway } = await house();
    await ask(FORM);
    pass(600_001);
    await vi.waitFor(() => expect(gateway.status().parkedCalls).toBe(0), PATIENCE);
  });

  it('stays good after answers that cannot be read', async () => {
    const { ask, retry } = await house();
    const asked = await ask(FORM);
    const key = keysOf(asked)[0]!;
    for (const bad of [12345, null, {}, { action: 'maybe' }, { action: 'accept', content: { a: {} } }])
      expect((await retry(FORM, stateOf(asked), { [key]: bad })).error).toMatchObject({ code: -32602 });
    expect(toldOf(await retry(FORM, stateOf(asked), { [key]: accept('Ada') })).mark).toBe('m');
  });
});

describe('R-71: calls that wait', () => {
  it('are bounded per principal', async () => {
    const { ask, gateway, server } = await house({ parked: { maxPerPrincipal: 2 } });
    await ask(FORM);
    await ask(FORM);
    expect(await ask(FORM)).toMatchObject({ status: 429, error: { code: 429 } });
    expect((await ask(FORM, { as: 'bob' })).result?.resultType).toBe('input_required');
    expect(gateway.status().parkedCalls).toBe(3);
    await vi.waitFor(
      () => expect(server.requests.filter(({ body }) => body.includes('notifications/cancelled'))).toHaveLength(1),
      PATIENCE,
    );
  });

  it('are bounded in all', async () => {
    const { ask } = await house({ parked: { maxCalls: 2 } });
    await ask(FORM, { as: 'a' });
    await ask(FORM, { as: 'b' });
    expect(await ask(FORM, { as: 'c' })).toMatchObject({ status: 429, error: { code: 429 } });
  });
});

describe('pages that a call needs first', () => {
  it('become a question, and the call is made anew when the user agrees', async () => {
    const { ask, retry, gateway } = await house();
    const args = { mark: 'm', pages: 1 };
    const asked = await ask(args);
    expect(Object.values(asked.result?.inputRequests ?? {})).toEqual([
      {
        method: 'elicitation/create',
        params: {
          mode: 'url',
          message: 'The server "q" asks: Open for m',
          url: 'https://example.com/e2',
          _meta: { 'dev.sekisho/server': 'q' },
        },
      },
    ]);
    const unanswered = await retry(args, stateOf(asked), {});
    expect(keysOf(unanswered)).toEqual(keysOf(asked));
    expect((await retry(args, stateOf(asked), {})).error).toMatchObject(refusedRetry);
    expect(toldOf(await retry(args, stateOf(unanswered), { [keysOf(asked)[0]!]: { action: 'accept' } })).mark).toBe(
      'm',
    );
    expect(gateway.status().parkedCalls).toBe(0);
  });

  it('that the user does not open end the call', async () => {
    const { ask, retry, gateway } = await house();
    const asked = await ask({ mark: 'm', pages: 1 });
    const done = await retry({ mark: 'm', pages: 1 }, stateOf(asked), { [keysOf(asked)[0]!]: { action: 'decline' } });
    expect(done.error?.code).toBe(-32603);
    expect(gateway.status().parkedCalls).toBe(0);
  });

  it('need a client that can be asked for them', async () => {
    const { ask } = await house();
    expect(await ask({ pages: 1 }, { capabilities: { elicitation: {} } })).toMatchObject({
      status: 400,
      error: { code: -32021, data: { requiredCapabilities: { elicitation: { url: {} } } } },
    });
  });
});

describe('R-72: questions and answers pass the ports', () => {
  it('decide: who may not be asked is not, and the server hears of nobody', async () => {
    const seen: unknown[] = [];
    const decide: Decide = (principal, target) => {
      if (target.kind !== 'question') return undefined;
      seen.push([principal.id, target.method, target.server, (target.arguments as { message: string }).message]);
      return { refused: 'forbidden' };
    };
    const { ask } = await house({ decide });
    expect(toldOf(await ask(FORM)).said[0]!.error).toMatchObject({ code: -32601 });
    expect(seen).toEqual([['ada', 'elicitation/create', 'q', 'Name for m?']]);
  });

  it('take: a question counts', async () => {
    const { ask } = await house({ take: (_, { kind }) => (kind === 'question' ? { refused: 'limited' } : undefined) });
    expect(toldOf(await ask(FORM)).said[0]!.error).toMatchObject({ code: -32601 });
  });

  it('filters: both ways, and what an answer may not hold leaves the question open', async () => {
    const filter: Filter = {
      outbound: (text) => text.replace('Name', 'N***'),
      inbound: (text, { target }) => {
        if (target.kind !== 'question') return text;
        return text.includes('secret') ? { refused: 'content' } : text.replace('Ada', 'A**');
      },
    };
    const { ask, retry } = await house({ filters: [filter] });
    const asked = await ask(FORM);
    const [request] = Object.values(asked.result?.inputRequests ?? {});
    expect(request?.params['message']).toBe('The server "q" asks: N*** for m?');
    const key = keysOf(asked)[0]!;
    expect((await retry(FORM, stateOf(asked), { [key]: accept('secret') })).error).toMatchObject({ code: -31422 });
    expect(toldOf(await retry(FORM, stateOf(asked), { [key]: accept('Ada') })).said[0]!.result).toEqual(accept('A**'));
  });

  it('record: a question is an exchange of its own, with one end', async () => {
    const ends: [string | undefined, Outcome['result'], string | undefined][] = [];
    const record = {
      open: () => ({
        intent: () => undefined,
        end: ({ method, target }: ExchangeRecord, { result }: Outcome) => {
          ends.push([method, result, target?.server]);
          return undefined;
        },
      }),
    };
    const { ask, retry } = await house({ record });
    const asked = await ask(FORM);
    await retry(FORM, stateOf(asked), { [keysOf(asked)[0]!]: accept('Ada') });
    expect(ends).toEqual([
      ['tools/call', 'answered', 'q'],
      ['elicitation/create', 'answered', 'q'],
      ['tools/call', 'answered', 'q'],
    ]);
  });

  it('record: what cannot be recorded is not asked', async () => {
    const record = {
      open: () => ({
        intent: ({ method }: ExchangeRecord) =>
          method === 'elicitation/create' ? ({ refused: 'record-failed' } as const) : undefined,
        end: () => undefined,
      }),
    };
    const { ask } = await house({ record });
    expect(toldOf(await ask(FORM)).said[0]!.error).toMatchObject({ code: -32601 });
  });
});

describe('a client on stdio', () => {
  it('that leaves takes its parked calls with it', async () => {
    const { gateway, server } = await house();
    const [input, output] = [new PassThrough(), new PassThrough()];
    const served = gateway.serveStdio(input, output);
    const answered = once(output, 'data');
    const envelope = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
    };
    const params = { name: 'q__ask', arguments: FORM, _meta: envelope };
    input.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })}\n`);
    expect(String(await answered)).toContain('input_required');
    expect(gateway.status().parkedCalls).toBe(1);
    input.end();
    await served;
    expect(gateway.status().parkedCalls).toBe(0);
    await vi.waitFor(
      () => expect(server.requests.some(({ body }) => body.includes('notifications/cancelled'))).toBe(true),
      PATIENCE,
    );
  });
});
