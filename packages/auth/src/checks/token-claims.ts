import { hasUnknownConfirmation, type TokenProfile } from '../issuers/profile.ts';
import { stringMember, type JsonObject } from '../json.ts';
import type { RefusalReason } from '../refusal-table.ts';
import { isSameResource } from '../resource.ts';

/** The moment of the check and how much the clocks may disagree, all in seconds. */
export interface Clock {
  readonly nowSeconds: number;
  readonly toleranceSeconds: number;
}

export function checkIssuer(claims: JsonObject, issuer: string): RefusalReason | undefined {
  return claims['iss'] === issuer ? undefined : 'unknown_issuer';
}

/** `aud` must name this resource, or one of the texts configured in its place for this issuer. Never a prefix, never the origin. */
export function checkAudience(
  claims: JsonObject,
  resource: string,
  audiences: readonly string[] | undefined,
): RefusalReason | undefined {
  const aud = claims['aud'];
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  // One value that is not a text makes the whole claim something that no issuer writes.
  if (!named.every((value): value is string => typeof value === 'string')) return 'wrong_audience';
  const isOurs = (value: string): boolean =>
    audiences === undefined ? isSameResource(value, resource) : audiences.includes(value);
  return named.some(isOurs) ? undefined : 'wrong_audience';
}

export function checkRequiredClaims(claims: JsonObject, profile: TokenProfile): RefusalReason | undefined {
  return profile.requiredClaims.every((name) => claims[name] !== undefined && claims[name] !== null)
    ? undefined
    : 'invalid_token';
}

export function checkAccessToken(claims: JsonObject, profile: TokenProfile): RefusalReason | undefined {
  return profile.isAccessToken(claims) ? undefined : 'wrong_token_type';
}

export function checkSubject(claims: JsonObject): RefusalReason | undefined {
  return stringMember(claims, 'sub') === undefined ? 'invalid_token' : undefined;
}

export function checkExpiry(claims: JsonObject, clock: Clock): RefusalReason | undefined {
  const exp = claims['exp'];
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return 'invalid_token';
  return clock.nowSeconds - clock.toleranceSeconds >= exp ? 'expired' : undefined;
}

export function checkNotBefore(claims: JsonObject, clock: Clock): RefusalReason | undefined {
  return checkNotFuture(claims['nbf'], clock);
}

export function checkIssuedAt(claims: JsonObject, clock: Clock): RefusalReason | undefined {
  return checkNotFuture(claims['iat'], clock);
}

function checkNotFuture(time: unknown, clock: Clock): RefusalReason | undefined {
  if (time === undefined) return undefined;
  if (typeof time !== 'number' || !Number.isFinite(time)) return 'invalid_token';
  return time > clock.nowSeconds + clock.toleranceSeconds ? 'not_yet_valid' : undefined;
}

/** A token that was issued long ago is not accepted however far its `exp` lies ahead. */
export function checkAge(claims: JsonObject, clock: Clock, maxAgeSeconds: number): RefusalReason | undefined {
  const iat = claims['iat'];
  return typeof iat === 'number' && clock.nowSeconds - clock.toleranceSeconds - iat > maxAgeSeconds
    ? 'expired'
    : undefined;
}

export function checkConfirmation(claims: JsonObject): RefusalReason | undefined {
  return hasUnknownConfirmation(claims) ? 'confirmation_unknown' : undefined;
}
