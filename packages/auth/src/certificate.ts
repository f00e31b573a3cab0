import { hash, timingSafeEqual } from 'node:crypto';

/** Whether a client certificate (DER bytes) is the one that a token is bound to by `cnf["x5t#S256"]` (RFC 8705 section 3.1). */
export function matchesCertificate(x5tS256: string, certificate: Uint8Array | undefined): boolean {
  if (certificate === undefined) return false;
  const bound = Buffer.from(x5tS256, 'base64url');
  const presented = hash('sha256', certificate, 'buffer');
  return bound.length === presented.length && timingSafeEqual(bound, presented);
}

/**
 * The certificate in a `Client-Cert` field (RFC 9440 section 2.2), for hosts behind a proxy that ends TLS. Anybody can send the
 * field: read it only where the proxy is trusted and removes what came from outside.
 */
export function certificateFromField(value: string | undefined): Uint8Array | undefined {
  const base64 = /^\s*:([A-Za-z0-9+/]+={0,2}):\s*$/.exec(value ?? '')?.[1];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
}
