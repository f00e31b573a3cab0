import type { ResourceServer } from '../resource-server.ts';
import type { AdapterOptions } from './answer.ts';
import { guardNode, toAuthRequest, type NodeRequest, type NodeResponse } from './node.ts';

/** The part of an Express request that is used beyond Node's. */
export interface ExpressRequest extends NodeRequest {
  /** Path as the client sent it; `url` loses the mount path. */
  readonly originalUrl?: string;
  /** Address by Express's own `trust proxy` setting. */
  readonly ip?: string | undefined;
}

/**
 * Makes an Express middleware. Later handlers find `request.principal`, and the official SDK its `request.auth`. For DPoP proofs
 * with a body digest, keep the raw bytes: `express.json({ verify: (request, _response, bytes) => { request.rawBody = bytes } })` before it.
 */
export function expressAuth(
  server: ResourceServer,
  options: AdapterOptions = {},
): (request: ExpressRequest, response: NodeResponse, next: (error?: unknown) => void) => void {
  return (request, response, next) => {
    const authRequest = toAuthRequest(
      request,
      request.ip ?? request.socket.remoteAddress,
      request.originalUrl ?? request.url,
    );
    guardNode(server, request, response, { ...options, authRequest }).then(
      (principal) => {
        if (principal !== undefined) next();
      },
      // An error goes to the application's error handler; the protected handler never runs.
      (error: unknown) => next(error ?? new Error('The request could not be authenticated.')),
    );
  };
}
