import type { Answer, Caller } from './caller.ts';

/** Something that a principal does, and what may come of it. */
export type Errand = {
  readonly name: string;
  /** How often, against the others. */
  readonly weight: number;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Undefined where the answer is one that may be; else what is wrong with it. */
  readonly judge: (answer: Answer) => string | undefined;
  /** Reasons of its own for which it may be refused. */
  readonly reasons?: readonly Reason[];
};
export type Reason = 'limit' | 'server-away';

const tool = (name: string, args: object = {}): Pick<Errand, 'method' | 'params'> => ({
  method: 'tools/call',
  params: { name, arguments: args },
});
const says =
  (...parts: readonly string[]) =>
  ({ status, code, text }: Answer): string | undefined =>
    status === 200 && code === undefined && parts.every((part) => text.includes(part))
      ? undefined
      : `is not the answer: ${status} ${text.slice(0, 300)}`;
const refused =
  (code: number) =>
  (answer: Answer): string | undefined =>
    answer.code === code ? undefined : `should be refused with ${code}: ${answer.status} ${answer.text.slice(0, 300)}`;

export const errands: readonly Errand[] = [
  { name: 'list', weight: 4, method: 'tools/list', judge: says('everything__echo', 'memory__read_graph') },
  { name: 'echo', weight: 8, ...tool('everything__echo', { message: 'as it was' }), judge: says('as it was') },
  { name: 'sum', weight: 4, ...tool('everything__get-sum', { a: 2, b: 40 }), judge: says('42') },
  { name: 'graph', weight: 4, ...tool('memory__read_graph'), judge: says('entities') },
  { name: 'remote', weight: 6, ...tool('flaky__echo'), judge: says('from afar'), reasons: ['server-away'] },
  { name: 'fragile', weight: 4, ...tool('crashing__ok'), judge: says('ok'), reasons: ['server-away'] },
  {
    name: 'masked',
    weight: 4,
    ...tool('crashing__person'),
    judge: (answer) =>
      /ada\.lovelace|4111 1111/.test(answer.text) ? `was not masked: ${answer.text}` : says('[EMAIL]')(answer),
    reasons: ['server-away'],
  },
  { name: 'hidden', weight: 3, ...tool('crashing__crash'), judge: refused(-32602) },
  { name: 'unknown', weight: 2, ...tool('nowhere__at_all'), judge: refused(-32602) },
  {
    name: 'denied',
    weight: 3,
    ...tool('crashing__wipe', { sure: false }),
    judge: refused(-31403),
    reasons: ['server-away'],
  },
  { name: 'wrong', weight: 2, ...tool('everything__get-sum', { a: 'two' }), judge: refused(-32602) },
  {
    name: 'secret',
    weight: 2,
    ...tool('everything__echo', { message: 'ghp_16C7e42F292c6912E7710c838347Ae178B4a' }),
    judge: refused(-31422),
  },
];
/** Only in the revisions that have it. */
export const ping: Errand = { name: 'ping', weight: 4, method: 'ping', judge: says('result'), reasons: ['limit'] };

/** For how long after a key was changed an old one may still be turned away, or a new one not yet known. */
const SETTLING_MS = 2_000;

/**
 * Whether an answer is what was asked for, a refusal for a reason, or a failure.
 *
 * @returns the reason, "ok", or an object with what is wrong
 */
export function settle(
  errand: Errand,
  answer: Answer | undefined,
  caller: Caller,
  startedMs: number,
): string | { readonly wrong: string } {
  const changing = startedMs - caller.changedMs < SETTLING_MS || caller.changedMs > startedMs;
  if (answer === undefined) return { wrong: `${errand.name}: the connection broke` };
  const { status, code } = answer;
  if (status === 401 && changing) return 'key';
  // The session of a key that is over ends with it.
  if (status === 404 && code === -32600 && changing) return 'session';
  if (errand.reasons?.includes('limit') === true && status === 429) return 'limit';
  if (errand.reasons?.includes('server-away') === true && code === -31503) return 'server-away';
  const wrong = errand.judge(answer);
  return wrong === undefined
    ? code === undefined
      ? 'ok'
      : 'refused'
    : { wrong: `${errand.name} of ${caller.name}: ${wrong}` };
}
