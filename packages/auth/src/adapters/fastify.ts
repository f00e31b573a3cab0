import type { Principal } from '../principal.ts';
import type { ResourceServer } from '../resource-server.ts';
import { admit, type AdapterOptions } from './answer.ts';
import { attach, toAuthRequest, type NodeRequest } from './node.ts';

/** The part of a Fastify request that is used. */
export interface FastifyRequestLike {
  readonly raw: object;
  /** Address by Fastify's own `trustProxy` setting. */
  readonly ip: string;
  readonly originalUrl: string;
}

/** The part of a Fastify reply that is used. */
export interface FastifyReplyLike {
  code(status: number): unknown;
  header(name: string, value: string | string[]): unknown;
  send(payload: string): unknown;
  readonly raw: { setHeader(name: string, value: string): unknown };
}

/**
 * Makes a Fastify `onRequest` hook (or `preValidation`, where `request.raw.rawBody` holds the bytes by then). Later handlers find
 * the principal by `principalOf(request)`, and the official SDK its `request.raw.auth`.
 */
export function fastifyAuth(
  server: ResourceServer,
  options: AdapterOptions = {},
): (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown> {
  return async (request, reply) => {
    const raw = request.raw as NodeRequest;
    const admission = await admit(server, toAuthRequest(raw, request.ip, request.originalUrl), options);
    if (admission.ok) {
      // On the raw response, where they stay when a handler hijacks the reply, as handlers of the official SDK must.
      for (const [name, value] of Object.entries(admission.headers)) reply.raw.setHeader(name, value);
      attach(raw, admission.principal, server);
      return undefined;
    }
    const { status, headers, body } = admission.answer;
    for (const [name, fields] of Map.groupBy(headers, ([name]) => name.toLowerCase())) {
      const values = fields.map(([, value]) => value);
      reply.header(name, values.length === 1 ? values[0]! : values);
    }
    reply.code(status);
    // Sending in a hook and returning the reply ends the exchange: the handler does not run.
    reply.send(body);
    return reply;
  };
}

/** The principal that the hook found; throws where the hook did not run, so that a route outside it is noticed. */
export function principalOf(request: FastifyRequestLike): Principal {
  const { principal } = request.raw as NodeRequest;
  if (principal === undefined) throw new TypeError('The request did not pass the hook of @sekisho/auth');
  return principal as Principal;
}
