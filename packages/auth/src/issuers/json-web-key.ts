import { AuthError } from '../auth-error.ts';
import { isJsonObject, parseJsonObject, stringMember, type JsonObject } from '../json.ts';
import { keyShapes, type TokenAlgorithm } from './algorithms.ts';

/** RSA keys below this are ignored (RFC 7518 section 3.3). */
const MIN_RSA_BITS = 2048;

/** More keys than this in one set is not an issuer rotating keys. */
const MAX_KEYS = 100;

/**
 * Reads a JWK set (RFC 7517 section 5) and keeps what can verify a signature: public, asymmetric, and not marked for another use.
 *
 * @throws {@link AuthError} `ERR_AUTH_JWKS_INVALID` when the text is not a key set.
 */
export function parseKeySet(text: string): readonly JsonObject[] {
  const keys = parseJsonObject(text)?.['keys'];
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) {
    throw new AuthError('ERR_AUTH_JWKS_INVALID', 'The document is not a JSON Web Key Set.');
  }
  return keys.filter(isJsonObject).filter(isVerificationKey);
}

function isVerificationKey(jwk: JsonObject): boolean {
  // A set that publishes private parts is compromised; symmetric keys have no business in a public document.
  if ('d' in jwk || 'k' in jwk || 'p' in jwk) return false;
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') return false;
  const operations = jwk['key_ops'];
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
}

export type KeyChoice =
  | { readonly ok: true; readonly jwk: JsonObject }
  | { readonly ok: false; readonly reason: 'unknown_kid' | 'key_mismatch' | 'weak_key' };

/**
 * Picks the one key that may verify a token. The key decides which algorithm it is for, the token only names it: a key that
 * declares another algorithm, type or curve does not match. More than one candidate is no match either.
 */
export function chooseKey(keys: readonly JsonObject[], kid: string | undefined, alg: TokenAlgorithm): KeyChoice {
  const named = kid === undefined ? keys : keys.filter((jwk) => jwk['kid'] === kid);
  if (named.length === 0) return { ok: false, reason: 'unknown_kid' };
  const fitting = named.filter((jwk) => fitsAlgorithm(jwk, alg));
  if (fitting.length === 0) return { ok: false, reason: kid === undefined ? 'unknown_kid' : 'key_mismatch' };
  const strong = fitting.filter(isStrong);
  const only = strong[0];
  if (only === undefined) return { ok: false, reason: 'weak_key' };
  return strong.length === 1 ? { ok: true, jwk: only } : { ok: false, reason: 'key_mismatch' };
}

function fitsAlgorithm(jwk: JsonObject, alg: TokenAlgorithm): boolean {
  const shape = keyShapes[alg];
  if (jwk['kty'] !== shape.kty || (shape.crv !== undefined && jwk['crv'] !== shape.crv)) return false;
  return jwk['alg'] === undefined || jwk['alg'] === alg;
}

function isStrong(jwk: JsonObject): boolean {
  if (jwk['kty'] !== 'RSA') return true;
  const modulus = Buffer.from(stringMember(jwk, 'n') ?? '', 'base64url');
  const firstByte = modulus.findIndex((byte) => byte !== 0);
  if (firstByte === -1) return false;
  return (modulus.length - firstByte) * 8 - Math.clz32(modulus[firstByte]!) + 24 >= MIN_RSA_BITS;
}
