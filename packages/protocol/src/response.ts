import { changeObject } from './json/edit.ts';
import type { MemberChanges } from './json/edit.ts';
import { objectMembers, skipSpace, stringEnd, valueEnd } from './json/walk.ts';

/**
 * A peer's answer, located and not parsed: its id, and where its `result` or `error` begins.
 * Everything else of the text goes on as it came.
 */
export interface ResponseView {
  readonly text: string;
  readonly idText: string;
  readonly idStart: number;
  readonly idEnd: number;
  readonly ok: boolean;
  /** Where the value of `result` or `error` begins. */
  readonly bodyStart: number;
}

const HEAD = '{"jsonrpc":"2.0","id":';
const RESULT_FIRST = '{"result":';
const ERROR_FIRST = '{"error":';
const MISLEADING = ['"id"', '"method"', '"result":', '"error":', '\\u00'];
const TAIL = ',"jsonrpc":"2.0","id":';

/**
 * Reads the frame of an answer. The two orders of members that common SDKs write are recognised from the ends of the text
 * without walking it, provided that nothing inside could be a second frame; every other text is walked.
 *
 * @param text decoded text or a binary string
 * @returns undefined for what is not exactly one sound response: two ids, a method beside the result, neither or both of
 *   `result` and `error`. Does NOT check that the value of `result` is valid JSON in itself.
 */
export function readResponse(text: string): ResponseView | undefined {
  return readHeadFirst(text) ?? readTailLast(text) ?? walk(text);
}

function readHeadFirst(text: string): ResponseView | undefined {
  if (!text.startsWith(HEAD)) return undefined;
  const idEnd = idEndAt(text, HEAD.length);
  if (idEnd < 0) return undefined;
  const ok = text.startsWith(',"result":{', idEnd);
  if (!ok && !text.startsWith(',"error":{', idEnd)) return undefined;
  if (text.charCodeAt(text.length - 1) !== 0x7d || hidesFrame(text, idEnd, text.length)) return undefined;
  return view(text, HEAD.length, idEnd, ok, idEnd + (ok ? 10 : 9));
}

function readTailLast(text: string): ResponseView | undefined {
  const ok = text.startsWith(RESULT_FIRST);
  if (!ok && !text.startsWith(ERROR_FIRST)) return undefined;
  const tail = text.lastIndexOf(TAIL);
  if (tail < 0) return undefined;
  const idStart = tail + TAIL.length;
  const idEnd = idEndAt(text, idStart);
  if (idEnd !== text.length - 1 || text.charCodeAt(idEnd) !== 0x7d || hidesFrame(text, 0, tail)) return undefined;
  const bodyStart = ok ? RESULT_FIRST.length : ERROR_FIRST.length;
  return text.charCodeAt(bodyStart) === 0x7b ? view(text, idStart, idEnd, ok, bodyStart) : undefined;
}

function view(text: string, idStart: number, idEnd: number, ok: boolean, bodyStart: number): ResponseView {
  return { text, idText: text.slice(idStart, idEnd), idStart, idEnd, ok, bodyStart };
}

/** An id is an integer or a string without escapes here; other shapes take the long way. */
function idEndAt(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === 0x22) return stringEnd(text, at);
  let i = first === 0x2d ? at + 1 : at;
  const digits = i;
  while (text.charCodeAt(i) >= 0x30 && text.charCodeAt(i) <= 0x39) i++;
  return i > digits ? i : -1;
}

/** A second id or a method further on, or an escape that could spell one: a reader that takes the last would be misled. */
function hidesFrame(text: string, from: number, to: number): boolean {
  const part = from === 0 && to === text.length ? text : text.slice(from, to);
  // The frame's own first "result" or "error" stands before index 2 of the part.
  return MISLEADING.some((mark) => part.includes(mark, 2));
}

function walk(text: string): ResponseView | undefined {
  const start = skipSpace(text, 0);
  const members = objectMembers(text, start);
  if (!members || skipSpace(text, valueEnd(text, start)) !== text.length) return undefined;
  const places = new Map(members.map((member) => [member.key, member]));
  if (places.size !== members.length || places.has('method')) return undefined;
  const id = places.get('id');
  const result = places.get('result');
  const error = places.get('error');
  const body = result ?? error;
  if (!id || !body || (result && error) || text.charCodeAt(body.start) !== 0x7b) return undefined;
  return view(text, id.start, id.end, result !== undefined, body.start);
}

/** The answer under another id; nothing else changes. */
export function withId(view: ResponseView, idText: string): string {
  return view.text.slice(0, view.idStart) + idText + view.text.slice(view.idEnd);
}

/** The answer under another id, its result or error with some members replaced, removed or added. */
export function withChanges(view: ResponseView, idText: string, changes: MemberChanges): string {
  const body = changeObject(view.text, view.bodyStart, changes);
  const bodyEnd = valueEnd(view.text, view.bodyStart);
  const { text, idStart, idEnd, bodyStart } = view;
  return idStart < bodyStart
    ? text.slice(0, idStart) + idText + text.slice(idEnd, bodyStart) + body + text.slice(bodyEnd)
    : text.slice(0, bodyStart) + body + text.slice(bodyEnd, idStart) + idText + text.slice(idEnd);
}

/**
 * The answer under another id with members put in front of its result's own. The cheap way to add what the other era wants:
 * use it only where the result is known not to have these members.
 */
export function withFront(view: ResponseView, idText: string, front: string): string {
  const { text, idStart, idEnd, bodyStart } = view;
  const inside = skipSpace(text, bodyStart + 1);
  const added = text.charCodeAt(inside) === 0x7d ? front : `${front},`;
  return idStart < bodyStart
    ? text.slice(0, idStart) + idText + text.slice(idEnd, bodyStart + 1) + added + text.slice(bodyStart + 1)
    : text.slice(0, bodyStart + 1) + added + text.slice(bodyStart + 1, idStart) + idText + text.slice(idEnd);
}

/** A successful answer from raw JSON. */
export function resultText(idText: string, result: string): string {
  return `{"jsonrpc":"2.0","id":${idText},"result":${result}}`;
}

/**
 * An error answer. Without an id the member is left out: `null` is not valid on the modern wire
 * (MCP 2026-07-28, basic/index, "Error Codes").
 */
export function errorText(idText: string | undefined, code: number, message: string, data?: unknown): string {
  const id = idText === undefined ? '' : `"id":${idText},`;
  const extra = data === undefined ? '' : `,"data":${JSON.stringify(data)}`;
  return `{"jsonrpc":"2.0",${id}"error":{"code":${code},"message":${JSON.stringify(message)}${extra}}}`;
}

/** A message on one line: raw line breaks in JSON are white space, and in SSE or on stdio they would end the message. */
export function onOneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text;
}
