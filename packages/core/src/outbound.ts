import type { GatewayContext } from './context.ts';
import type { Authenticated } from './exchange.ts';
import { isRefusal } from './ports.ts';
import type { Filter, FilterContext, Listed, Refusal, Target } from './ports.ts';
import { publicRefusal } from './refusals.ts';
import { decodeBinary, encodeBinary, toAscii } from './wire.ts';

/** What came of a message on its way through the filters. */
export interface Cleaned {
  /** The message, or the refusal of its content. A binary string. */
  readonly text: string;
  /** Set where a filter refused, or failed: its message was withheld. */
  readonly refusal?: Refusal;
}

/** What filters see of an exchange besides the content. */
export function filterContext({ principal, entry }: Authenticated, target: Target): FilterContext {
  return entry ? { principal, target, note: entry.noted } : { principal, target };
}

/** A message on its way to the client through every filter; a refusal, or a filter that fails, becomes a refusal of the content. */
export async function cleanOutbound(
  x: Authenticated,
  target: Target,
  message: string,
  context: GatewayContext,
): Promise<Cleaned> {
  const decoded = decodeBinary(message);
  let text = decoded;
  const seen = filterContext(x, target);
  try {
    for (const filter of context.ports.filters) {
      if (!filter.outbound) continue;
      const result = await filter.outbound(text, seen);
      if (isRefusal(result)) return withheld(x, result);
      text = result;
    }
  } catch (error) {
    context.log.error({ error: String(error) }, 'a filter failed; its message was withheld');
    return withheld(x, { refused: 'content', detail: 'a filter failed' });
  }
  // What no filter changed goes on as the very bytes that came.
  return { text: text === decoded ? message : encodeBinary(text) };
}

/**
 * What a server says of its things, through every filter that looks at it.
 *
 * @param text raw JSON, a binary string; comes back as one
 */
export function cleanListed(filters: readonly Filter[], text: string, about: Listed): string {
  let clean = text;
  for (const filter of filters) {
    if (!filter.listed) continue;
    const decoded = decodeBinary(clean);
    const result = filter.listed(decoded, about);
    if (result !== decoded) clean = toAscii(result);
  }
  return clean;
}

function withheld(x: Authenticated, refusal: Refusal): Cleaned {
  if (refusal.facts) x.entry?.note(refusal.facts);
  return { text: publicRefusal(refusal, x.message.idText).text, refusal };
}
