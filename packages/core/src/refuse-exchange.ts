import type { Authenticated } from './exchange.ts';
import type { Finish } from './finish.ts';
import type { Refusal } from './ports.ts';
import { publicRefusal } from './refusals.ts';

/** Ends an exchange by the refusal of a port: on record first, then told. */
export async function refuseExchange(
  x: Authenticated,
  refusal: Refusal,
  finish: Finish,
  data?: unknown,
): Promise<void> {
  const { status, text, code, headers } = publicRefusal(refusal, x.message.idText, data);
  await finish.record({ result: 'refused', reason: refusal.refused, code });
  x.reply.refuse(status, text, headers);
}
