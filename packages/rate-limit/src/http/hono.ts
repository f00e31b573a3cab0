import type { Decision } from '../decision.ts';
import { toFields } from './fields.ts';
import { toReply, type HttpLimitOptions } from './reply.ts';

/** What is used of Hono's context. */
export interface HonoContextLike {
  readonly req: { readonly raw: Request };
  readonly res: Response;
  header(name: string, value: string): void;
}

export type HonoRateLimitOptions<C> = HttpLimitOptions<C>;

const decisions = new WeakMap<Request, Decision>();

/** The decision about a request that is on its way, for `settle`. */
export function decisionOf(context: HonoContextLike): Decision | undefined {
  return decisions.get(context.req.raw);
}

/** Middleware for Hono: answers a denied request itself, and adds the RateLimit fields to the others' answers. */
export function honoRateLimit<C extends HonoContextLike>(
  options: HonoRateLimitOptions<C>,
): (context: C, next: () => Promise<void>) => Promise<Response | undefined> {
  const { limiter, subject, jsonRpcId, refundServerErrors = false } = options;
  return async (context, next) => {
    const decision = await limiter.take(subject(context));
    if (!decision.allowed) {
      const { status, fields, body } = toReply(decision, jsonRpcId?.(context));
      return new Response(body, { status, headers: fields });
    }
    decisions.set(context.req.raw, decision);
    await next();
    if (refundServerErrors && context.res.status >= 500) await limiter.refund(decision);
    for (const [name, value] of Object.entries(toFields(decision))) context.header(name, value);
    return undefined;
  };
}
