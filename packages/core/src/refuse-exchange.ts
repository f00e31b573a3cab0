import type { Authenticated } from './exchange.ts';
import type { Finish } from './finish.ts';
import type { Refusal } from './ports.ts';
import { publicRefusal, refusalEnding } from './refusals.ts';

/**
 * Ends an exchange by the refusal of a port: on record first, then told.
 *
 * @param onRecord what the record hears where the client must not: something hidden answers like something unknown
 */
export function refuseExchange(
  x: Authenticated,
  refusal: Refusal,
  finish: Finish,
  data?: unknown,
  onRecord: Refusal = refusal,
): void {
  const { status, text, code, headers } = publicRefusal(refusal, x.message.idText, data);
  if (onRecord.facts) x.entry?.note(onRecord.facts);
  finish.refuse(refusalEnding(onRecord, code), status, text, headers);
}
