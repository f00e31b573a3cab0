import { createHmac, timingSafeEqual } from 'node:crypto';
import { headerOf, type AuthRequest } from '../request.ts';

/** A token that a page of ours puts into its forms and that only holds for its own session. */
export function csrfToken(secret: Uint8Array, sessionId: string): string {
  return createHmac('sha256', secret).update(`csrf ${sessionId}`).digest('base64url');
}

export interface CsrfRequest extends Pick<AuthRequest, 'method' | 'headers'> {
  /** The form field, where the host has parsed a form; otherwise the header `x-csrf-token` is read. */
  readonly csrfToken?: string;
}

/**
 * Whether a request that may change something comes from a page of ours: what the browser says about where it comes from, and the
 * session's own token. A browser that says nothing is not trusted for it; the token decides then.
 */
export function passesCsrf(request: CsrfRequest, origin: string, secret: Uint8Array, sessionId: string): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  const site = headerOf(request.headers, 'sec-fetch-site');
  if (site !== undefined && site !== 'same-origin') return false;
  const from = headerOf(request.headers, 'origin');
  if (from !== undefined && from !== origin) return false;
  const given = request.csrfToken ?? headerOf(request.headers, 'x-csrf-token');
  if (typeof given !== 'string') return false;
  const presented = Buffer.from(given);
  const expected = Buffer.from(csrfToken(secret, sessionId));
  return presented.length === expected.length && timingSafeEqual(presented, expected);
}
