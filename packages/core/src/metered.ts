import type { GatewayContext } from './context.ts';
import { isRefusal } from './ports.ts';
import type { Awaitable, Credentials, Permit, Principal, Refusal, Target } from './ports.ts';

/** A message that is no exchange of its own, and counts like one. */
export interface Counted {
  readonly principal: Principal;
  readonly credentials: Credentials;
  readonly method: string;
  /** The endpoint's server; undefined for the merged endpoint. */
  readonly server: string | undefined;
}

/**
 * How much, for everything that does not take the way of `runPipeline`: the opening and the end of a session, streams,
 * notifications, methods that do not exist. Two messages never come here, since a limit must not keep a caller from ending
 * what it has begun: `notifications/cancelled`, and the answer to a question that a server has asked.
 *
 * A limiter that fails lets nothing through.
 */
export function metered(
  { principal, credentials, method, server }: Counted,
  context: GatewayContext,
  go: (headers: Permit['headers']) => Awaitable<void>,
  refuse: (refusal: Refusal) => Awaitable<void>,
): Awaitable<void> {
  const { take } = context.ports;
  if (!take) return go(undefined);
  const target: Target = { method, kind: 'session', server, name: undefined };
  const startedMs = context.now();
  const after = (permit: Refusal | Permit | undefined): Awaitable<void> => {
    if (isRefusal(permit)) return refuse(permit);
    permit?.settle({ result: 'answered', durationMs: context.now() - startedMs });
    return go(permit?.headers);
  };
  const failed = (error: unknown): Awaitable<void> => {
    context.log.error({ error: String(error), method: method.slice(0, 64) }, 'the limits could not be checked');
    return refuse({ refused: 'overloaded' });
  };
  let permit: ReturnType<typeof take>;
  try {
    permit = take(principal, target, credentials);
  } catch (error) {
    return failed(error);
  }
  if (!(permit instanceof Promise)) return after(permit);
  return permit.then(
    (late) => after(late),
    (error: unknown) => failed(error),
  );
}
