import type { Fault } from '@sekisho/protocol';
import type { Admitted, Authenticated } from '../exchange.ts';
import type { Principal, Refusal } from '../ports.ts';
import { publicFault, publicRefusal } from '../refusals.ts';
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
  http.respond(status, jsonHeaders(headers), text);
}
