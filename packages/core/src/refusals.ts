import { errorText } from '@sekisho/protocol';
import type { Fault } from '@sekisho/protocol';
import type { Ending } from './entry.ts';
import type { HeaderFields, Refusal, RefusalReason } from './ports.ts';

/** One sentence for what is not there and for what one may not know of, so that nobody can tell them apart. */
const NOT_HERE = 'There is nothing of this name for you here. The lists say what there is.';

/**
 * What the client sees of each refusal: status, code, sentence. One table, so that what is hidden answers exactly as what
 * does not exist, and no cause, path or value of another system reaches the wire. Codes lie outside the range that the
 * specification reserves (MCP 2026-07-28, basic/index, "Error Codes").
 */
const table: Readonly<Record<RefusalReason, readonly [status: number, code: number, sentence: string]>> = {
  unauthenticated: [401, -31401, 'Sign in first: this endpoint needs a credential.'],
  forbidden: [200, -32602, NOT_HERE],
  denied: [403, -31403, 'This is not allowed.'],
  'insufficient-scope': [403, -31403, 'The credential does not reach that far.'],
  // The specification has no code for these two yet (SEP-3304 is open); both lie outside of every reserved range.
  limited: [429, 429, 'Too many requests; try again later.'],
  overloaded: [503, 503, 'Too much is under way; try again later.'],
  'unknown-target': [200, -32602, NOT_HERE],
  content: [200, -31422, 'The content was refused by a filter.'],
  'invalid-arguments': [200, -32602, 'The arguments do not fit the input schema of the tool.'],
  unavailable: [200, -31503, 'The server behind this name is not available.'],
  isolated: [503, -31503, 'The operator has isolated this for now.'],
  'record-failed': [503, -31503, 'The gateway cannot record this call and therefore does not make it.'],
};

/** A refusal or fault as it goes to the client. */
export interface PublicRefusal {
  readonly status: number;
  readonly text: string;
  readonly code: number;
  readonly headers: HeaderFields;
}

/** @param data replaces the usual `data`: what the specification wants beside an unknown resource */
export function publicRefusal(refusal: Refusal, idText: string | undefined, data?: unknown): PublicRefusal {
  const [usual, code, fixed] = table[refusal.refused];
  const { status = usual, message: sentence = fixed } = refusal;
  const { retryAfterMs: retry, policy } = refusal;
  const said = refusal.explanation === undefined ? sentence : `${sentence} ${refusal.explanation}`;
  const headers: Record<string, string | readonly string[]> = { ...refusal.headers };
  if (retry !== undefined) headers['Retry-After'] = String(Math.max(1, Math.ceil(retry / 1000)));
  return {
    status,
    code,
    headers,
    text: errorText(idText, code, said, limitData(retry, policy) ?? data),
  };
}

function limitData(retryAfterMs: number | undefined, policy: string | undefined): object | undefined {
  if (retryAfterMs === undefined && policy === undefined) return undefined;
  return {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: Math.ceil(retryAfterMs) }),
    ...(policy === undefined ? {} : { policy }),
  };
}

export function publicFault(fault: Fault): PublicRefusal {
  return {
    status: fault.status,
    code: fault.code,
    headers: {},
    text: errorText(fault.idText, fault.code, fault.message, fault.data),
  };
}

/** A refusal as it goes on record: what the client is not told goes with it. */
export function refusalEnding(refusal: Refusal, code: number): Ending {
  const { event, detail } = refusal;
  return {
    result: 'refused',
    reason: refusal.refused,
    code,
    ...(event === undefined ? {} : { event }),
    ...(detail === undefined ? {} : { detail }),
  };
}

/** A fault as it goes on record. */
export function faultEnding({ reason, code }: Fault): Ending {
  return { result: 'refused', reason, code };
}
