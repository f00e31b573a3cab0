import { createHash } from 'node:crypto';
import { objectMembers, valueEnd } from '@sekisho/protocol';
import type { Authenticated } from '../exchange.ts';

/** Members of `params` that differ from round to round. */
const OF_A_ROUND: ReadonlySet<string> = new Set(['_meta', 'inputResponses', 'requestState']);

/**
 * What a `requestState` is bound to: who asked, where, for what, and with which parameters (MCP 2026-07-28, basic/patterns/
 * mrtr, rule 5). Equal requests give equal texts whatever the order of their members.
 */
export function bindingOf(x: Authenticated): string {
  const { principal, endpoint, message } = x;
  const hash = createHash('sha256');
  for (const { key, start, end } of message.paramsMembers.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    if (OF_A_ROUND.has(key)) continue;
    hash.update(`${JSON.stringify(key)}:${canonical(message.text, start, end)},`);
  }
  return JSON.stringify([
    principal.id,
    principal.tenant ?? null,
    endpoint.server ?? null,
    message.method,
    hash.digest('base64url'),
  ]);
}

/** JSON with its members in order and without white space. Numbers keep their digits: beyond 2^53 two of them parse alike. */
function canonical(text: string, start: number, end: number): string {
  const first = text[start];
  if (first === '{') {
    const members = objectMembers(text, start) ?? [];
    return `{${members
      .toSorted((a, b) => (a.key < b.key ? -1 : 1))
      .map((one) => `${JSON.stringify(one.key)}:${canonical(text, one.start, one.end)}`)
      .join(',')}}`;
  }
  if (first === '[') {
    let out = '[';
    for (let i = start + 1; i < end - 1;) {
      const c = text.charCodeAt(i);
      if (c === 0x2c || c <= 0x20) {
        i++;
        continue;
      }
      const stop = valueEnd(text, i);
      if (stop < 0) break;
      out += `${canonical(text, i, stop)},`;
      i = stop;
    }
    return `${out}]`;
  }
  const raw = text.slice(start, end).trimEnd();
  return first === '"' ? JSON.stringify(JSON.parse(raw)) : raw;
}
