import type { GatewayContext } from './context.ts';
import type { Authenticated } from './exchange.ts';
import { isRefusal } from './ports.ts';
import type { Target } from './ports.ts';
import { publicRefusal } from './refusals.ts';
import { decodeBinary, encodeBinary } from './wire.ts';

/** A message on its way to the client through every filter; a refusal, or a filter that fails, becomes a refusal of the content. */
export async function cleanOutbound(
  x: Authenticated,
  target: Target,
  message: string,
  context: GatewayContext,
): Promise<string> {
  let text = decodeBinary(message);
  try {
    for (const filter of context.ports.filters) {
      if (!filter.outbound) continue;
      const result = await filter.outbound(text, { principal: x.principal, target });
      if (isRefusal(result)) return publicRefusal(result, x.message.idText).text;
      text = result;
    }
  } catch (error) {
    context.log.error({ error: String(error) }, 'a filter failed; its message was withheld');
    return publicRefusal({ refused: 'content' }, x.message.idText).text;
  }
  return encodeBinary(text);
}
