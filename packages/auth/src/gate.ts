import { hash } from 'node:crypto';
import { matchesCertificate } from './certificate.ts';
import { checkPlaces, isTokenText, readPresented } from './checks/presentation.ts';
import type { Cors } from './cors.ts';
import type { AuthEvent } from './event.ts';
import type { ApiKeyVerifier, KeyVerdict } from './keys/key-verifier.ts';
import type { ResourceServerOptions } from './options.ts';
import type { Principal } from './principal.ts';
import { countsAsFailure, type RefusalReason } from './refusal-table.ts';
import { makeRefusal, refusalEvent, type ChallengeContext, type Refusal, type RefusalDetails } from './refusal.ts';
import { headerOf, singleHeaderOf, type AuthRequest } from './request.ts';
import { missingScopes } from './scopes.ts';
import type { SharedParts } from './shared-parts.ts';
import { createTokenMemory, type VerifiedToken } from './token-memory.ts';
import type { TokenVerdict } from './tokens/token-verifier.ts';

/** The caller is known. */
export interface Allowed {
  readonly ok: true;
  readonly principal: Principal;
  readonly event: AuthEvent;
}

/** The caller is not let in; `refusal` is what to answer and `event` the one thing to record. */
export interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
  readonly event: AuthEvent;
}

export type Authentication = Allowed | Refused;

/** Finds out who is calling. Answers at once for what was verified a moment ago; otherwise with a promise, which never rejects. */
export type Authenticate = (request: AuthRequest) => Authentication | Promise<Authentication>;

export interface GateParts {
  readonly resource: string;
  readonly shared: SharedParts;
  readonly context: ChallengeContext;
  readonly cors: Cors;
  readonly baseline: readonly string[];
  readonly apiKeys: ApiKeyVerifier | undefined;
  readonly dpopRequired: boolean;
  readonly mtlsRequired: boolean;
  readonly onFailure: ResourceServerOptions['onFailure'];
}

/** A token as it came: its text and the scheme it came under. */
interface PresentedToken {
  readonly scheme: 'bearer' | 'dpop';
  readonly value: string;
}

/** Makes the gate of one resource. The order of its steps is the security model: see the comments. */
export function createGate(parts: GateParts): Authenticate {
  const { shared, context } = parts;
  const memory = createTokenMemory<Allowed>(shared.limits, shared.revocations, shared.now);
  const inFlight = new Map<string, Promise<TokenVerdict>>();

  const refuse = (
    reason: RefusalReason,
    request: AuthRequest,
    known?: Partial<AuthEvent>,
    details?: RefusalDetails,
  ): Refused => {
    if (request.remoteAddress !== undefined && countsAsFailure(reason)) shared.failures.failed(request.remoteAddress);
    return { ok: false, refusal: makeRefusal(context, reason, details), event: refusalEvent(reason, known) };
  };

  const lockedOut = (request: AuthRequest): Refused | undefined => {
    const seconds = request.remoteAddress === undefined ? 0 : shared.failures.blockedSeconds(request.remoteAddress);
    return seconds > 0 ? refuse('lockout', request, undefined, { retryAfterSeconds: seconds }) : undefined;
  };

  /** The token verified; what is left is whether this caller may use it, and for what. A 401 comes before any 403. */
  const admit = (
    entry: VerifiedToken<Allowed>,
    token: PresentedToken,
    request: AuthRequest,
  ): Authentication | Promise<Authentication> => {
    const { confirmation } = entry.principal;
    const known = { issuer: entry.issuer.issuer, principal: entry.principal.key };
    const finish = (): Authentication =>
      missingScopes(entry.principal, parts.baseline).length === 0
        ? entry.allowed
        : refuse('insufficient_scope', request, known, { scopes: parts.baseline });

    const certificate = confirmation !== undefined && 'x5tS256' in confirmation ? confirmation.x5tS256 : undefined;
    if (certificate === undefined ? parts.mtlsRequired : !matchesCertificate(certificate, request.peerCertificate)) {
      return refuse('mtls_failed', request, known);
    }
    const jkt = confirmation !== undefined && 'jkt' in confirmation ? confirmation.jkt : undefined;
    if (jkt === undefined) {
      return token.scheme === 'dpop' || parts.dpopRequired ? refuse('dpop_unbound', request, known) : finish();
    }
    if (token.scheme === 'bearer' || shared.proofs === undefined) return refuse('dpop_downgrade', request, known);
    return checkProof(parts, request, token.value, jkt).then((verdict) =>
      verdict === 'ok' ? finish() : refuse(verdict, request, known, { nonce: shared.proofs?.nonces?.current() ?? '' }),
    );
  };

  /** What `admit` finds for a bearer token with nothing left to check, worked out once so that the hot path is a lookup. */
  const isPlain = (principal: Principal): boolean =>
    principal.confirmation === undefined &&
    !parts.mtlsRequired &&
    !parts.dpopRequired &&
    missingScopes(principal, parts.baseline).length === 0;

  const verifyOnce = (hashed: string, value: string): Promise<TokenVerdict> => {
    // Clients send bursts with a fresh token; one verification serves them all.
    let running = inFlight.get(hashed);
    if (running === undefined) {
      running = shared.verifyToken(value, parts.resource).finally(() => inFlight.delete(hashed));
      inFlight.set(hashed, running);
    }
    return running;
  };

  const verifyCold = async (hashed: string, token: PresentedToken, request: AuthRequest): Promise<Authentication> => {
    let verdict: TokenVerdict;
    try {
      verdict = await verifyOnce(hashed, token.value);
    } catch (error) {
      // The verifier answers with values; should it ever throw, that is a failure of ours and never an identity.
      parts.onFailure?.({ source: 'issuer', error });
      return refuse('keys_unavailable', request);
    }
    if (!verdict.ok) {
      memory.rememberRefused(hashed, verdict.reason);
      const { reason, issuer, retryAfterSeconds } = verdict;
      return refuse(
        reason,
        request,
        issuer === undefined ? {} : { issuer },
        retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
      );
    }
    const { principal, issuer, generation, epoch } = verdict;
    const event: AuthEvent = Object.freeze({
      type: 'auth.ok',
      outcome: 'allowed',
      principal: principal.key,
      issuer: issuer.issuer,
    });
    const allowed: Allowed = Object.freeze({ ok: true, principal, event });
    const verified = { principal, issuer, allowed, plain: isPlain(principal), generation, epoch };
    return admit(memory.rememberVerified(hashed, verified), token, request);
  };

  const authenticateToken = (token: PresentedToken, request: AuthRequest): Authentication | Promise<Authentication> => {
    if (token.scheme === 'dpop' && shared.proofs === undefined) return refuse('unsupported_scheme', request);
    const hashed = hash('sha256', token.value, 'binary');
    // Known tokens pass even from an address that is being slowed down: they cost nothing and are no guess.
    const known = memory.verified(hashed);
    if (known !== undefined)
      return known.plain && token.scheme === 'bearer' ? known.allowed : admit(known, token, request);
    // Before any cryptography and any request to an issuer.
    const locked = lockedOut(request);
    if (locked !== undefined) return locked;
    const refusedBefore = memory.refused(hashed);
    if (refusedBefore !== undefined) return refuse(refusedBefore, request);
    if (!isTokenText(token.value)) return refuse('malformed', request);
    return verifyCold(hashed, token, request);
  };

  const settleKey = (verdict: KeyVerdict, request: AuthRequest): Authentication =>
    verdict.ok ? verdict : refuse(verdict.reason, request, verdict.keyId === undefined ? {} : { keyId: verdict.keyId });

  const keyStoreFailed = (error: unknown, request: AuthRequest): Refused => {
    parts.onFailure?.({ source: 'key-store', error });
    return refuse('store_failed', request);
  };

  const authenticateKey = (
    verifier: ApiKeyVerifier,
    key: string,
    request: AuthRequest,
  ): Authentication | Promise<Authentication> => {
    const locked = lockedOut(request);
    if (locked !== undefined) return locked;
    const origin = singleHeaderOf(request.headers, 'origin', '');
    try {
      const verdict = verifier.verify(key, { remoteAddress: request.remoteAddress, origin });
      if (!(verdict instanceof Promise)) return settleKey(verdict, request);
      return verdict.then(
        (settled) => settleKey(settled, request),
        (error: unknown) => keyStoreFailed(error, request),
      );
    } catch (error) {
      return keyStoreFailed(error, request);
    }
  };

  return (request) => {
    // A page of another origin learns nothing, not even whether its credential is good.
    if (!parts.cors.allows(request)) return refuse('origin_blocked', request);
    const misplaced = checkPlaces(request);
    if (misplaced !== undefined) return refuse(misplaced, request);
    const presented = readPresented(request, parts.apiKeys !== undefined);
    if (!presented.ok) return refuse(presented.reason, request);
    // The length first: everything after this is bounded by it.
    if (presented.value.length > shared.limits.tokenBytes) return refuse('oversized', request);
    const { scheme, value } = presented;
    if (scheme !== 'apikey') return authenticateToken({ scheme, value }, request);
    return parts.apiKeys === undefined
      ? refuse('unsupported_scheme', request)
      : authenticateKey(parts.apiKeys, value, request);
  };
}

async function checkProof(
  { shared, resource }: GateParts,
  request: AuthRequest,
  token: string,
  jkt: string,
): Promise<'ok' | 'dpop_failed' | 'dpop_nonce' | 'dpop_replayed' | 'store_failed'> {
  const proof = headerOf(request.headers, 'dpop');
  // Exactly one proof is a proof (RFC 9449 section 4.3 step 1); two that were joined do not parse as one.
  if (typeof proof !== 'string' || shared.proofs === undefined) return 'dpop_failed';
  return shared.proofs.verify({ proof, token, jkt, method: request.method, resource, body: request.body });
}
