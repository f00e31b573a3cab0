import { errorText } from '@sekisho/protocol';
import type { JsonObject } from '@sekisho/protocol';
import type { Refusal } from '../ports.ts';
import { refuseExchange } from '../refuse-exchange.ts';
import type { Seat } from './seat.ts';

/** Why a retry is not taken. The client learns of two cases only: its state is not good, or its answers are not. */
export type RetryProblem = 'foreign' | 'expired' | 'reused' | 'malformed';

const NOT_GOOD = 'This requestState is not valid, or not any more: begin the call anew without it.';

/** Foreign, tampered, expired and used states are answered alike, so that nobody learns which calls of others exist. */
export function refuseRetry(seat: Seat, problem: RetryProblem, detail?: string): void {
  const { x, finish, hears } = seat;
  const message = problem === 'malformed' ? `The answers cannot be passed on. ${detail ?? ''}`.trim() : NOT_GOOD;
  hears.release();
  finish.end(
    { result: 'refused', code: -32602, reason: `request-state-${problem}` },
    errorText(x.message.idText, -32602, message),
  );
}

/** A refusal of a port in the middle of a call. */
export function endRefused({ x, finish, hears }: Seat, refusal: Refusal): void {
  hears.release();
  refuseExchange(x, refusal, finish);
}

/** The server wanted to ask what the client did not declare that it can be asked (MCP 2026-07-28, basic/index, -32021). */
export function refuseCapability({ x, finish, hears }: Seat, requiredCapabilities: JsonObject): void {
  hears.release();
  const text = errorText(x.message.idText, -32021, 'The server needs a capability that the client did not declare.', {
    requiredCapabilities,
  });
  finish.refuse({ result: 'error', code: -32021 }, 400, text);
}
