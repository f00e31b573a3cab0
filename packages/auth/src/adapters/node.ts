import type { Principal } from '../principal.ts';
import type { AuthRequest } from '../request.ts';
import type { ResourceServer } from '../resource-server.ts';
import { toAuthInfo, type SdkAuthInfo } from '../sdk.ts';
import { admit, type AdapterOptions, type Answer } from './answer.ts';

/** The part of `http.IncomingMessage` that is used; Express requests and Fastify's `request.raw` have it too. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly rawHeaders: readonly string[];
  readonly socket: { readonly remoteAddress?: string | undefined };
  /** Raw bytes of the body, where the host keeps them; needed for DPoP proofs with `content_digest`. */
  rawBody?: unknown;
  auth?: unknown;
  principal?: unknown;
}

/** The part of `http.ServerResponse` that is used. */
export interface NodeResponse {
  setHeader(name: string, value: string | readonly string[]): unknown;
  getHeader(name: string): unknown;
  writeHead(status: number): unknown;
  end(body?: string): unknown;
}

/**
 * Makes the gate's view of a Node request. Headers are read from `rawHeaders`: `headers` keeps only the first of two `Authorization`
 * fields, and two are an attack.
 */
export function toAuthRequest(
  request: NodeRequest,
  remoteAddress = request.socket.remoteAddress,
  url = request.url,
): AuthRequest {
  return {
    method: request.method ?? '',
    url: url ?? '',
    headers: (name) => rawHeader(request.rawHeaders, name),
    body: request.rawBody instanceof Uint8Array ? request.rawBody : undefined,
    remoteAddress,
    // Read from the socket only when a token is bound to a certificate.
    get peerCertificate() {
      return peerCertificate(request.socket);
    },
  };
}

/** Lets a request through to `principal`, or answers it and gives `undefined`. Sets `request.auth` for the official SDK. */
export async function guardNode(
  server: ResourceServer,
  request: NodeRequest,
  response: NodeResponse,
  options: AdapterOptions & { readonly authRequest?: AuthRequest } = {},
): Promise<Principal | undefined> {
  const admission = await admit(server, options.authRequest ?? toAuthRequest(request), options);
  if (!admission.ok) {
    sendAnswer(response, admission.answer);
    return undefined;
  }
  for (const [name, value] of Object.entries(admission.headers)) response.setHeader(name, value);
  attach(request, admission.principal, server);
  return admission.principal;
}

/** Writes an answer; a repeated name becomes a repeated field. */
export function sendAnswer(response: NodeResponse, { status, headers, body }: Answer): void {
  const grouped = Map.groupBy(headers, ([name]) => name.toLowerCase());
  for (const [, fields] of grouped)
    response.setHeader(fields[0]![0], fields.length === 1 ? fields[0]![1] : fields.map(([, value]) => value));
  response.writeHead(status);
  response.end(body);
}

/** Puts the principal where handlers and the official SDK look for it. */
export function attach(request: NodeRequest, principal: Principal, server: ResourceServer): SdkAuthInfo {
  const authInfo = toAuthInfo(principal, server);
  request.principal = principal;
  request.auth = authInfo;
  return authInfo;
}

function rawHeader(raw: readonly string[], name: string): string | readonly string[] | undefined {
  let found: string | readonly string[] | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    const candidate = raw[index]!;
    if (candidate.length !== name.length || candidate.toLowerCase() !== name) continue;
    const value = raw[index + 1]!;
    found = found === undefined ? value : [found, value].flat();
  }
  return found;
}

function peerCertificate(socket: NodeRequest['socket']): Uint8Array | undefined {
  const { getPeerCertificate } = socket as {
    getPeerCertificate?: (detailed: boolean) => { raw?: Uint8Array } | undefined;
  };
  return getPeerCertificate?.call(socket, false)?.raw;
}
