import type { TokenAlgorithm } from '../issuers/algorithms.ts';
import { isTokenAlgorithm } from '../issuers/algorithms.ts';
import type { TokenProfile } from '../issuers/profile.ts';
import type { JsonObject } from '../json.ts';
import type { RefusalReason } from '../refusal-table.ts';

/** Extensions that must be understood are all unknown here, so any `crit` refuses, and so does an empty one (RFC 7515 section 4.1.11). */
export function checkCritical(header: JsonObject): RefusalReason | undefined {
  return 'crit' in header || 'b64' in header ? 'crit_rejected' : undefined;
}

/** Keys come from the configured issuer only, never from the token that they are to verify. */
export function checkKeyParameters(header: JsonObject): RefusalReason | undefined {
  return ['jku', 'jwk', 'x5u', 'x5c'].some((name) => name in header) ? 'header_param_rejected' : undefined;
}

/** Members of an encrypted token have no place in a signed one. */
export function checkEncryption(header: JsonObject): RefusalReason | undefined {
  return ['enc', 'zip', 'epk', 'apu', 'apv'].some((name) => name in header) ? 'invalid_token' : undefined;
}

/** Refuses `none` and symmetric algorithms before any issuer is looked at. */
export function checkAsymmetric(header: JsonObject): RefusalReason | undefined {
  return typeof header['alg'] === 'string' && isTokenAlgorithm(header['alg']) ? undefined : 'alg_rejected';
}

export function checkAllowedAlgorithm(
  header: JsonObject,
  allowed: readonly TokenAlgorithm[],
): RefusalReason | undefined {
  return allowed.includes(header['alg'] as TokenAlgorithm) ? undefined : 'alg_rejected';
}

/** Explicit typing (RFC 8725 section 3.11): an ID token, a logout token, a proof or an ID-JAG is not an access token. */
export function checkType(header: JsonObject, profile: TokenProfile): RefusalReason | undefined {
  const typ = header['typ'];
  if (typ === undefined) return profile.typeOptional ? undefined : 'wrong_token_type';
  if (typeof typ !== 'string') return 'wrong_token_type';
  const name = typ.toLowerCase().replace(/^application\//, '');
  return profile.types.includes(name) ? undefined : 'wrong_token_type';
}

/** A key id, if there is one, is a text. */
export function checkKeyId(header: JsonObject): RefusalReason | undefined {
  return header['kid'] === undefined || typeof header['kid'] === 'string' ? undefined : 'invalid_token';
}
