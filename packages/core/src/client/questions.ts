import { isObject, objectMembers, skipSpace } from '@sekisho/protocol';
import type { ResponseView } from '@sekisho/protocol';
import { isRefusal } from '../ports.ts';
import type { Awaitable, Ports, Principal } from '../ports.ts';
import { refuseQuestion } from '../upstreams/peer.ts';
import type { ServerRequest } from '../upstreams/peer.ts';
import { parseBinary } from '../wire.ts';

/** Whom a server asks something: what the rules are asked about. */
export interface Asked {
  readonly principal: Principal;
  readonly server: string;
  readonly address: string | undefined;
}

/**
 * Puts a question of a legacy server to its client if the rules let the server ask it; else the server is told what it is told
 * when nobody is there to be asked.
 */
export function askIfAllowed(
  ports: Ports,
  asked: Asked,
  request: ServerRequest,
  ask: (request: ServerRequest) => void,
): void {
  const after = (allowed: boolean) => (allowed ? ask(request) : refuseQuestion(request));
  const allowed = mayAsk(ports, asked, request.text, skipSpace(request.text, 0));
  if (!(allowed instanceof Promise)) return after(allowed);
  allowed.then(after, () => refuseQuestion(request));
}

/**
 * Whether a modern server may ask all that an `input_required` answer asks (MCP 2026-07-28, basic/patterns/mrtr). One question
 * that is refused refuses the answer: a client that answers only some of them would be asked again for ever.
 */
export function answerIfAllowed(
  ports: Ports,
  asked: Asked,
  view: ResponseView,
  after: (allowed: boolean) => void,
): void {
  const allowed = mayAskAll(ports, asked, view);
  if (!(allowed instanceof Promise)) return after(allowed);
  allowed.then(after, () => after(false));
}

function mayAskAll(ports: Ports, asked: Asked, view: ResponseView): Awaitable<boolean> {
  const verdicts: Awaitable<boolean>[] = [];
  for (const { key, start } of view.body) {
    if (key !== 'inputRequests') continue;
    const questions = objectMembers(view.text, start);
    if (!questions) return false;
    for (const one of questions) verdicts.push(mayAsk(ports, asked, view.text, one.start));
  }
  return verdicts.some((verdict) => verdict instanceof Promise) ? allOf(verdicts) : !verdicts.includes(false);
}

async function allOf(verdicts: readonly Awaitable<boolean>[]): Promise<boolean> {
  for (const verdict of verdicts) if (!(await verdict)) return false;
  return true;
}

/** Whether an answer asks instead of answering. */
export function isAsking(view: ResponseView): boolean {
  return view.ok && view.body.some(({ key }) => key === 'inputRequests');
}

/** Decides on the question that stands at `at`. One that two readers could read differently is refused: it goes on as it is. */
function mayAsk(ports: Ports, { principal, server, address }: Asked, text: string, at: number): Awaitable<boolean> {
  const members = objectMembers(text, at) ?? [];
  const ambiguous = (name: string) => members.filter(({ key }) => key.toLowerCase() === name).length > 1;
  const find = (name: string): unknown => {
    const member = members.find(({ key }) => key === name);
    return member && parseBinary(text.slice(member.start, member.end));
  };
  const method = find('method');
  if (typeof method !== 'string' || ambiguous('method') || ambiguous('params')) return false;
  const params = find('params');
  const verdict = ports.decide(
    principal,
    { method, kind: 'question', server, name: undefined, ...(isObject(params) ? { arguments: params } : {}) },
    address,
  );
  return verdict instanceof Promise ? verdict.then((late) => !isRefusal(late)) : !isRefusal(verdict);
}
