import { accept, type ParkedHouse, type Reply, toldOf } from './parked-client.ts';

export interface ManyParked {
  readonly principals: number;
  readonly callsEach: number;
}

const keyOf = ({ result }: Reply): string => Object.keys(result?.inputRequests ?? {})[0] ?? '';

/** Parks that many calls at once, each with a mark of its own. */
export async function parkMany({ ask }: ParkedHouse, { principals, callsEach }: ManyParked) {
  const calls = Array.from({ length: principals * callsEach }, (_, i) => ({
    as: `principal-${i % principals}`,
    args: { mark: `mark-${i}`, rounds: [['form']] } as const,
  }));
  return await Promise.all(calls.map(async (call) => ({ ...call, asked: await ask(call.args, { as: call.as }) })));
}

/** Answers all of them in another order, and gives back the ones that got what is not theirs. */
export async function resumeMany(
  { retry }: ParkedHouse,
  parked: Awaited<ReturnType<typeof parkMany>>,
): Promise<string[]> {
  const shuffled = parked.toSorted((a, b) => (a.args.mark.length * 7 + a.as.length > b.args.mark.length * 5 ? 1 : -1));
  const wrong: string[] = [];
  await Promise.all(
    shuffled.map(async ({ as, args, asked }) => {
      const answer = accept(`${as} ${args.mark}`);
      const done = await retry(args, asked.result?.requestState, { [keyOf(asked)]: answer }, { as });
      const { mark, said } = toldOf(done);
      const right = mark === args.mark && JSON.stringify(said.map(({ result }) => result)) === JSON.stringify([answer]);
      if (!right) wrong.push(`${as} ${args.mark}: ${JSON.stringify(done)}`);
    }),
  );
  return wrong;
}

/** Milliseconds of calls that ask nothing, one after the other, sorted. */
export async function timePlain({ send }: ParkedHouse, calls: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < calls; i++) {
    const from = performance.now();
    const { result } = await send({ as: 'bystander', params: { name: 'q__plain', arguments: {} } });
    if (result?.resultType !== 'complete') throw new Error('a plain call was not answered');
    times.push(performance.now() - from);
  }
  return times.toSorted((a, b) => a - b);
}

export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
