import type { Principal } from '../principal.ts';
import type { Refusal } from '../refusal.ts';
import type { AuthRequest } from '../request.ts';
import type { ResourceServer } from '../resource-server.ts';
import { admit, refusalAnswer, type AdapterOptions, type Answer } from './answer.ts';

/** What the host knows of the connection of a `Request`. */
export interface FetchPeer {
  readonly remoteAddress?: string | undefined;
  readonly peerCertificate?: Uint8Array | undefined;
}

export interface FetchAdapterOptions extends AdapterOptions {
  /** Longest body that is read to compare it with a DPoP proof, in bytes. Default 4194304 (4 MiB). */
  readonly maxBodyBytes?: number;
}

export type FetchAdmission =
  | { readonly ok: true; readonly principal: Principal; readonly headers: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly response: Response };

/**
 * Makes a gate for servers that speak `Request` and `Response`. Gives the principal and the CORS fields to add to the answer, or
 * the answer itself: refusal, metadata document or preflight.
 */
export function createFetchGate(
  server: ResourceServer,
  options: FetchAdapterOptions = {},
): (request: Request, peer?: FetchPeer) => Promise<FetchAdmission> {
  const maxBodyBytes = options.maxBodyBytes ?? 4 * 1024 * 1024;
  return async (request, peer = {}) => {
    const body = await proofBody(request, maxBodyBytes);
    const authRequest: AuthRequest = {
      method: request.method,
      url: request.url,
      headers: request.headers,
      body,
      ...peer,
    };
    const admission = await admit(server, authRequest, options);
    return admission.ok ? admission : { ok: false, response: toResponse(admission.answer) };
  };
}

/** Wraps a handler so that it runs for known callers only. */
export function protectFetch(
  server: ResourceServer,
  handler: (request: Request, principal: Principal) => Response | Promise<Response>,
  options: FetchAdapterOptions = {},
): (request: Request, peer?: FetchPeer) => Promise<Response> {
  const gate = createFetchGate(server, options);
  return async (request, peer) => {
    const admission = await gate(request, peer);
    if (!admission.ok) return admission.response;
    return withHeaders(await handler(request, admission.principal), admission.headers);
  };
}

/** The `Response` for a refusal that a later step makes, such as `requireScopes`. */
export function refusalResponse(refusal: Refusal): Response {
  return toResponse(refusalAnswer(refusal));
}

/** The raw body, for requests that come with a proof and for no others. A longer one is left out, and a digest then fails. */
async function proofBody(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  if (!request.headers.has('dpop')) return undefined;
  const copy = request.clone();
  if (copy.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of copy.body) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body === '' ? null : body, {
    status,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  });
}

/** A copy of a response with more header fields; the original's may be immutable. */
export function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  const copy = new Response(response.body, response);
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'vary') copy.headers.append(name, value);
    else copy.headers.set(name, value);
  }
  return copy;
}
