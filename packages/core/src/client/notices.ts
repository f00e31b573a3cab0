import { findMember } from '@sekisho/protocol';
import type { NotificationMessage } from '@sekisho/protocol';
import type { GatewayContext } from '../context.ts';
import { cancelCalls } from '../cancel.ts';
import { canonicalId } from '../exchange.ts';
import type { Session } from './session.ts';

export const CANCELLED = 'notifications/cancelled';

/** What a legacy client tells without wanting an answer. Unknown notifications are nobody's business and go nowhere. */
export function notice(session: Session, message: NotificationMessage, context: GatewayContext): void {
  if (message.method === CANCELLED) {
    const id = cancelledId(message);
    if (id !== undefined) cancelCalls(session.calls.items(), id);
  } else if (message.method === 'notifications/roots/list_changed' && session.canBeAsked) {
    for (const upstream of session.view.upstreams) upstream.notify(message.method, undefined, session.affinity);
  } else {
    context.log.debug({ method: message.method.slice(0, 64) }, 'a notification');
  }
}

/** The id of the request that a `notifications/cancelled` names. */
export function cancelledId(message: NotificationMessage): string | undefined {
  const params = message.members.get('params');
  const member = params && findMember(message.text, params.start, 'requestId');
  return member && canonicalId(message.text.slice(member.start, member.end));
}
