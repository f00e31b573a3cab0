import {
  changeMembers,
  changeObject,
  checkJson,
  isHopKey,
  isObject,
  objectMembers,
  skipSpace,
} from '@sekisho/protocol';
import type { JsonObject } from '@sekisho/protocol';
import { decodeBinary } from '../wire.ts';

const LIMITS = { maxDepth: 100 };

/** What a server may ask of a client: of the user (`elicitation`), of the model (`sampling`), of the workspace (`roots`). */
export type QuestionMethod = 'elicitation/create' | 'sampling/createMessage' | 'roots/list';

const METHODS: ReadonlySet<string> = new Set<QuestionMethod>([
  'elicitation/create',
  'sampling/createMessage',
  'roots/list',
]);

/** A question of a server, read far enough to be judged. */
export interface Question {
  readonly method: QuestionMethod;
  /** Raw JSON of its `params`, decoded text; `{}` where it has none. */
  readonly params: string;
  readonly parsed: JsonObject;
}

/** Why a question cannot be put, as the server is told: a JSON-RPC error of its era. */
export interface QuestionProblem {
  readonly code: number;
  readonly message: string;
}

export function isQuestionMethod(method: string): method is QuestionMethod {
  return METHODS.has(method);
}

/** Reads a question from its method and the raw JSON of its `params`. */
export function readQuestion(method: string, params: string | undefined): Question | QuestionProblem {
  if (!isQuestionMethod(method)) return { code: -32601, message: 'Method not found.' };
  const text = params ?? '{}';
  // It goes on as it is, so it must not be read differently by who comes after.
  if (checkJson(text, LIMITS)) return { code: -32602, message: 'The question cannot be read in one way only.' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  if (!isObject(parsed)) return { code: -32602, message: '"params" must be an object.' };
  const problem = problemOf(method, parsed);
  return problem === undefined ? { method, params: text, parsed } : { code: -32602, message: problem };
}

/** The same from a whole message of a legacy server, a binary string. */
export function readQuestionMessage(method: string, message: string): Question | QuestionProblem {
  const places = (objectMembers(message, skipSpace(message, 0)) ?? []).filter(
    ({ key }) => key.toLowerCase() === 'params',
  );
  if (places.length > 1) return { code: -32600, message: 'A message has its "params" once.' };
  const params = places.find(({ key }) => key === 'params');
  return readQuestion(method, params && decodeBinary(message.slice(params.start, params.end)));
}

export function isProblem(value: Question | QuestionProblem): value is QuestionProblem {
  return 'code' in value;
}

function problemOf(method: QuestionMethod, params: JsonObject): string | undefined {
  if (method === 'elicitation/create') {
    if (typeof params['message'] !== 'string') return '"message" must be a string.';
    const mode = params['mode'] ?? 'form';
    if (mode === 'url') return typeof params['url'] === 'string' ? undefined : '"url" must be a string.';
    if (mode !== 'form') return 'Unknown mode of elicitation.';
    return isObject(params['requestedSchema']) ? undefined : '"requestedSchema" must be an object.';
  }
  if (method === 'sampling/createMessage' && !Array.isArray(params['messages'])) return '"messages" must be an array.';
  return undefined;
}

/**
 * The capabilities that a client lacks for a question, in the shape of `requiredCapabilities`; undefined where it can be
 * asked. `elicitation: {}` means forms (MCP 2026-07-28, client/elicitation, "Capabilities").
 */
export function lacking({ method, parsed }: Question, capabilities: JsonObject): JsonObject | undefined {
  if (method === 'roots/list') return isObject(capabilities['roots']) ? undefined : { roots: {} };
  if (method === 'elicitation/create') {
    const mode = parsed['mode'] === 'url' ? 'url' : 'form';
    const elicitation = capabilities['elicitation'];
    const has =
      isObject(elicitation) && (isObject(elicitation[mode]) || (mode === 'form' && !isObject(elicitation['url'])));
    return has ? undefined : { elicitation: { [mode]: {} } };
  }
  const sampling = capabilities['sampling'];
  if (!isObject(sampling)) return { sampling: {} };
  const wantsTools = parsed['tools'] !== undefined || parsed['toolChoice'] !== undefined;
  return wantsTools && !isObject(sampling['tools']) ? { sampling: { tools: {} } } : undefined;
}

/** Where the asking server is named for programs. */
const ASKED_BY = 'dev.sekisho/server';

/**
 * Where a legacy server may name a question of its own: a word that is the same each time, as modern servers give with the
 * keys of `inputRequests`. Clients that know the word can answer before they are asked.
 */
const KEY = 'dev.sekisho/key';

export function keyOf({ parsed }: Question): string | undefined {
  const meta = parsed['_meta'];
  const key = isObject(meta) ? meta[KEY] : undefined;
  return typeof key === 'string' && /^[A-Za-z][\w.-]{0,63}$/.test(key) ? key : undefined;
}

/**
 * The `params` as they go to a client: the asking server named (in the message that the user reads, and in `_meta` for
 * programs), members of the server's own hop taken off.
 *
 * @param changes raw JSON of further members to replace or (undefined) take out
 */
export function addressed(
  method: QuestionMethod,
  params: string,
  server: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): string {
  const at = skipSpace(params, 0);
  const members = objectMembers(params, at) ?? [];
  const all: Record<string, string | undefined> = { ...changes };
  const meta = members.find(({ key }) => key === '_meta');
  const metaChanges: Record<string, string | undefined> = { progressToken: undefined, [KEY]: undefined };
  for (const { key } of meta ? (objectMembers(params, meta.start) ?? []) : [])
    if (isHopKey(key)) metaChanges[key] = undefined;
  metaChanges[ASKED_BY] = JSON.stringify(server);
  all['_meta'] = meta ? changeObject(params, meta.start, metaChanges) : changeObject('{}', 0, metaChanges);
  const message = members.find(({ key }) => key === 'message');
  if (method === 'elicitation/create' && message) {
    const said = JSON.parse(params.slice(message.start, message.end)) as string;
    all['message'] = JSON.stringify(namedMessage(server, said));
  }
  return changeMembers(params, members, all);
}

/** What the user reads: the name stands first, so that nothing a server writes can stand before it. */
export function namedMessage(server: string, message: string): string {
  return `The server "${server}" asks: ${message}`;
}

/** What is wrong with the answer of a client to a question; undefined where its shape is sound. */
export function answerProblem(method: QuestionMethod, answer: unknown): string | undefined {
  if (!isObject(answer)) return 'an answer must be an object';
  if (method === 'roots/list') return Array.isArray(answer['roots']) ? undefined : '"roots" must be an array';
  if (method === 'sampling/createMessage') {
    const { role, content, model } = answer;
    if (role !== 'user' && role !== 'assistant') return '"role" must be "user" or "assistant"';
    if (!isObject(content) && !Array.isArray(content)) return '"content" must be a block or an array of blocks';
    return typeof model === 'string' ? undefined : '"model" must be a string';
  }
  const { action, content } = answer;
  if (action !== 'accept' && action !== 'decline' && action !== 'cancel')
    return '"action" must be "accept", "decline" or "cancel"';
  if (content === undefined) return undefined;
  if (!isObject(content)) return '"content" must be an object';
  return Object.values(content).every(isFieldValue)
    ? undefined
    : 'the values of "content" must be strings, numbers, booleans or arrays of strings';
}

function isFieldValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string');
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** A client's answer without the members that describe its own hop. Raw JSON in and out. */
export function answerToServer(result: string): string {
  const meta = objectMembers(result, skipSpace(result, 0))?.find(({ key }) => key === '_meta');
  const inner = meta ? (objectMembers(result, meta.start) ?? []) : [];
  const foreign = inner.filter(({ key }) => isHopKey(key));
  if (!meta || foreign.length === 0) return result;
  const changes = Object.fromEntries(foreign.map(({ key }) => [key, undefined]));
  return changeObject(result, skipSpace(result, 0), { _meta: changeObject(result, meta.start, changes) });
}

/** The method that an answer of this shape belongs to; undefined for one of no known shape. */
export function methodOfAnswer(answer: unknown): QuestionMethod | undefined {
  if (!isObject(answer)) return undefined;
  if (Object.hasOwn(answer, 'action')) return 'elicitation/create';
  if (Object.hasOwn(answer, 'roots')) return 'roots/list';
  return Object.hasOwn(answer, 'role') ? 'sampling/createMessage' : undefined;
}

/** What a client declared that concerns questions, as a server may be told when its conversation is opened. */
export function questionCapabilities(capabilities: JsonObject): JsonObject | undefined {
  let asked: Record<string, unknown> | undefined;
  for (const key of ['elicitation', 'sampling', 'roots']) {
    const value = capabilities[key];
    // Changes of roots cannot be told: a modern client has no such notification.
    if (isObject(value)) (asked ??= {})[key] = key === 'roots' ? {} : value;
  }
  return asked;
}
