import type { Fault } from '@sekisho/protocol';
import type { Admitted, Authenticated } from '../exchange.ts';
import type { Principal, Refusal } from '../ports.ts';
import { publicFault, publicRefusal } from '../refusals.ts';
import { asciiJson } from '../wire.ts';
import { jsonHeaders } from './http-exchange.ts';
import type { HttpExchange } from './http-exchange.ts';

/** The same exchange with its sender known. */
export function authenticated(x: Admitted, principal: Principal): Authenticated {
  x.principal = principal;
  return x as Authenticated;
}

export function refuseFault(http: HttpExchange, reason: Fault, headers?: Readonly<Record<string, string>>): void {
  const { status, text } = publicFault(reason);
  http.respond(status, jsonHeaders(headers), text);
}

export function refuse(http: HttpExchange, refusal: Refusal, idText?: string): void {
  const { status, text, headers } = publicRefusal(refusal, idText);
  // Without an id there is no JSON-RPC message to answer: plain HTTP gets a problem document where there is one.
  if (refusal.problem && idText === undefined)
    return http.respond(status, { ...headers, 'Content-Type': 'application/problem+json' }, asciiJson(refusal.problem));
  http.respond(status, jsonHeaders(headers), text);
}
