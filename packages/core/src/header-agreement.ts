import { checkParamHeaders, fault } from '@sekisho/protocol';
import type { ArgumentsSource, Fault, RequestMessage } from '@sekisho/protocol';
import type { Authenticated } from './exchange.ts';
import type { Place } from './locate.ts';

/** The fault of a call whose `Mcp-Param-*` headers do not repeat its arguments (MCP 2026-07-28, streamable HTTP). */
export function disagreement({ caller, credentials, message }: Authenticated, place: Place): Fault | undefined {
  if (place.kind !== 'upstream' || caller.era !== 'modern' || credentials.transport !== 'http') return undefined;
  const params = place.item?.headerParams;
  if (params === undefined || params.length === 0) return undefined;
  const wrong = checkParamHeaders(params, argumentsIn(message), credentials.header);
  return wrong === undefined ? undefined : fault('header-mismatch', wrong, { idText: message.idText });
}

/** Where the arguments of a call stand in its own text. */
export function argumentsIn({ text, paramsMembers }: RequestMessage): ArgumentsSource | undefined {
  const member = paramsMembers.find(({ key }) => key === 'arguments');
  return member && { text, start: member.start };
}
