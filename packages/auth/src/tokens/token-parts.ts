import { parseJsonObject, type JsonObject } from '../json.ts';

/** A compact JWS taken apart. Nothing in it is verified. */
export interface TokenParts {
  readonly header: JsonObject;
  readonly claims: JsonObject;
}

/** Whether a token has the outer shape of a JWS or JWE, so that a broken one is refused here instead of being sent off as opaque. */
export function looksLikeJwt(token: string): boolean {
  const parts = token.split('.', 6).length;
  return parts === 3 || parts === 5;
}

/**
 * Takes a compact JWS apart: three base64url parts of which the first two are JSON objects. `undefined` for everything else,
 * JWE in five parts included.
 */
export function readTokenParts(token: string): TokenParts | undefined {
  const parts = token.split('.', 6);
  if (parts.length !== 3) return undefined;
  const [headerPart = '', claimsPart = '', signaturePart = ''] = parts;
  if (!isBase64url(headerPart) || !isBase64url(claimsPart) || !isBase64url(signaturePart, true)) return undefined;
  const header = parseJsonObject(Buffer.from(headerPart, 'base64url'));
  const claims = header && parseJsonObject(Buffer.from(claimsPart, 'base64url'));
  return header && claims && { header, claims };
}

/** An empty signature is let through here, so that `alg: none` is refused under its own name. */
function isBase64url(part: string, mayBeEmpty = false): boolean {
  return mayBeEmpty && part === '' ? true : /^[A-Za-z0-9_-]+$/.test(part) && part.length % 4 !== 1;
}
