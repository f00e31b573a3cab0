import { randomUUID } from 'node:crypto';
import { changeMembers, isObject, objectMembers, skipSpace } from '@sekisho/protocol';
import type { JsonObject, Revision } from '@sekisho/protocol';
import type { Question } from './question.ts';

/**
 * A question as the revision of a legacy client can carry it: members that it does not know are spelt in its own way where it
 * has one. Where it has none, a sentence that says so: a form that a client shows only in part is worse than none.
 */
export function fitQuestion(question: Question, revision: Revision): Question | string {
  if (question.method === 'elicitation/create') return fitElicitation(question, revision);
  return question.method === 'sampling/createMessage' && !revision.richSampling ? fitSampling(question) : question;
}

function fitElicitation(question: Question, { id, elicitation }: Revision): Question | string {
  const { parsed } = question;
  if (elicitation === 'none') return `clients of ${id} cannot be asked by servers`;
  if (parsed['mode'] === 'url') {
    if (elicitation === 'plain-forms') return `clients of ${id} cannot be asked to open a page`;
    // The revision requires an id; the modern one has none, since the call itself is made again.
    return typeof parsed['elicitationId'] === 'string' ? question : changed(question, { elicitationId: randomUUID() });
  }
  if (elicitation === 'forms-and-pages') return question;
  const schema = parsed['requestedSchema'];
  const fields = isObject(schema) && isObject(schema['properties']) ? schema['properties'] : {};
  let plain: Record<string, unknown> | undefined;
  for (const [name, field] of Object.entries(fields)) {
    if (!isObject(field)) continue;
    if (field['type'] === 'array') return `clients of ${id} cannot choose several values in a form`;
    if (Array.isArray(field['oneOf'])) (plain ??= { ...fields })[name] = withNames(field, field['oneOf']);
  }
  const changes: Record<string, unknown> = {};
  if (plain) changes['requestedSchema'] = { ...(schema as JsonObject), properties: plain };
  if (parsed['mode'] !== undefined) changes['mode'] = undefined;
  return Object.keys(changes).length > 0 ? changed(question, changes) : question;
}

/** Titled choices (`oneOf`) as revisions before 2025-11-25 spell them: `enum` and `enumNames`. */
function withNames(field: JsonObject, choices: readonly unknown[]): JsonObject {
  const { oneOf: _titled, ...rest } = field;
  const known = choices.filter(isObject);
  const values = known.map((choice) => choice['const']);
  return { ...rest, enum: values, enumNames: known.map((choice, i) => choice['title'] ?? values[i]) };
}

/** Before 2025-11-25 a message has one block and not an array of them. */
function fitSampling(question: Question): Question | string {
  const messages = question.parsed['messages'] as readonly unknown[];
  if (!messages.some((message) => isObject(message) && Array.isArray(message['content']))) return question;
  const single: unknown[] = [];
  for (const message of messages) {
    if (!isObject(message) || !Array.isArray(message['content'])) single.push(message);
    else if (message['content'].length === 1) single.push({ ...message, content: message['content'][0] as unknown });
    else return 'the client carries one block of content in a message, and the server sent several';
  }
  return changed(question, { messages: single });
}

function changed(question: Question, changes: JsonObject): Question {
  const { method, params, parsed } = question;
  const texts = Object.fromEntries(
    Object.entries(changes).map(([key, value]) => [key, value === undefined ? undefined : JSON.stringify(value)]),
  );
  const members = objectMembers(params, skipSpace(params, 0)) ?? [];
  const all = { ...parsed, ...changes };
  for (const key of Object.keys(changes)) if (changes[key] === undefined) delete all[key];
  return { method, params: changeMembers(params, members, texts), parsed: all };
}
