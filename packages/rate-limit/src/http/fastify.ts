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
): (request: Request, reply: FastifyReplyLike) => Promise<void> {
  const { limiter, subject, jsonRpcId, refundServerErrors = false } = options;
  return async (request, reply) => {
    const decision = await limiter.take(subject(request));
    if (!decision.allowed) {
      const { status, fields, body } = toReply(decision, jsonRpcId?.(request));
      reply.code(status);
      reply.headers({ ...fields });
      // Fastify runs neither later hooks nor the handler once something was sent.
      reply.send(body);
      return;
    }
    decisions.set(request, decision);
    reply.headers({ ...toFields(decision) });
    if (refundServerErrors) {
      reply.raw.once('close', () => {
        // The limiter reports a refund that was lost as an event; it does not reject.
        if (reply.raw.statusCode >= 500) void limiter.refund(decision);
      });
    }
  };
}
