import { isLoopback } from '../net/public-address.ts';

/** Why a flow towards an upstream's authorization server is given up. */
export type FlowRefusal =
  | 'issuer_mismatch'
  | 'issuer_missing'
  | 'resource_mismatch'
  | 'metadata_issuer_mismatch'
  | 'no_authorization_server'
  | 'pkce_unsupported'
  | 'endpoint_insecure';

/** What was recorded before the browser was sent away. */
export interface RecordedFlow {
  /** The validated issuer, to which code and errors belong. */
  readonly issuer: string;
  /** `authorization_response_iss_parameter_supported` of its metadata. */
  readonly issuerParameterSupported: boolean;
}

/**
 * Checks `iss` of an authorization response before its code is sent anywhere (RFC 9207 section 2.4), for success and error
 * alike. Compared as text: no normalisation. When this refuses, neither `code` nor `error` nor `error_description` may be used or shown.
 */
export function checkResponseIssuer(recorded: RecordedFlow, parameters: URLSearchParams): FlowRefusal | undefined {
  const given = parameters.getAll('iss');
  if (given.length === 0) return recorded.issuerParameterSupported ? 'issuer_missing' : undefined;
  return given.length === 1 && given[0] === recorded.issuer ? undefined : 'issuer_mismatch';
}

/** Checks that a protected resource's document speaks of the URL that was used (RFC 9728 section 3.3) and names a server. */
export function checkProtectedResource(
  url: string,
  document: Readonly<Record<string, unknown>>,
): FlowRefusal | undefined {
  if (document['resource'] !== url) return 'resource_mismatch';
  const servers = document['authorization_servers'];
  return Array.isArray(servers) && servers.length > 0 && servers.every((server) => typeof server === 'string')
    ? undefined
    : 'no_authorization_server';
}

/** Checks an authorization server's document: it is of the issuer asked for (RFC 8414 section 3.3), offers PKCE with S256, and its endpoints can be opened. */
export function checkServerMetadata(
  issuer: string,
  document: Readonly<Record<string, unknown>>,
): FlowRefusal | undefined {
  if (document['issuer'] !== issuer) return 'metadata_issuer_mismatch';
  const methods = document['code_challenge_methods_supported'];
  if (!Array.isArray(methods) || !methods.includes('S256')) return 'pkce_unsupported';
  for (const name of ['authorization_endpoint', 'token_endpoint', 'registration_endpoint']) {
    const endpoint = document[name];
    const optional = name === 'registration_endpoint' && endpoint === undefined;
    if (!optional && !(typeof endpoint === 'string' && isOpenableUrl(endpoint))) return 'endpoint_insecure';
  }
  return undefined;
}

/** Whether a URL that somebody else gave us may be opened: https, or http on loopback; no user information, no control characters. */
export function isOpenableUrl(text: string): boolean {
  if (!/^[\x21-\x7e]+$/.test(text)) return false;
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}
