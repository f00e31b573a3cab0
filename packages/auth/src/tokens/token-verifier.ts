import { compactVerify } from 'jose';
import {
  checkAccessToken,
  checkAge,
  checkAudience,
  checkConfirmation,
  checkExpiry,
  checkIssuedAt,
  checkIssuer,
  checkNotBefore,
  checkRequiredClaims,
  checkSubject,
  type Clock,
} from '../checks/token-claims.ts';
import {
  checkAllowedAlgorithm,
  checkAsymmetric,
  checkCritical,
  checkEncryption,
  checkKeyId,
  checkKeyParameters,
  checkType,
} from '../checks/token-header.ts';
import type { TokenAlgorithm } from '../issuers/algorithms.ts';
import type { Issuer } from '../issuers/issuer.ts';
import { principalFields } from '../issuers/profile.ts';
import { stringMember, type JsonObject } from '../json.ts';
import { makePrincipal, type Principal } from '../principal.ts';
import type { RefusalReason } from '../refusal-table.ts';
import type { Revocations } from './revocations.ts';
import { looksLikeJwt, readTokenParts, type TokenParts } from './token-parts.ts';

/** The judgement over one access token. */
export type TokenVerdict =
  | {
      readonly ok: true;
      readonly principal: Principal;
      readonly issuer: Issuer;
      /** Under which keys and which revocations it was judged; either may have changed by the time the verdict is read. */
      readonly generation: number;
      readonly epoch: number;
    }
  | {
      readonly ok: false;
      readonly reason: RefusalReason;
      readonly issuer: string | undefined;
      readonly retryAfterSeconds?: number;
    };

export interface TokenVerifierOptions {
  readonly issuers: readonly Issuer[];
  readonly now: () => number;
  readonly clockToleranceSeconds: number;
  readonly maxTokenAgeSeconds: number;
  readonly expandScopes: (granted: readonly string[]) => readonly string[];
  readonly revocations: Revocations;
}

/**
 * Judges one access token for one resource: signature first, then what it says. Checks neither where the token came from nor
 * a proof that it may be bound to, and remembers nothing.
 */
export type TokenVerifier = (token: string, resource: string) => Promise<TokenVerdict>;

export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const byIssuer = new Map(options.issuers.map((issuer) => [issuer.issuer, issuer]));
  const forOpaque = options.issuers.find((issuer) => issuer.introspect !== undefined && issuer.introspectsOpaque);
  return (token, resource) => {
    if (looksLikeJwt(token)) return verifyJwt(options, byIssuer, token, resource);
    return forOpaque === undefined
      ? Promise.resolve(refuse('invalid_token'))
      : verifyOpaque(options, forOpaque, token, resource);
  };
}

async function verifyJwt(
  options: TokenVerifierOptions,
  byIssuer: ReadonlyMap<string, Issuer>,
  token: string,
  resource: string,
): Promise<TokenVerdict> {
  const parts = readTokenParts(token);
  if (parts === undefined) return refuse('invalid_token');
  const { header, claims } = parts;
  const early =
    checkEncryption(header) ??
    checkCritical(header) ??
    checkKeyParameters(header) ??
    checkAsymmetric(header) ??
    checkKeyId(header);
  if (early !== undefined) return refuse(early);

  // The issuer is only looked up among the configured ones: a token never causes a request to a place it names.
  const issuer = byIssuer.get(stringMember(claims, 'iss') ?? '');
  if (issuer === undefined) return refuse('unknown_issuer');
  const form = checkAllowedAlgorithm(header, issuer.algorithms) ?? checkType(header, issuer.profile);
  if (form !== undefined) return refuse(form, issuer);

  const signature = await checkSignature(issuer, token, parts);
  if (!signature.ok) return { ...signature, issuer: issuer.issuer };
  const content = checkContent(options, issuer, claims, resource);
  if (content !== undefined) return refuse(content, issuer);
  if (issuer.introspectsAlways && issuer.introspect !== undefined) {
    const answer = await issuer.introspect(token);
    if (!answer.ok) return { ...answer, issuer: issuer.issuer };
  }
  return accept(options, issuer, claims, signature.generation);
}

async function checkSignature(
  issuer: Issuer,
  token: string,
  { header }: TokenParts,
): Promise<
  | { readonly ok: true; readonly generation: number }
  | { readonly ok: false; readonly reason: RefusalReason; readonly retryAfterSeconds?: number }
> {
  const alg = header['alg'] as TokenAlgorithm;
  const answer = await issuer.keys.find(stringMember(header, 'kid'), alg);
  if (!answer.ok) return answer;
  try {
    await compactVerify(token, answer.key, { algorithms: [alg] });
    return { ok: true, generation: answer.generation };
  } catch {
    // Whatever jose objects to at this point, the token did not verify; which objection it was helps an attacker only.
    return { ok: false, reason: 'bad_signature' };
  }
}

function checkContent(
  options: TokenVerifierOptions,
  issuer: Issuer,
  claims: JsonObject,
  resource: string,
): RefusalReason | undefined {
  const clock = clockOf(options);
  return (
    checkIssuer(claims, issuer.issuer) ??
    checkAudience(claims, resource, issuer.audiences) ??
    checkExpiry(claims, clock) ??
    checkNotBefore(claims, clock) ??
    checkIssuedAt(claims, clock) ??
    checkAge(claims, clock, options.maxTokenAgeSeconds) ??
    checkRequiredClaims(claims, issuer.profile) ??
    checkSubject(claims) ??
    checkAccessToken(claims, issuer.profile) ??
    checkConfirmation(claims)
  );
}

/** An opaque token has no issuer to read, hence at most one issuer may be asked about such tokens. */
async function verifyOpaque(
  options: TokenVerifierOptions,
  issuer: Issuer,
  token: string,
  resource: string,
): Promise<TokenVerdict> {
  const answer = await issuer.introspect!(token);
  if (!answer.ok) return { ...answer, issuer: issuer.issuer };
  const { claims } = answer;
  const clock = clockOf(options);
  const reason =
    (claims['iss'] === undefined ? undefined : checkIssuer(claims, issuer.issuer)) ??
    checkAudience(claims, resource, issuer.audiences) ??
    checkExpiry(claims, clock) ??
    checkNotBefore(claims, clock) ??
    checkIssuedAt(claims, clock) ??
    checkConfirmation(claims);
  if (reason !== undefined) return refuse(reason, issuer);
  // Client credentials have no subject of their own in RFC 7662; the client is the caller then.
  const subject = stringMember(claims, 'sub') ?? stringMember(claims, 'client_id');
  return subject === undefined
    ? refuse('invalid_token', issuer)
    : accept(options, issuer, { ...claims, sub: subject }, issuer.keys.generation);
}

function accept(options: TokenVerifierOptions, issuer: Issuer, claims: JsonObject, generation: number): TokenVerdict {
  const fields = principalFields(issuer.profile, issuer.issuer, claims);
  const principal = makePrincipal({ ...fields, scopes: options.expandScopes(fields.scopes ?? []) });
  return options.revocations.covers(principal)
    ? refuse('revoked', issuer)
    : { ok: true, principal, issuer, generation, epoch: options.revocations.epoch };
}

function clockOf(options: TokenVerifierOptions): Clock {
  return { nowSeconds: options.now() / 1000, toleranceSeconds: options.clockToleranceSeconds };
}

function refuse(reason: RefusalReason, issuer?: Issuer): TokenVerdict {
  return { ok: false, reason, issuer: issuer?.issuer };
}
