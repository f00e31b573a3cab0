import { asciiText } from './json/ascii.ts';
import { changeMembers } from './json/edit.ts';
import type { MemberChanges } from './json/edit.ts';
import { readMembers, skipSpace } from './json/walk.ts';
import type { Member } from './json/walk.ts';

/**
 * A peer's answer, located and not parsed: its id, and where its `result` or `error` stands with its members.
 * Everything else of the text goes on as it came.
 */
export interface ResponseView {
  readonly text: string;
  readonly idText: string;
  readonly idStart: number;
  readonly idEnd: number;
  readonly ok: boolean;
  /** Where the value of `result` or `error` begins and ends. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** The members of that value. */
  readonly body: readonly Member[];
}

/**
 * Reads the frame of an answer in one pass over its structure; strings are skipped, not looked into.
 *
 * @param text decoded text or a binary string
 * @returns undefined for what is not exactly one sound response: two ids, a method beside the result, neither or both of
 *   `result` and `error`, text behind it. Readers disagree on which of two members counts, so such a message is none.
 *   Does NOT check that scalars are valid JSON in themselves.
 */
export function readResponse(text: string): ResponseView | undefined {
  const start = skipSpace(text, 0);
  const members: Member[] = [];
  const body: Member[] = [];
  const end = readMembers(text, start, members, (key, at) => {
    if ((key !== 'result' && key !== 'error') || body.length > 0) return undefined;
    return readMembers(text, at, body);
  });
  if (end < 0 || skipSpace(text, end) !== text.length) return undefined;
  let id: Member | undefined;
  let value: Member | undefined;
  // A sound frame has three members; with many, comparing each with each would let a server stop the gateway.
  const seen = members.length > 16 ? new Set<string>() : undefined;
  for (let i = 0; i < members.length; i++) {
    const member = members[i]!;
    if (member.key === 'id') {
      if (id) return undefined;
      id = member;
    } else if (member.key === 'result' || member.key === 'error') {
      if (value) return undefined;
      value = member;
    } else if (member.key === 'method') return undefined;
    else if (seen) {
      if (seen.has(member.key)) return undefined;
      seen.add(member.key);
    } else for (let k = 0; k < i; k++) if (members[k]!.key === member.key) return undefined;
  }
  if (!id || !value) return undefined;
  return {
    text,
    idText: text.slice(id.start, id.end),
    idStart: id.start,
    idEnd: id.end,
    ok: value.key === 'result',
    bodyStart: value.start,
    bodyEnd: value.end,
    body,
  };
}

/** The answer under another id; nothing else changes. */
export function withId(view: ResponseView, idText: string): string {
  return view.text.slice(0, view.idStart) + idText + view.text.slice(view.idEnd);
}

/** The answer under another id, its result or error with some members replaced, removed or added. */
export function withChanges(view: ResponseView, idText: string, changes: MemberChanges): string {
  const { text, idStart, idEnd, bodyStart, bodyEnd } = view;
  const body = changeMembers(text, view.body, changes);
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
  const added = view.body.length === 0 ? front : `${front},`;
  return idStart < bodyStart
    ? text.slice(0, idStart) + idText + text.slice(idEnd, bodyStart + 1) + added + text.slice(bodyStart + 1)
    : text.slice(0, bodyStart + 1) + added + text.slice(bodyStart + 1, idStart) + idText + text.slice(idEnd);
}

/** A successful answer from raw JSON. */
export function resultText(idText: string, result: string): string {
  return `{"jsonrpc":"2.0","id":${idText},"result":${result}}`;
}

/**
 * An error answer, in ASCII. Without an id the member is left out: `null` is not valid on the modern wire
 * (MCP 2026-07-28, basic/index, "Error Codes").
 */
export function errorText(idText: string | undefined, code: number, message: string, data?: unknown): string {
  const id = idText === undefined ? '' : `"id":${idText},`;
  const extra = data === undefined ? '' : `,"data":${JSON.stringify(data)}`;
  return asciiText(`{"jsonrpc":"2.0",${id}"error":{"code":${code},"message":${JSON.stringify(message)}${extra}}}`);
}

/** A message on one line: raw line breaks in JSON are white space, and in SSE or on stdio they would end the message. */
export function onOneLine(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, ' ') : text;
}
