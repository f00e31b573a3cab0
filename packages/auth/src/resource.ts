import { isLoopback } from './net/public-address.ts';

/**
 * Checks that a text can be the identifier of a protected resource (RFC 8707 section 2, RFC 9728 section 1.2) and returns
 * it unchanged, because it is compared and published byte for byte.
 *
 * @throws TypeError when it is not an absolute https URL (http for loopback) in canonical form without user information, query,
 *   fragment and trailing slash.
 */
export function checkResource(resource: string): string {
  const url = URL.parse(resource);
  if (url === null) throw new TypeError('"resource" option must be an absolute URL');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw new TypeError('"resource" option must be an https URL, or http on loopback');
  }
  if (url.username !== '' || url.password !== '' || /[?#]/.test(resource)) {
    throw new TypeError('"resource" option must have neither user information nor query nor fragment');
  }
  if (resource.endsWith('/')) throw new TypeError('"resource" option must not end in a slash');
  const canonical = url.pathname === '/' ? url.origin : url.href;
  if (resource !== canonical) throw new TypeError(`"resource" option must be in canonical form: "${canonical}"`);
  return resource;
}

/**
 * Whether a text names the resource. Scheme and host may be in upper case, as the specification asks of servers; everything else is
 * compared byte for byte: another path, port or a trailing slash is another resource. Only where the resource has no path is the
 * slash the same, for no URL can be without it on the wire (RFC 3986 section 6.2.3) and clients write it.
 */
export function isSameResource(candidate: string, resource: string): boolean {
  if (candidate === resource) return true;
  const authorityEnd = /^[^:]+:\/\/[^/?#]*/.exec(candidate)?.[0].length;
  if (authorityEnd === undefined) return false;
  const authority = candidate.slice(0, authorityEnd).toLowerCase();
  const rest = candidate.slice(authorityEnd);
  return authority + rest === resource || (rest === '/' && authority === resource);
}
