import { fault, isFault } from './faults.ts';
import type { Fault } from './faults.ts';
import { checkJson } from './json/check.ts';
import type { JsonLimits } from './json/check.ts';
import { asciiText } from './json/ascii.ts';
import { arrayElements, objectMembers, readMembers, skipSpace } from './json/walk.ts';
import type { Member } from './json/walk.ts';

/** A JSON object as parsed. Numbers are JavaScript numbers here; the exact digits stay in the raw text. */
export type JsonObject = Readonly<Record<string, unknown>>;

interface Read {
  /** The message's own text, unchanged. */
  readonly text: string;
  /** Top-level members by key, with their places in `text`. */
  readonly members: ReadonlyMap<string, Member>;
}

export interface RequestMessage extends Read {
  readonly kind: 'request';
  /** JSON of the id in ASCII, so that it fits decoded and binary texts; integers beyond 2^53 come back as they came. */
  readonly idText: string;
  readonly method: string;
  readonly params: JsonObject | undefined;
  /** The members of `params`, with their places in `text`. */
  readonly paramsMembers: readonly Member[];
}

export interface NotificationMessage extends Read {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: JsonObject | undefined;
  readonly paramsMembers: readonly Member[];
}

export interface ResponseMessage extends Read {
  readonly kind: 'response';
  /** Raw JSON of the id; undefined where the peer could not read ours. */
  readonly idText: string | undefined;
  readonly ok: boolean;
}

export type Message = RequestMessage | NotificationMessage | ResponseMessage;

export interface BatchMessage {
  readonly kind: 'batch';
  readonly messages: readonly Message[];
}

/** The names of the protocol by their lower-case form. */
const byLowerCase = (...names: string[]): ReadonlyMap<string, string> =>
  new Map(names.map((name) => [name.toLowerCase(), name]));

const ENVELOPE_KEYS = byLowerCase('jsonrpc', 'id', 'method', 'params', 'result', 'error');
/** Members of `params` on which routing and decisions rest. */
const ROUTING_KEYS = byLowerCase(
  'name',
  'uri',
  'arguments',
  '_meta',
  'cursor',
  'ref',
  'taskId',
  'level',
  'inputResponses',
  'requestState',
);

/**
 * One message a client sent: JSON checked (depth, names, surrogates), parsed once, its envelope judged, its parts located.
 *
 * Does NOT judge the revision, the `_meta` envelope, the headers or the parameters of a method.
 *
 * @param limits nesting bound, see {@link JsonLimits}
 * @returns a message, a batch (2025-03-26 had them; the caller decides), or a fault carrying the id where it could be read
 */
export function readMessage(text: string, limits: JsonLimits): Message | BatchMessage | Fault {
  const checked = checkJson(text, limits);
  let value: unknown;
  try {
    if (checked?.reason !== 'too-deep') value = JSON.parse(text);
  } catch {
    return fault('not-json', 'The body is not JSON.');
  }
  if (checked) return { ...checked, ...idOf(text, value) };
  if (Array.isArray(value)) return readBatch(text, limits);
  return judge(text, value);
}

function readBatch(text: string, limits: JsonLimits): BatchMessage | Fault {
  const parts = JSON.parse(text) as unknown[];
  if (parts.length === 0) return fault('not-a-message', 'The batch is empty.');
  const messages: Message[] = [];
  // Before any element is read: each level of arrays in arrays would have the whole rest parsed once more.
  if (parts.some((part) => Array.isArray(part))) return fault('not-a-message', 'A batch holds messages, not batches.');
  for (const element of elementsOf(text)) {
    const message = readMessage(element, limits);
    if (isFault(message)) return message;
    if (message.kind === 'batch') return fault('not-a-message', 'A batch holds messages, not batches.');
    messages.push(message);
  }
  return { kind: 'batch', messages };
}

function judge(text: string, value: unknown): Message | Fault {
  if (typeof value !== 'object' || value === null) return fault('not-a-message', 'The body is not a JSON-RPC message.');
  const body = value as JsonObject;
  const list: Member[] = [];
  const paramsMembers: Member[] = [];
  readMembers(text, skipSpace(text, 0), list, (key, start) =>
    key === 'params' && text.charCodeAt(start) === 0x7b ? readMembers(text, start, paramsMembers) : undefined,
  );
  const members = new Map<string, Member>();
  for (const member of list) members.set(member.key, member);
  const idText = readId(text, body, members);
  const wrong = (message: string) => fault('not-a-message', message, { idText });
  const ambiguous =
    lookAlike(body, ENVELOPE_KEYS) ?? (isObject(body['params']) ? lookAlike(body['params'], ROUTING_KEYS) : undefined);
  if (ambiguous !== undefined) {
    return fault(
      'ambiguous-key',
      'A member name differs from one of the protocol only in case or in invisible characters.',
      { idText },
    );
  }
  if (body['jsonrpc'] !== '2.0') return wrong('"jsonrpc" must be "2.0".');
  const method = body['method'];
  if (method === undefined) return judgeResponse(text, body, members, idText);
  if (typeof method !== 'string' || method === '') return wrong('"method" must be a non-empty string.');
  if ('result' in body || 'error' in body) return wrong('A message is a request or a response, not both.');
  const params = body['params'];
  if (params !== undefined && !isObject(params)) return wrong('"params" must be an object.');
  if (!('id' in body)) return { kind: 'notification', text, members, method, params, paramsMembers };
  if (idText === undefined) return fault('not-a-message', '"id" must be a string or an integer.');
  return { kind: 'request', text, members, idText, method, params, paramsMembers };
}

function judgeResponse(
  text: string,
  body: JsonObject,
  members: Map<string, Member>,
  idText: string | undefined,
): Message | Fault {
  const hasResult = 'result' in body;
  const hasError = 'error' in body;
  if (hasResult === hasError)
    return fault('not-a-message', 'The body is neither a request, a notification nor a response.', { idText });
  if (hasResult && !isObject(body['result'])) return fault('not-a-message', '"result" must be an object.', { idText });
  if (hasError && !isObject(body['error'])) return fault('not-a-message', '"error" must be an object.', { idText });
  return { kind: 'response', text, members, idText, ok: hasResult };
}

function readId(text: string, body: JsonObject, members: ReadonlyMap<string, Member>): string | undefined {
  const id = body['id'];
  const place = members.get('id');
  if (!place) return undefined;
  const raw = text.slice(place.start, place.end);
  if (typeof id === 'string') return raw.length <= 1024 ? asciiText(raw) : undefined;
  // Fractions and exponents are no integers; the digits themselves may be beyond 2^53.
  return typeof id === 'number' && /^-?\d{1,64}$/.test(raw) ? raw : undefined;
}

/** The id of a body that was refused: only where exactly one could be read, so that nobody answers the wrong request. */
function idOf(text: string, value: unknown): { idText?: string } {
  if (!isObject(value)) return {};
  const places = (objectMembers(text, skipSpace(text, 0)) ?? []).filter((member) => member.key === 'id');
  if (places.length !== 1) return {};
  const idText = readId(text, value, new Map([['id', places[0]!]]));
  return idText === undefined ? {} : { idText };
}

/** A key that some parser would take for one of `known`: another case, or with control or invisible characters. */
function lookAlike(object: JsonObject, known: ReadonlyMap<string, string>): string | undefined {
  for (const key of Object.keys(object)) {
    const exact = known.get(key);
    if (exact === key || (exact === undefined && PLAIN.test(key))) continue;
    // The long s and the Kelvin sign are the two characters beyond ASCII that case folding makes letters of ASCII.
    const plain = key
      .replaceAll('\u017f', 's')
      .replaceAll('\u212a', 'k')
      .replace(/[^\x21-\x7e]/g, '')
      .toLowerCase();
    const meant = known.get(plain);
    if (meant !== undefined && meant !== key) return key;
  }
  return undefined;
}

/** Nothing that could pass for something else: lower case letters and digits only. */
const PLAIN = /^[a-z0-9_]+$/;

function* elementsOf(text: string): Generator<string> {
  const elements = arrayElements(text, skipSpace(text, 0)) ?? [];
  for (const { start, end } of elements) yield text.slice(start, end);
}

/** True for a JSON object, false for arrays and null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
