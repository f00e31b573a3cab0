import { findMember } from '@sekisho/protocol';
import type { GatewayContext } from '../context.ts';
import { isRefusal } from '../ports.ts';
import type { Principal } from '../ports.ts';
import { decodeBinary, encodeBinary } from '../wire.ts';

const COMPLETE = 'notifications/elicitation/complete';

/**
 * News of a question that belong to no call: that what a person was sent to elsewhere is done. They are content of the server,
 * and pass the filters as the question itself did. Anything else is not for this client, and dropped.
 *
 * @param text the server's own message, a binary string
 * @param tell sends it on; called at once where nothing looks at content, else when the filters are done
 */
export function passQuestionNews(
  { method, text, server }: { readonly method: string; readonly text: string; readonly server: string },
  principal: Principal,
  { ports, log }: GatewayContext,
  tell: (text: string) => void,
): void {
  if (method !== COMPLETE) return;
  const params = ports.looksOutward ? findMember(text, 0, 'params') : undefined;
  if (!params) return tell(text);
  const raw = text.slice(params.start, params.end);
  const target = { method, kind: 'question', server, name: undefined } as const;
  const pass = async (): Promise<void> => {
    const decoded = decodeBinary(raw);
    let clean = decoded;
    for (const filter of ports.filters) {
      const result = await filter.outbound?.(clean, { principal, target });
      if (isRefusal(result)) return log.info({ server, reason: result.detail }, 'news of a question were withheld');
      clean = result ?? clean;
    }
    tell(clean === decoded ? text : text.slice(0, params.start) + encodeBinary(clean) + text.slice(params.end));
  };
  pass().catch((error: unknown) => {
    log.error({ server, error: String(error) }, 'news of a question were withheld: a filter failed');
  });
}
