import { headerOf, type AuthRequest } from './request.ts';
import type { PlainResponse } from './metadata.ts';

/** Which web pages may talk to the resource. */
export interface Cors {
  /** Whether the request comes from no web page or from a listed one. Origins are compared whole: scheme, host and port. */
  allows(request: Pick<AuthRequest, 'headers'>): boolean;
  /** Fields to add to an answer to this request: none unless its origin is listed. */
  headers(request: Pick<AuthRequest, 'headers'>): Readonly<Record<string, string>>;
  /** The answer to a CORS preflight of a listed origin. `undefined` for everything else: the gate refuses other origins, and reports it. */
  preflight(request: Pick<AuthRequest, 'method' | 'headers'>): PlainResponse | undefined;
}

const ALLOWED_HEADERS = [
  'authorization',
  'content-type',
  'dpop',
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'x-api-key',
].join(', ');

/**
 * Makes the CORS side of a resource. A listed origin is echoed exactly, never `*`, and credentials are never allowed: tokens are sent by
 * the page's own code, so that no cookie is ever needed.
 *
 * @throws TypeError when an entry is not an origin in its canonical form.
 */
export function createCors(origins: readonly string[]): Cors {
  for (const origin of origins) {
    if (URL.parse(origin)?.origin !== origin)
      throw new TypeError('"origins" option must list origins such as https://app.example');
  }
  const listed = new Set(origins);
  const originOf = (request: Pick<AuthRequest, 'headers'>): string | readonly string[] | undefined =>
    headerOf(request.headers, 'origin');
  const isListed = (origin: string | readonly string[] | undefined): origin is string =>
    typeof origin === 'string' && listed.has(origin);

  return {
    allows(request) {
      const origin = originOf(request);
      return origin === undefined || isListed(origin);
    },
    headers(request) {
      const origin = originOf(request);
      if (!isListed(origin)) return { vary: 'Origin' };
      return {
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'WWW-Authenticate, DPoP-Nonce, Mcp-Session-Id, Retry-After',
        vary: 'Origin',
      };
    },
    preflight(request) {
      if (request.method !== 'OPTIONS' || headerOf(request.headers, 'access-control-request-method') === undefined)
        return undefined;
      const origin = originOf(request);
      if (!isListed(origin)) return undefined;
      const headers = {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'POST, GET, DELETE',
        'access-control-allow-headers': ALLOWED_HEADERS,
        'access-control-max-age': '600',
        vary: 'Origin',
      };
      return { status: 204, headers, body: '' };
    },
  };
}
