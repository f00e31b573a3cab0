import type { Decision } from '../decision.ts';
import { toFields } from './fields.ts';
import { toReply, type HttpLimitOptions } from './reply.ts';

/** What is used of Fastify's reply. */
export interface FastifyReplyLike {
  readonly raw: { readonly statusCode: number; once(event: 'close', listener: () => void): unknown };
  code(status: number): unknown;
  headers(fields: Record<string, string>): unknown;
  send(body: string): unknown;
}

const decisions = new WeakMap<object, Decision>();

/** The decision about a request that is on its way, for `settle`. */
export function decisionOf(request: object): Decision | undefined {
  return decisions.get(request);
}

/**
 * A hook for Fastify: `app.addHook('preHandler', fastifyRateLimit(options))`. As `preHandler` it sees the parsed body; as
 * `onRequest` it comes before the body is read, when the subject does not depend on it.
 */
export function fastifyRateLimit<Request extends object>(
  options: HttpLimitOptions<Request>,
): (request: Request, reply: FastifyReplyLike) => Promise<unknown> {
  const { limiter, subject, jsonRpcId, refundServerErrors = false } = options;
  return async (request, reply) => {
    const decision = await limiter.take(subject(request));
    if (!decision.allowed) {
      const { status, fields, body } = toReply(decision, jsonRpcId?.(request));
      reply.code(status);
      reply.headers({ ...fields });
      reply.send(body);
      // By this a hook tells Fastify that the request is answered, so that neither later hooks nor the handler run.
      return reply;
    }
    decisions.set(request, decision);
    reply.headers({ ...toFields(decision) });
    if (refundServerErrors) {
      reply.raw.once('close', () => {
        // The limiter reports a refund that was lost as an event; it does not reject.
        if (reply.raw.statusCode >= 500) void limiter.refund(decision);
      });
    }
    return undefined;
  };
}
