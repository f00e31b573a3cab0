import { isObject, objectMembers } from '@sekisho/protocol';
import type { JsonObject } from '@sekisho/protocol';
import type { Session } from '../client/session.ts';
import { isRefusal } from '../ports.ts';
import type { Refusal } from '../ports.ts';
import { toAscii } from '../wire.ts';
import type { PassedQuestion } from './pass.ts';
import { addressed, answerProblem, answerToServer } from './question.ts';
import type { Question } from './question.ts';

/** How a question to a legacy client ended. */
export type Told =
  /** Raw JSON of the result, as the filters left it. */
  | { readonly kind: 'answer'; readonly result: string }
  /** The client answered with an error: it will not, or cannot. `body` is raw JSON of `"error":...`. */
  | { readonly kind: 'error'; readonly error: JsonObject; readonly body: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'malformed'; readonly problem: string }
  | { readonly kind: 'late' };

/** A question on its way to a legacy client. */
export interface ToPut {
  readonly session: Session;
  /** Where it goes; undefined for the client's stream of news. */
  readonly send: ((text: string) => void) | undefined;
  /** The asking server, by its configured name. */
  readonly server: string;
  readonly question: Question;
  readonly passed: PassedQuestion;
  /** How long the client may take, milliseconds. */
  readonly ttlMs: number;
}

/**
 * Puts a question that has passed the ports to a legacy client, under an id of its session, and brings the answer through
 * them. `done` is called once, unless the question is taken back before.
 *
 * @returns takes the question back
 */
export function putQuestion(put: ToPut, done: (told: Told) => void): () => void {
  const { session, question, passed, server } = put;
  let over = false;
  const end = (told: Told) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    done(told);
  };
  const timer = setTimeout(() => {
    if (over) return;
    withdraw();
    passed.drop('cancelled', 'expired');
    end({ kind: 'late' });
  }, put.ttlMs).unref();
  const params = toAscii(addressed(question.method, passed.params, server, { task: undefined }));
  const withdraw = session.ask(question.method, params, (body) => void read(put, body).then(end), put.send);
  return () => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    withdraw();
    passed.drop('cancelled', 'withdrawn');
  };
}

async function cleaned(passed: PassedQuestion, text: string): Promise<string | Refusal> {
  try {
    return await passed.clean(text, 'inbound');
  } catch {
    return { refused: 'content', detail: 'a filter failed' };
  }
}

/** @param body raw JSON of `"result":...` or `"error":...` */
async function read({ question, passed }: ToPut, body: string): Promise<Told> {
  const text = `{${body}}`;
  const parsed = JSON.parse(text) as JsonObject;
  const place = objectMembers(text, 0)?.find(({ key }) => key === 'result' || key === 'error');
  if (place?.key === 'error' && isObject(parsed['error'])) {
    // What a client says of why it will not is content as well.
    const clean = await cleaned(passed, text.slice(place.start, place.end));
    passed.drop('error', 'client');
    if (isRefusal(clean)) return { kind: 'refused', refusal: clean };
    return { kind: 'error', error: JSON.parse(clean) as JsonObject, body: `"error":${clean}` };
  }
  const problem = answerProblem(question.method, parsed['result']);
  if (problem !== undefined || !place) {
    passed.drop('error', 'malformed');
    return { kind: 'malformed', problem: problem ?? 'it has no result' };
  }
  const clean = await passed.answer(answerToServer(text.slice(place.start, place.end)));
  if (!isRefusal(clean)) return { kind: 'answer', result: clean };
  passed.drop('refused', clean.refused);
  return { kind: 'refused', refusal: clean };
}
