import type { BoxPlan } from '../plan.ts';
import type { FilterArchitecture } from '../seccomp/filter.ts';
import { type Attempt, type AttemptContext, CALLS } from './attempt.ts';
import { fileAttempts } from './file-attempts.ts';
import type { Argument, Call } from './machine-code.ts';
import { networkAttempts } from './network-attempts.ts';
import { processAttempts } from './process-attempts.ts';

export const planAttempts = (plan: BoxPlan, context: AttemptContext): Attempt[] => [
  {
    name: 'control: the probe runs',
    permission: 'privileges',
    calls: [{ call: 'getpid', args: [] }],
    judge: (result) => (result > 0 ? undefined : 'it did not'),
  },
  ...fileAttempts(plan, context),
  ...networkAttempts(plan, context),
  ...processAttempts(plan, context),
];

/** The calls of all attempts in one row; `last` is the index of each attempt's deciding call, `buffer` of its buffer. */
export function layOut(
  attempts: readonly Attempt[],
  arch: FilterArchitecture,
): { calls: Call[]; last: number[]; buffer: number[]; buffers: number } {
  const column = arch === 'x64' ? 0 : 1;
  const calls: Call[] = [];
  const last: number[] = [];
  const buffer: number[] = [];
  let buffers = 1; // the first is scratch space for attempts that fill none
  for (const attempt of attempts) {
    const own = attempt.usesBuffer === true ? buffers++ : 0;
    for (const { call, args, mayFork } of attempt.calls) {
      const placed = args.map((argument): Argument => {
        if (typeof argument === 'number' || 'bytes' in argument) return argument;
        return 'buffer' in argument ? { buffer: own } : { resultOf: calls.length - 1 };
      });
      calls.push({ number: CALLS[call][column], args: placed, ...(mayFork === true ? { mayFork } : {}) });
    }
    last.push(calls.length - 1);
    buffer.push(own);
  }
  return { calls, last, buffer, buffers };
}
