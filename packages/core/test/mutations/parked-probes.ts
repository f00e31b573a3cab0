import { FORM } from '../fixtures/servers/asker.ts';
import { accept, openParkedHouse, type ParkedHouse, type Reply, type Sent } from '../eras/parked-client.ts';
import type { QuestionerArguments } from '../fixtures/servers/questioner.ts';

const ARGS: QuestionerArguments = { mark: 'm', rounds: [['form']] };
const keyOf = ({ result }: Reply): string => Object.keys(result?.inputRequests ?? {})[0] ?? '';
const answerTo = (reply: Reply) => ({
  requestState: reply.result?.requestState,
  inputResponses: { [keyOf(reply)]: accept('x') },
});
const isRefused = ({ error }: Reply): boolean => error?.code === -32602;

/** In a house of its own, where everything that a port may refuse about a question is refused when its text says so. */
async function inside(
  probe: (house: ParkedHouse) => Promise<boolean>,
  naming: 'prefix' | 'none' = 'prefix',
): Promise<boolean> {
  const house = await openParkedHouse({
    naming,
    parked: { maxCalls: 4, maxPerPrincipal: 2 },
    decide: (_, { kind, arguments: asked }) =>
      kind === 'question' && JSON.stringify(asked).includes('denied') ? { refused: 'forbidden' } : undefined,
    take: (_, { kind, arguments: asked }) =>
      kind === 'question' && JSON.stringify(asked).includes('limited') ? { refused: 'limited' } : undefined,
    filters: [
      {
        outbound: (text, { target }) =>
          target.kind === 'question' && text.includes('dirty') ? { refused: 'content' } : text,
        inbound: (text, { target }) =>
          target.kind === 'question' && text.includes('secret') ? { refused: 'content' } : text,
      },
    ],
  });
  try {
    return await probe(house);
  } finally {
    await house.close();
  }
}

/** A retry of somebody or something else than the first request is refused. */
const foreign = (first: Sent, second: Partial<Sent>, naming?: 'none') => () =>
  inside(async ({ send }) => {
    const asked = await send(first);
    if (asked.result?.resultType !== 'input_required') return false;
    return isRefused(
      await send({ ...first, ...second, params: { ...(second.params ?? first.params), ...answerTo(asked) } }),
    );
  }, naming);

const refusedQuestion = (mark: string) => () =>
  inside(async ({ ask }) => {
    const { result } = await ask({ mark, rounds: [['form']] });
    return result?.content?.[0]?.text.includes('-32601') === true;
  });

const tool: Sent = { params: { name: 'q__ask', arguments: ARGS } };
const json = JSON.stringify(ARGS);
const modern = { name: 'a__ask', arguments: { rounds: [{ who: { method: 'elicitation/create', params: FORM } }] } };

export const parkedProbes: Readonly<Record<string, () => Promise<boolean>>> = {
  parkedPrincipal: foreign(tool, { as: 'eve' }),
  // Where both endpoints know the tool by one name.
  parkedEndpoint: foreign({ params: { name: 'ask', arguments: ARGS } }, { path: '/mcp/q' }, 'none'),
  parkedMethod: foreign({ params: { name: 'q__ask', arguments: { ...ARGS, json } } }, { method: 'prompts/get' }),
  parkedArguments: foreign(tool, { params: { name: 'q__ask', arguments: { ...ARGS, mark: 'n' } } }),
  parkedTampered: () =>
    inside(async ({ ask, retry }) => {
      const asked = await ask(ARGS);
      const state = asked.result?.requestState ?? '';
      const tag = state.at(-3) === 'A' ? 'B' : 'A';
      return isRefused(await retry(ARGS, state.slice(0, -3) + tag + state.slice(-2), { [keyOf(asked)]: accept('x') }));
    }),
  parkedSpelling: () =>
    inside(async ({ ask, retry }) => {
      const asked = await ask(ARGS);
      return isRefused(await retry(ARGS, `${asked.result?.requestState}=`, { [keyOf(asked)]: accept('x') }));
    }),
  parkedRound: () =>
    inside(async ({ ask, retry }) => {
      const args = { mark: 'm', rounds: [['form'], ['form']] } as const;
      const first = await ask(args);
      const second = await retry(args, first.result?.requestState, { [keyOf(first)]: accept('1') });
      return isRefused(await retry(args, first.result?.requestState, { [keyOf(second)]: accept('2') }));
    }),
  parkedRace: () =>
    inside(async ({ ask, retry, server }) => {
      const args = { ...ARGS, ends: 'wait' } as const;
      const asked = await ask(args);
      const controller = new AbortController();
      const responses = { [keyOf(asked)]: accept('x') };
      const first = retry(args, asked.result?.requestState, responses, { signal: controller.signal }).catch(
        () => undefined,
      );
      while (server.state.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const second = retry(args, asked.result?.requestState, responses, { signal: AbortSignal.timeout(1_000) }).catch(
        () => undefined,
      );
      const reply = await second;
      controller.abort();
      await first;
      return reply !== undefined && isRefused(reply);
    }),
  parkedExpiry: () =>
    inside(async ({ ask, retry, pass }) => {
      const asked = await ask(ARGS);
      pass(600_001);
      return isRefused(await retry(ARGS, asked.result?.requestState, { [keyOf(asked)]: accept('x') }));
    }),
  relayExpiry: () =>
    inside(async ({ send, pass }) => {
      const asked = await send({ params: modern });
      pass(600_001);
      return isRefused(await send({ params: { ...modern, ...answerTo(asked) } }));
    }),
  relayPrincipal: foreign({ params: modern }, { as: 'eve' }),
  relayUndeclared: () =>
    inside(async ({ send }) => (await send({ params: modern, capabilities: { roots: {} } })).error?.code === -32603),
  relayAnswer: () =>
    inside(async ({ send }) => {
      const asked = await send({ params: modern });
      const { requestState } = answerTo(asked);
      const done = await send({ params: { ...modern, requestState, inputResponses: { who: accept('secret') } } });
      return done.error?.code === -31422;
    }),
  parkedBoundOfOne: () =>
    inside(async ({ ask }) => {
      for (let i = 0; i < 2; i++) await ask(ARGS);
      return (await ask(ARGS)).error?.code === 429;
    }),
  parkedBound: () =>
    inside(async ({ ask }) => {
      for (const as of ['a', 'a', 'b', 'b']) await ask(ARGS, { as });
      return (await ask(ARGS, { as: 'c' })).error?.code === 429;
    }),
  parkedUndeclared: () =>
    inside(async ({ ask }) => (await ask(ARGS, { capabilities: {} })).result?.resultType === 'complete'),
  parkedAnswer: () =>
    inside(async ({ ask, retry }) => {
      const asked = await ask(ARGS);
      return (
        (await retry(ARGS, asked.result?.requestState, { [keyOf(asked)]: accept('secret') })).error?.code === -31422
      );
    }),
  parkedMalformed: () =>
    inside(async ({ ask, retry }) => {
      const asked = await ask(ARGS);
      return isRefused(await retry(ARGS, asked.result?.requestState, { [keyOf(asked)]: { action: 'no' } }));
    }),
  askedDenied: refusedQuestion('denied'),
  askedLimited: refusedQuestion('limited'),
  askedDirty: refusedQuestion('dirty'),
};
