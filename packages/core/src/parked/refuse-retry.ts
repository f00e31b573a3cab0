import { errorText } from '@sekisho/protocol';
import type { JsonObject } from '@sekisho/protocol';
import type { Outcome, Refusal } from '../ports.ts';
import { publicRefusal } from '../refusals.ts';
import { toAscii } from '../wire.ts';
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
export function endRefused(seat: Seat, refusal: Refusal): void {
  const { status, text, code, headers } = publicRefusal(refusal, seat.x.message.idText);
  endWithStatus(seat, { result: 'refused', reason: refusal.refused, code }, status, text, headers);
}

/** The server wanted to ask what the client did not declare that it can be asked (MCP 2026-07-28, basic/index, -32021). */
export function refuseCapability(seat: Seat, requiredCapabilities: JsonObject): void {
  const text = errorText(
    seat.x.message.idText,
    -32021,
    'The server needs a capability that the client did not declare.',
    {
      requiredCapabilities,
    },
  );
  endWithStatus(seat, { result: 'error', code: -32021 }, 400, toAscii(text));
}

function endWithStatus(
  { x, finish, hears }: Seat,
  ending: Omit<Outcome, 'durationMs'>,
  status: number,
  text: string,
  headers?: Readonly<Record<string, string>>,
): void {
  if (finish.ended) return;
  hears.release();
  // Recorded before the reply leaves; a record that fails has its say on the log and the refusal goes out all the same.
  const send = () => x.reply.refuse(status, text, headers);
  const recorded = finish.record(ending);
  if (recorded) void recorded.then(send, send);
  else send();
}
