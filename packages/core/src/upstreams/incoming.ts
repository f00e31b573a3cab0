import {
  objectMembers,
  readLargeResponse,
  readResponse,
  skipSpace,
  arrayElements,
  applyEdits,
} from '@sekisho/protocol';
import type { Edit, LargeResponse, ResponseView } from '@sekisho/protocol';
import { decodeBinary, parseBinary } from '../wire.ts';

/** A message of a server, told apart without parsing what need not be parsed. */
export type Incoming =
  | { readonly kind: 'response'; readonly view: ResponseView; readonly id: number | undefined }
  | { readonly kind: 'large'; readonly large: LargeResponse; readonly id: number | undefined }
  | { readonly kind: 'notification'; readonly method: string; readonly text: string }
  | { readonly kind: 'request'; readonly method: string; readonly idText: string; readonly text: string }
  | { readonly kind: 'error'; readonly text: string }
  | { readonly kind: 'noise'; readonly text: string };

/** From this size on, in bytes, an answer is worth not being copied. */
const LARGE = 16_384;

/** Messages in one frame: one, or the elements of a 2025-03-26 batch. */
export function readIncoming(bytes: Buffer): Incoming[] {
  if (bytes.length >= LARGE) {
    const large = readLargeResponse(bytes);
    if (large) return [{ kind: 'large', large, id: readId(large.idText) }];
  }
  const text = bytes.toString('latin1');
  if (text.charCodeAt(0) !== 0x5b) return [readOne(text)];
  return (arrayElements(text, 0) ?? []).map(({ start, end }) => readOne(text.slice(start, end)));
}

function readOne(text: string): Incoming {
  const early = text.startsWith('{"jsonrpc":"2.0","method"') || text.startsWith('{"method"');
  if (!early) {
    const view = readResponse(text);
    if (view) return { kind: 'response', view, id: readId(view.idText) };
  }
  const members = objectMembers(text, skipSpace(text, 0));
  if (!members) return { kind: 'noise', text };
  const find = (key: string) => members.find((member) => member.key === key);
  const method = find('method');
  if (!method) {
    // An error that names no request, or `"id":null`: the server could not read what we sent.
    return find('error') ? { kind: 'error', text } : { kind: 'noise', text };
  }
  const name = parseBinary(text.slice(method.start, method.end));
  if (typeof name !== 'string' || find('result') || find('error')) return { kind: 'noise', text };
  const id = find('id');
  if (!id) return { kind: 'notification', method: name, text };
  return { kind: 'request', method: name, idText: decodeBinary(text.slice(id.start, id.end)), text };
}

/** Our own ids are small integers; some servers give them back as strings. */
function readId(idText: string): number | undefined {
  const plain = idText.startsWith('"') ? idText.slice(1, -1) : idText;
  return /^\d{1,15}$/.test(plain) ? Number(plain) : undefined;
}

/** The progress token of a `notifications/progress`, as the integer that we gave; undefined for others. */
export function progressTokenOf(text: string): number | undefined {
  const place = findTokenPlace(text);
  return place ? readId(text.slice(place.start, place.end)) : undefined;
}

/** The same notification under the caller's own token. */
export function withProgressToken(text: string, token: string): string {
  const place = findTokenPlace(text);
  if (!place) return text;
  const edit: Edit = { start: place.start, end: place.end, text: token };
  return applyEdits(text, [edit]);
}

function findTokenPlace(text: string) {
  const params = objectMembers(text, skipSpace(text, 0))?.find((member) => member.key === 'params');
  return params && objectMembers(text, params.start)?.find((member) => member.key === 'progressToken');
}
