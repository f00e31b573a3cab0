import { findMember, objectMembers } from '@sekisho/protocol';
import type { RequestMessage } from '@sekisho/protocol';

/** The answers that a retry brings: raw JSON by key. Undefined where `inputResponses` is there and no object. */
export function readResponses(message: RequestMessage): Map<string, string> | undefined {
  const responses = new Map<string, string>();
  const member = message.paramsMembers.find(({ key }) => key === 'inputResponses');
  if (!member) return responses;
  const members = message.text[member.start] === '{' ? objectMembers(message.text, member.start) : undefined;
  if (!members) return undefined;
  for (const { key, start, end } of members) responses.set(key, message.text.slice(start, end).trimEnd());
  return responses;
}

/** The retry's progress token as raw JSON, undefined where it wants no progress. */
export function progressTokenText(message: RequestMessage): string | undefined {
  const meta = message.paramsMembers.find(({ key }) => key === '_meta');
  const token = meta && findMember(message.text, meta.start, 'progressToken');
  return token && message.text.slice(token.start, token.end);
}
