import type { Fault } from '@sekisho/protocol';
import { afterEnd } from '../entry.ts';
import type { Ending } from '../entry.ts';
import type { Admitted, Authenticated } from '../exchange.ts';
import type { Awaitable, HeaderFields, Principal, Refusal } from '../ports.ts';
import { faultEnding, publicFault, publicRefusal, refusalEnding } from '../refusals.ts';
import type { PublicRefusal } from '../refusals.ts';
import { asciiJson } from '../wire.ts';
import { jsonHeaders } from './http-exchange.ts';
import type { HttpExchange } from './http-exchange.ts';

/** The same exchange with its sender known. */
export function authenticated(x: Admitted, principal: Principal): Authenticated {
  x.principal = principal;
  return x as Authenticated;
}

/** What the edge answers by itself: a status, headers, a body. */
export interface EdgeAnswer {
  readonly status: number;
  readonly headers?: HeaderFields | undefined;
  readonly text?: string;
}

/** Every answer that the edge gives by itself leaves here: on record first, then told. */
export function conclude(http: HttpExchange, ending: Ending, answer: EdgeAnswer): Awaitable<void> {
  const { status, headers = {}, text } = answer;
  // No closures where nobody records.
  if (!http.entry) return http.respond(status, headers, text);
  return afterEnd(
    http.entry,
    text === undefined ? ending : { ...ending, bytes: text.length },
    () => http.respond(status, headers, text),
    (refusal) => respondRefusal(http, publicRefusal(refusal, http.entry?.idText)),
  );
}

export function refuseFault(http: HttpExchange, reason: Fault, headers?: HeaderFields): Awaitable<void> {
  const { status, text } = publicFault(reason);
  return conclude(http, faultEnding(reason), { status, headers: jsonHeaders(headers), text });
}

export function refuse(http: HttpExchange, refusal: Refusal, idText?: string): Awaitable<void> {
  const { status, text, headers, code } = publicRefusal(refusal, idText);
  if (refusal.facts) http.note(refusal.facts);
  const ending = refusalEnding(refusal, code);
  // Without an id there is no JSON-RPC message to answer: plain HTTP gets a problem document where there is one.
  if (refusal.problem && idText === undefined) {
    const plain = { ...headers, 'Content-Type': 'application/problem+json' };
    return conclude(http, ending, { status, headers: plain, text: asciiJson(refusal.problem) });
  }
  return conclude(http, ending, { status, headers: jsonHeaders(headers), text });
}

function respondRefusal(http: HttpExchange, { status, headers, text }: PublicRefusal): void {
  http.respond(status, jsonHeaders(headers), text);
}
