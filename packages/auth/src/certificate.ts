import { hash, timingSafeEqual } from 'node:crypto';

/** Whether a client certificate (DER bytes) is the one that a token is bound to by `cnf["x5t#S256"]` (RFC 8705 section 3.1). */
export function matchesCertificate(x5tS256: string, certificate: Uint8Array | undefined): boolean {
  if (certificate === undefined) return false;
  const bound = Buffer.from(x5tS256, 'base64url');
  const presented = hash('sha256', certificate, 'buffer');
  return bound.length === presented.length && timingSafeEqual(bound, presented);
}
