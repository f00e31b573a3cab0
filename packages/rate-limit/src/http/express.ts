import type { Decision } from '../decision.ts';
import { toFields } from './fields.ts';
import { toReply, type HttpLimitOptions } from './reply.ts';

/** What is used of Node's response, which Express hands on. */
export interface ExpressResponseLike {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
  once(event: 'close', listener: () => void): unknown;
}

const decisions = new WeakMap<object, Decision>();

/** The decision about a request that is on its way, for `settle`. */
export function decisionOf(request: object): Decision | undefined {
  return decisions.get(request);
}

/** Middleware for Express 4 and 5, and for anything else that takes `(request, response, next)`. */
export function expressRateLimit<Request extends object>(
  options: HttpLimitOptions<Request>,
): (request: Request, response: ExpressResponseLike, next: (error?: unknown) => void) => void {
  const { limiter, subject, jsonRpcId, refundServerErrors = false } = options;
  const decide = async (request: Request, response: ExpressResponseLike): Promise<boolean> => {
    const decision = await limiter.take(subject(request));
    if (!decision.allowed) {
      const { status, fields, body } = toReply(decision, jsonRpcId?.(request));
      response.statusCode = status;
      for (const [name, value] of Object.entries(fields)) response.setHeader(name, value);
      response.end(body);
      return false;
    }
    decisions.set(request, decision);
    for (const [name, value] of Object.entries(toFields(decision))) response.setHeader(name, value);
    if (refundServerErrors) {
      response.once('close', () => {
        // The limiter reports a refund that was lost as an event; it does not reject.
        if (response.statusCode >= 500) void limiter.refund(decision);
      });
    }
    return true;
  };
  return (request, response, next) => {
    decide(request, response).then((allowed) => {
      if (allowed) next();
    }, next);
  };
}
