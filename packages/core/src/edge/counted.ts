import type { Fault, NotificationMessage, RequestMessage } from '@sekisho/protocol';
import { CANCELLED, notice } from '../client/notices.ts';
import type { Session } from '../client/session.ts';
import type { GatewayContext } from '../context.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Reply } from '../exchange.ts';
import { metered } from '../metered.ts';
import type { Awaitable, Credentials, Principal } from '../ports.ts';
import { publicFault, publicRefusal } from '../refusals.ts';

interface Sender {
  readonly principal: Principal;
  readonly credentials: Credentials;
}

/** Answers a request that comes to nothing, in band. It counts like any other, or asking for nothing would be free. */
export function turnAway(
  reason: Fault,
  { method, idText }: RequestMessage,
  { principal, credentials, endpoint, reply }: Sender & { readonly endpoint: Endpoint; readonly reply: Reply },
  context: GatewayContext,
): Awaitable<void> {
  return metered(
    { principal, credentials, method, server: endpoint.server },
    context,
    (headers) => {
      reply.begin?.(headers);
      reply.end(publicFault(reason).text);
    },
    (refusal) => {
      const { status, text, headers } = publicRefusal(refusal, idText);
      reply.refuse(status, text, headers);
    },
  );
}

/** Takes a notification where a refusal cannot be told: beyond the limit it has no effect. A cancellation always has. */
export function notify(
  session: Session,
  message: NotificationMessage,
  { principal, credentials }: Sender,
  context: GatewayContext,
): Awaitable<void> {
  if (message.method === CANCELLED) return notice(session, message, context);
  const { method } = message;
  return metered(
    { principal, credentials, method, server: session.endpoint.server },
    context,
    () => notice(session, message, context),
    () => undefined,
  );
}
