import { checkParamHeaders, fault } from '@sekisho/protocol';
import type { Fault } from '@sekisho/protocol';
import type { Authenticated } from './exchange.ts';
import type { Place } from './locate.ts';

/** The fault of a call whose `Mcp-Param-*` headers do not repeat its arguments (MCP 2026-07-28, streamable HTTP). */
export function disagreement({ caller, credentials, message }: Authenticated, place: Place): Fault | undefined {
  if (place.kind !== 'upstream' || caller.era !== 'modern' || credentials.transport !== 'http') return undefined;
  const params = place.item?.headerParams;
  if (params === undefined || params.length === 0) return undefined;
  const wrong = checkParamHeaders(params, message.params?.['arguments'], credentials.header);
  return wrong === undefined ? undefined : fault('header-mismatch', wrong, { idText: message.idText });
}
