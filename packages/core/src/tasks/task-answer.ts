import { changeObject, isHopKey, objectMembers, withChanges } from '@sekisho/protocol';
import type { ResponseView } from '@sekisho/protocol';
import type { Answer, AnswerContext } from '../answer-context.ts';
import { refuse } from '../answer-errors.ts';
import { parseBinary } from '../wire.ts';

/** What a task may not show in the answer that tells of its making (ext-tasks: they are in `tasks/get`), nor anywhere. */
const NOT_AT_FIRST = ['result', 'error', 'inputRequests', 'requestState'];

/**
 * An answer of the Tasks extension: the task under the id by which the client knows it.
 *
 * @param type the answer's `resultType`
 * @param meta raw JSON of its `_meta` as the client gets it
 */
export function taskToModern(
  view: ResponseView,
  type: string | undefined,
  context: AnswerContext,
  meta: string | undefined,
): string | Answer {
  const changes: Record<string, string | undefined> = { _meta: meta };
  const place = view.body.find(({ key }) => key === 'taskId');
  if (type === 'task' && context.taskId === undefined) {
    const own = place && parseBinary(view.text.slice(place.start, place.end));
    // Made for a client that did not ask for it, or by a method that makes none.
    const sealed = typeof own === 'string' && own !== '' ? context.sealTask(own) : undefined;
    if (sealed === undefined) return refuse(context, -32603, 'The server made a task where none can be made.');
    changes['taskId'] = JSON.stringify(sealed);
    for (const key of NOT_AT_FIRST) changes[key] = undefined;
    return withChanges(view, context.idText, changes);
  }
  // `tasks/get` examples of the draft say "task" where its text says "complete".
  if (type !== undefined && type !== 'complete' && type !== 'task')
    return refuse(context, -32603, 'The server answered with a kind of result that this gateway does not carry.');
  changes['resultType'] = '"complete"';
  changes['requestState'] = undefined;
  if (place) changes['taskId'] = JSON.stringify(context.taskId);
  const result = view.body.find(({ key }) => key === 'result');
  if (result) {
    const clean = withoutHop(view.text, result.start);
    if (clean !== undefined) changes['result'] = clean;
  }
  return withChanges(view, context.idText, changes);
}

/** The result of the tool without what its server said of its own hop; undefined where there is nothing of the kind. */
export function withoutHop(text: string, at: number): string | undefined {
  const meta = objectMembers(text, at)?.find(({ key }) => key === '_meta');
  const foreign = (meta ? (objectMembers(text, meta.start) ?? []) : []).filter(({ key }) => isHopKey(key));
  if (!meta || foreign.length === 0) return undefined;
  const left = changeObject(text, meta.start, Object.fromEntries(foreign.map(({ key }) => [key, undefined])));
  return changeObject(text, at, { _meta: left === '{}' ? undefined : left });
}
