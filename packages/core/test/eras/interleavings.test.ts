import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { QuestionKind } from '../fixtures/servers/questioner.ts';
import { accept, openParkedHouse, toldOf, type ParkedHouse, type Reply } from './parked-client.ts';

let house: ParkedHouse;
beforeAll(async () => {
  house = await openParkedHouse({ parked: { maxPerPrincipal: 1_000 } });
});
afterAll(() => house.close());

const PRINCIPALS = ['ada', 'bob'] as const;
type Who = (typeof PRINCIPALS)[number];

/** A call somewhere between its first request and its result. */
interface Live {
  readonly who: Who;
  readonly args: {
    readonly mark: string;
    readonly rounds: readonly (readonly QuestionKind[])[];
    readonly ends: 'progress';
  };
  reply: Reply;
}

let lastMark = 0;

/** Everything that came back to somebody bears that somebody's mark and nobody else's. */
function strangers(reply: Reply, who: Who, mark: string): string[] {
  const text = JSON.stringify(reply);
  return [...text.matchAll(/(?:ada|bob)-\d+-mark/g)]
    .map(([found]) => found)
    .filter((found) => found !== mark || !found.startsWith(who));
}

const answersFor = ({ reply, args }: Live): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(reply.result?.inputRequests ?? {}).map(([key, { method }]) => [
      key,
      method === 'roots/list' ? { roots: [{ uri: `file:///${args.mark}` }] } : accept(args.mark),
    ]),
  );

it('R-70: however two principals call and answer, nobody gets what is not theirs', { timeout: 120_000 }, async () => {
  const step = fc.record({
    who: fc.constantFrom(...PRINCIPALS),
    /** Begin a call, answer one of one's own, or try to answer one of the other's. */
    does: fc.constantFrom('begin', 'begin', 'answer', 'answer', 'answer', 'steal', 'repeat'),
    pick: fc.nat(100),
    rounds: fc.array(fc.array(fc.constantFrom<QuestionKind>('form', 'roots'), { minLength: 1, maxLength: 2 }), {
      minLength: 1,
      maxLength: 3,
    }),
    /** Steps of one batch run at the same time. */
    together: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const live: Live[] = [];
      const used: Live[] = [];
      const wrong: string[] = [];
      const answer = async (call: Live): Promise<void> => {
        const { who, args } = call;
        used.push({ ...call });
        const token = args.mark;
        const reply = await house.retry(args, call.reply.result?.requestState, answersFor(call), {
          as: who,
          progressToken: token,
        });
        wrong.push(...strangers(reply, who, args.mark));
        if (reply.result?.resultType === 'input_required') return void live.push({ ...call, reply });
        const { mark, said } = toldOf(reply);
        const foreign = said.filter(({ result }) => !JSON.stringify(result).includes(args.mark));
        if (mark !== args.mark || foreign.length > 0) wrong.push(JSON.stringify(reply));
        if (reply.notifications.some(({ params }) => params['progressToken'] !== token))
          wrong.push('a token of another');
      };
      const doStep = async ({ who, does, pick, rounds }: (typeof steps)[number]): Promise<void> => {
        const mine = live.filter((call) => call.who === who);
        const theirs = live.filter((call) => call.who !== who);
        if (does === 'begin') {
          const args = { mark: `${who}-${++lastMark}-mark`, rounds, ends: 'progress' } as const;
          const reply = await house.ask(args, { as: who });
          wrong.push(...strangers(reply, who, args.mark));
          live.push({ who, args, reply });
        } else if (does === 'answer' && mine.length > 0) {
          const call = mine[pick % mine.length]!;
          live.splice(live.indexOf(call), 1);
          await answer(call);
        } else if (does === 'steal' && theirs.length > 0) {
          const call = theirs[pick % theirs.length]!;
          const reply = await house.retry(call.args, call.reply.result?.requestState, answersFor(call), { as: who });
          if (reply.error?.code !== -32602) wrong.push(`stolen: ${JSON.stringify(reply)}`);
        } else if (does === 'repeat' && used.length > 0) {
          const call = used[pick % used.length]!;
          const reply = await house.retry(call.args, call.reply.result?.requestState, answersFor(call), {
            as: call.who,
          });
          if (reply.error?.code !== -32602) wrong.push(`twice: ${JSON.stringify(reply)}`);
        }
      };
      let batch: Promise<void>[] = [];
      for (const one of steps) {
        if (!one.together) {
          await Promise.all(batch);
          batch = [];
        }
        batch.push(doStep(one));
      }
      await Promise.all(batch);
      while (live.length > 0) await answer(live.pop()!);
      expect(wrong).toEqual([]);
      expect(house.gateway.status().parkedCalls).toBe(0);
    }),
    { numRuns: 40 },
  );
});
