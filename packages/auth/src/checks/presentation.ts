import { headerOf, type AuthRequest } from '../request.ts';
import type { RefusalReason } from '../refusal-table.ts';

/** The one credential of a request, as it was presented. */
export type Presented =
  | { readonly ok: true; readonly scheme: 'bearer' | 'dpop' | 'apikey'; readonly value: string }
  | { readonly ok: false; readonly reason: RefusalReason };

const missing: Presented = { ok: false, reason: 'missing' };
const malformed: Presented = { ok: false, reason: 'malformed' };
const unsupported: Presented = { ok: false, reason: 'unsupported_scheme' };
const duplicate: Presented = { ok: false, reason: 'duplicate_header' };
const several: Presented = { ok: false, reason: 'multiple_credentials' };

/** Start of our API keys, so that one may also be sent as a bearer token: many clients can set nothing else. */
const KEY_PREFIX = 'sks_';

/** Credentials in places where they end up in logs and histories (RFC 6750 section 2.2 and 2.3 are not supported, and forbidden by MCP). */
export function checkPlaces(request: AuthRequest): RefusalReason | undefined {
  const query = request.url.indexOf('?');
  const inQuery = query === -1 ? undefined : checkParameters(request.url.slice(query + 1));
  if (inQuery !== undefined) return inQuery;
  if (request.body === undefined) return undefined;
  const type = headerOf(request.headers, 'content-type');
  if (typeof type !== 'string' || !/^application\/x-www-form-urlencoded\b/i.test(type)) return undefined;
  return checkParameters(Buffer.from(request.body).toString('latin1')) === undefined ? undefined : 'token_in_body';
}

function checkParameters(text: string): 'token_in_query' | 'key_in_query' | undefined {
  for (const [name, value] of new URLSearchParams(text.split('#', 1)[0])) {
    const plain = name.toLowerCase().replaceAll(/[-_]/g, '');
    if (plain === 'accesstoken' || plain === 'bearertoken' || plain === 'authorization') return 'token_in_query';
    if (plain === 'apikey' || plain === 'xapikey' || value.startsWith(KEY_PREFIX)) return 'key_in_query';
  }
  return undefined;
}

/**
 * Finds the one credential in `Authorization` or `X-API-Key`. Says nothing about whether it is any good.
 *
 * @param keys - Whether API keys are accepted; where they are not, one in `Authorization` is a token like any other.
 */
export function readPresented(request: AuthRequest, keys: boolean): Presented {
  const authorization = headerOf(request.headers, 'authorization');
  const apiKey = headerOf(request.headers, 'x-api-key');
  if (apiKey === undefined) return authorization === undefined ? missing : fromAuthorization(authorization, keys);
  if (authorization !== undefined) return several;
  if (typeof apiKey !== 'string' || apiKey.includes(',')) return duplicate;
  if (!keys) return unsupported;
  const value = apiKey.trim();
  return value === '' ? malformed : { ok: true, scheme: 'apikey', value };
}

function fromAuthorization(header: string | readonly string[], keys: boolean): Presented {
  if (typeof header !== 'string') return duplicate;
  const text = header.trim();
  if (text === '') return missing;
  const space = text.indexOf(' ');
  const scheme = (space === -1 ? text : text.slice(0, space)).toLowerCase();
  if (scheme !== 'bearer' && scheme !== 'dpop')
    return text.includes(',') && /\b(?:bearer|dpop) /i.test(text) ? duplicate : unsupported;
  const value = space === -1 ? '' : text.slice(space + 1).trimStart();
  // A token never holds a comma, so that one means two fields that somebody joined.
  if (value.includes(',')) return duplicate;
  if (value === '' || value.includes(' ') || value.includes('\t')) return malformed;
  return { ok: true, scheme: keys && scheme === 'bearer' && value.startsWith(KEY_PREFIX) ? 'apikey' : scheme, value };
}

/** `b64token` of RFC 6750 section 2.1. Asked after the length was checked, so that the scan is short. */
export function isTokenText(value: string): boolean {
  return /^[A-Za-z0-9\-._~+/]+=*$/.test(value);
}
