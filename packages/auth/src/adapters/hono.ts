import type { ResourceServer } from '../resource-server.ts';
import { toAuthInfo } from '../sdk.ts';
import { createFetchGate, withHeaders, type FetchAdapterOptions } from './fetch.ts';

/** The part of a Hono context that is used. */
export interface HonoContext {
  readonly req: { readonly raw: Request };
  readonly env: unknown;
  res: Response;
  // A method, because its parameters are compared loosely: every Hono context is one of these, whatever variables it declares.
  set(name: string, value: unknown): void;
}

/** Makes a Hono middleware. Later handlers find `principal` and the SDK's `authInfo` among the context's variables. */
export function honoAuth(
  server: ResourceServer,
  options: FetchAdapterOptions & { readonly remoteAddress?: (context: HonoContext) => string | undefined } = {},
): (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined> {
  const gate = createFetchGate(server, options);
  const addressOf = options.remoteAddress ?? nodeServerAddress;
  return async (context, next) => {
    const admission = await gate(context.req.raw, { remoteAddress: addressOf(context) });
    if (!admission.ok) return admission.response;
    context.set('principal', admission.principal);
    context.set('authInfo', toAuthInfo(admission.principal, server));
    await next();
    context.res = withHeaders(context.res, admission.headers);
    return undefined;
  };
}

/** Hono's server for Node hands the incoming message on in `env`. */
function nodeServerAddress({ env }: HonoContext): string | undefined {
  const incoming = (env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined)?.incoming;
  return incoming?.socket?.remoteAddress;
}
