import { hash } from 'node:crypto';
import type { TokenAlgorithm } from '../issuers/algorithms.ts';
import { keyShapes } from '../issuers/algorithms.ts';
import { isJsonObject, stringMember, type JsonObject } from '../json.ts';

// Each check is one step of RFC 9449 section 4.3 and answers whether the proof passes it.

export function hasProofType(header: JsonObject): boolean {
  return header['typ'] === 'dpop+jwt';
}

export function hasAllowedAlgorithm(header: JsonObject, allowed: readonly TokenAlgorithm[]): boolean {
  return allowed.includes(header['alg'] as TokenAlgorithm);
}

/** The key is public, asymmetric, strong and of the shape that its algorithm needs. */
export function hasPublicKey(header: JsonObject): boolean {
  const jwk = header['jwk'];
  if (!isJsonObject(jwk) || ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].some((name) => name in jwk)) return false;
  const shape = keyShapes[header['alg'] as TokenAlgorithm];
  if (jwk['kty'] !== shape.kty || (shape.crv !== undefined && jwk['crv'] !== shape.crv)) return false;
  return jwk['alg'] === undefined || jwk['alg'] === header['alg'];
}

/** No extension is understood, and no other place for keys is looked at. */
export function hasNoForeignParameters(header: JsonObject): boolean {
  return !['crit', 'b64', 'jku', 'x5u', 'x5c', 'zip', 'enc'].some((name) => name in header);
}

/** `jti` is there and short: it is kept in memory until the proof expires. */
export function hasIdentifier(claims: JsonObject): boolean {
  const jti = stringMember(claims, 'jti');
  return jti !== undefined && jti.length <= 256;
}

export function isForMethod(claims: JsonObject, method: string): boolean {
  return claims['htm'] === method;
}

/**
 * `htu` is compared with the configured resource, never with `Host` or a forwarded header. Query and fragment do not count
 * (RFC 9449 section 4.3 step 9); scheme and host are normalised as URLs are, paths are not touched.
 */
export function isForResource(claims: JsonObject, resource: string): boolean {
  const htu = URL.parse(stringMember(claims, 'htu') ?? '');
  const own = URL.parse(resource);
  if (htu === null || own === null || htu.username !== '' || htu.password !== '') return false;
  return htu.origin === own.origin && htu.pathname === own.pathname;
}

export function isRecent(claims: JsonObject, nowSeconds: number, windowSeconds: number): boolean {
  const iat = claims['iat'];
  return typeof iat === 'number' && Number.isFinite(iat) && Math.abs(nowSeconds - iat) <= windowSeconds;
}

export function isForToken(claims: JsonObject, token: string): boolean {
  return claims['ath'] === hash('sha256', token, 'base64url');
}

/**
 * The MCP profile: `content_digest` is `sha-256=:BASE64:` over the raw body. Where it is not required a proof may leave it out,
 * but one that has it is held to it, also when the body is not at hand.
 */
export function isForBody(claims: JsonObject, body: Uint8Array | undefined, required: boolean): boolean {
  const digest = claims['content_digest'];
  if (digest === undefined) return !required;
  if (body === undefined) return false;
  return digest === `sha-256=:${hash('sha256', body, 'base64')}:`;
}
