import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayOptions } from '../../src/index.ts';
import { FORM } from '../fixtures/servers/asker.ts';
import type { AskerArguments } from '../fixtures/servers/asker.ts';
import { accept, openParkedHouse, type ParkedHouse, type Reply, type Sent } from './parked-client.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});
async function house(options: Partial<GatewayOptions> = {}): Promise<ParkedHouse> {
  const opened = await openParkedHouse(options);
  closers.push(() => opened.close());
  return opened;
}

const who = { method: 'elicitation/create', params: FORM };
const ONE: AskerArguments = { rounds: [{ who }], tag: 't' };
const params = (args: AskerArguments, more: object = {}): Sent['params'] => ({
  name: 'a__ask',
  arguments: args,
  ...more,
});
const answered = (state: string | undefined, name = 'Ada') => ({
  requestState: state,
  inputResponses: { who: accept(name) },
});
const textOf = ({ result }: Reply): unknown => JSON.parse(result?.content?.[0]?.text ?? 'null');
const lastParams = ({ modern }: ParkedHouse): Record<string, unknown> =>
  (JSON.parse(modern.requests.at(-1)!.body) as { params: Record<string, unknown> }).params;

describe('R-70: modern to modern', () => {
  it('the state of the server is sealed on its way out and opened on its way back', async () => {
    const opened = await house();
    const asked = await opened.send({ params: params(ONE) });
    expect(asked.result?.inputRequests?.['who']?.params['message']).toBe('The server "a" asks: Who are you?');
    expect(asked.result?.requestState).not.toContain('round');
    const done = await opened.send({ params: params(ONE, answered(asked.result?.requestState)) });
    expect(textOf(done)).toEqual({ tag: 't', answers: [{ who: accept('Ada') }] });
    expect(lastParams(opened)['requestState']).toBe('{"round":1,"answers":[]}');
  });

  it.each([
    ['another principal', { as: 'eve' }, {}],
    ['another endpoint', { path: '/mcp/a' }, { name: 'ask' }],
    ['another server', {}, { name: 'q__ask' }],
    ['other arguments', {}, { arguments: { ...ONE, tag: 'other' } }],
  ])('a state is refused to %s, and the server hears nothing of it', async (_, sender, changed) => {
    const { send, modern, server } = await house();
    const asked = await send({ params: params(ONE) });
    const before = [modern.requests.length, server.requests.length];
    const done = await send({
      params: params(ONE, { ...answered(asked.result?.requestState), ...changed }),
      ...sender,
    });
    expect(done.error?.code).toBe(-32602);
    expect([modern.requests.length, server.requests.length]).toEqual(before);
  });

  it('a state of the server itself, or of another gateway, is refused', async () => {
    const { send } = await house();
    const other = await house();
    const foreign = await other.send({ params: params(ONE) });
    for (const state of ['{"round":1,"answers":[]}', foreign.result?.requestState, '', 7 as unknown as string])
      expect((await send({ params: params(ONE, answered(state)) })).error?.code).toBe(-32602);
  });

  it('a state is good for every gateway that has its key, until it expires', async () => {
    const key = Buffer.alloc(32, 7);
    const one = await house({ parked: { key } });
    const other = await house({ parked: { key } });
    const asked = await one.send({ params: params(ONE) });
    expect(textOf(await other.send({ params: params(ONE, answered(asked.result?.requestState)) }))).toMatchObject({
      tag: 't',
    });
    other.pass(600_001);
    expect((await other.send({ params: params(ONE, answered(asked.result?.requestState)) })).error?.code).toBe(-32602);
  });

  it('no state stays no state, and an empty one empty', async () => {
    const opened = await house();
    const stateless = { ...ONE, state: false };
    const asked = await opened.send({ params: params(stateless) });
    expect(asked.result).not.toHaveProperty('requestState');
    await opened.send({ params: params(stateless, { inputResponses: { who: accept('Ada') } }) });
    expect(lastParams(opened)).not.toHaveProperty('requestState');
  });

  it('a server that asks what its client did not declare fails its call', async () => {
    const { send } = await house();
    const asked = await send({
      params: params({ rounds: [{ x: { method: 'roots/list' } }] }),
      capabilities: { elicitation: {} },
    });
    expect(asked.error?.code).toBe(-32603);
    expect(JSON.stringify(asked)).not.toContain('roots');
  });

  it('questions and answers pass the ports', async () => {
    const denied = await house({
      decide: (_, { kind }) => (kind === 'question' ? { refused: 'forbidden' } : undefined),
    });
    expect((await denied.send({ params: params(ONE) })).error?.code).toBe(-31403);
    const filtered = await house({
      filters: [
        {
          outbound: (text) => text.replace('Who', 'W**'),
          inbound: (text, { target }) => {
            if (target.kind !== 'question') return text;
            return text.includes('secret') ? { refused: 'content' } : text.replace('Ada', 'A**');
          },
        },
      ],
    });
    const asked = await filtered.send({ params: params(ONE) });
    expect(asked.result?.inputRequests?.['who']?.params['message']).toBe('The server "a" asks: W** are you?');
    const state = asked.result?.requestState;
    expect((await filtered.send({ params: params(ONE, answered(state, 'secret')) })).error?.code).toBe(-31422);
    expect(textOf(await filtered.send({ params: params(ONE, answered(state)) }))).toMatchObject({
      answers: [{ who: accept('A**') }],
    });
  });
});
