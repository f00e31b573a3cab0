import type { Fault, NotificationMessage, RequestMessage } from '@sekisho/protocol';
import { CANCELLED, notice } from '../client/notices.ts';
import type { Session } from '../client/session.ts';
import type { GatewayContext } from '../context.ts';
import type { Endpoint } from '../endpoint.ts';
import { afterEnd } from '../entry.ts';
import type { Entry } from '../entry.ts';
import type { Reply } from '../exchange.ts';
import { metered } from '../metered.ts';
import type { Awaitable, Credentials, Principal, Refusal } from '../ports.ts';
import { faultEnding, publicFault, publicRefusal, refusalEnding } from '../refusals.ts';

/** Who sent a message, and its record. */
export interface Sender {
  readonly principal: Principal;
  readonly credentials: Credentials;
  readonly entry: Entry | undefined;
}

/** Answers a request that comes to nothing, in band. It counts like any other, or asking for nothing would be free. */
export function turnAway(
  reason: Fault,
  { method, idText }: RequestMessage,
  { principal, credentials, entry, endpoint, reply }: Sender & { readonly endpoint: Endpoint; readonly reply: Reply },
  context: GatewayContext,
): Awaitable<void> {
  const refuse = (refusal: Refusal): Awaitable<void> => {
    const { status, text, code, headers } = publicRefusal(refusal, idText);
    const send = () => reply.refuse(status, text, headers);
    return afterEnd(entry, refusalEnding(refusal, code), send, send);
  };
  return metered(
    { principal, credentials, method, server: endpoint.server },
    context,
    (headers) => {
      reply.begin?.(headers);
      return afterEnd(
        entry,
        faultEnding(reason),
        () => reply.end(publicFault(reason).text),
        (refusal) => void refuse(refusal),
      );
    },
    refuse,
  );
}

/** Takes a notification where a refusal cannot be told: beyond the limit it has no effect. A cancellation always has. */
export function notify(
  session: Session,
  message: NotificationMessage,
  { principal, credentials, entry }: Sender,
  context: GatewayContext,
): Awaitable<void> {
  const take = (): void => {
    notice(session, message, context);
    void entry?.end({ result: 'answered' });
  };
  if (message.method === CANCELLED) return take();
  const { method } = message;
  return metered({ principal, credentials, method, server: session.endpoint.server }, context, take, (refusal) => {
    void entry?.end(refusalEnding(refusal, publicRefusal(refusal, undefined).code));
  });
}
