import type { Mutation } from './mutations.ts';

const ROUNDS = 'core/src/rounds/rounds.ts';
const PUT = 'core/src/questions/put.ts';
const OUTGOING = 'core/src/outgoing-call.ts';
const RELAYABLE = 'core/src/relayable.ts';
const TASK_QUESTIONS = 'core/src/tasks/task-questions.ts';
const LISTEN = 'core/src/client/listen.ts';

const row = (probe: string, file: string, from: string, to: string): Mutation => ({ probe, file, from, to });

/** The guards of the era bridge, of tasks and of subscriptions. */
export const eraMutations: readonly Mutation[] = [
  row('roundsUndeclared', ROUNDS, 'if (lacking(read, caller.capabilities))', 'if (false)'),
  row('roundsDecidedAgain', 'core/src/make-call.ts', 'if (denied) refuseExchange(x, denied, finish);\n    else', ''),
  row('roundsForged', OUTGOING, '...changes, ...ROUND,', '...changes,'),
  row('roundsBounded', ROUNDS, '++this.#round > MAX_ROUNDS', '++this.#round > 1e9'),
  row('roundsMalformed', PUT, 'if (problem !== undefined || !place)', 'if (!place)'),
  row(
    'roundsFiltered',
    PUT,
    "return { kind: 'answer', result: clean }",
    "return { kind: 'answer', result: text.slice(place.start, place.end) }",
  ),
  row('roundsWithdrawn', ROUNDS, 'for (const withdraw of open) withdraw();', ''),
  row('roundsRevision', RELAYABLE, "return elicitation === 'none' ? undefined : plain(value);", 'return value;'),
  row('taskOfAnother', 'core/src/tasks/task-id.ts', "['task', id, tenant ?? null]", "['task']"),
  row('taskByTool', 'core/src/locate.ts', "if (place.task) target.names = 'tool';", ''),
  row('taskQuestionDecided', TASK_QUESTIONS, 'if (denied) return denied;', ''),
  row('taskUndeclared', 'core/src/edge/front.ts', 'if (!hasExtension(caller.capabilities, extension))', 'if (false)'),
  row('taskNewsUndeclared', LISTEN, '!hasExtension(x.caller.capabilities, TASKS)', 'false'),
  row('headerFiltered', OUTGOING, '(cleaned === undefined ? argumentsIn', '(true ? argumentsIn'),
  row(
    'headerDigits',
    'protocol/src/headers/params.ts',
    'isSameNumber(decoded, raw)',
    'Number(decoded) === Number(raw)',
  ),
  row('traceShape', 'core/src/trace.ts', ' || !SHAPE[name].test(value)', ''),
  row('listenDecided', LISTEN, 'if (isRefusal(verdict)) return;', ''),
  row('listenDecidedAgain', 'core/src/client/subscribers.ts', 'if (!isRefusal(refusal)) subscriber', 'subscriber'),
  row(
    'inOrder',
    'core/src/call.ts',
    'this.#last = Promise.all([cleaned, this.#last]).then(([clean]) => send(clean));',
    'void cleaned.then(send);',
  ),
];
