import { challenge, type ChallengeParameters } from './challenge.ts';
import type { AuthEvent } from './event.ts';
import { refusalTable, type RefusalReason } from './refusal-table.ts';

/** What to answer when the gate refuses. A value: nothing was thrown and nothing was sent. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 429 | 503;
  readonly reason: RefusalReason;
  /** Header fields of the answer as name and value; `WWW-Authenticate` may occur twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** OAuth error code for a body; absent when nothing was presented. */
  readonly error?: string;
  /** One fixed public sentence. */
  readonly description: string;
}

/** What every challenge of one resource has in common. */
export interface ChallengeContext {
  /** URL of the RFC 9728 document, absent when there is no authorization server to name. */
  readonly metadataUrl: string | undefined;
  /** Scopes a first sign-in should ask for, separated by spaces. */
  readonly baselineScope: string;
  readonly dpopMode: 'off' | 'optional' | 'required';
  /** Accepted proof algorithms, separated by spaces. */
  readonly dpopAlgorithms: string;
}

/** Values that only some refusals carry. */
export interface RefusalDetails {
  /** All scopes of the operation, for `insufficient_scope`. */
  readonly scopes?: readonly string[];
  /** Fresh nonce for `dpop_nonce`. */
  readonly nonce?: string;
  /** Seconds until a retry makes sense, for 429 and 503. */
  readonly retryAfterSeconds?: number;
  /** RFC 9470 values for `step_up`. */
  readonly acrValues?: readonly string[];
  readonly maxAgeSeconds?: number;
}

/** Makes the refusal for a reason, with the challenges of this resource. */
export function makeRefusal(context: ChallengeContext, reason: RefusalReason, details: RefusalDetails = {}): Refusal {
  const { class: className, description } = refusalTable[reason];
  const common = { resource_metadata: context.metadataUrl };
  const baseline = { ...common, scope: context.baselineScope };
  const answer = (
    status: Refusal['status'],
    headers: readonly (readonly [string, string])[],
    error?: string,
  ): Refusal =>
    Object.freeze({ status, reason, headers: Object.freeze(headers), ...(error && { error }), description });

  switch (className) {
    case 'no-credential':
      return answer(401, challenges(context, baseline, baseline));
    case 'bad-token': {
      const parameters = { error: 'invalid_token', error_description: description, ...baseline };
      return answer(401, challenges(context, parameters, parameters), 'invalid_token');
    }
    case 'malformed': {
      const parameters = { error: 'invalid_request', error_description: description, ...common };
      return answer(400, [wwwAuthenticate(primaryScheme(context), parameters)], 'invalid_request');
    }
    case 'bad-proof':
      return answer(401, proofChallenges(context, 'invalid_dpop_proof', baseline), 'invalid_dpop_proof');
    case 'nonce':
      return answer(
        401,
        [...proofChallenges(context, 'use_dpop_nonce', baseline), ['DPoP-Nonce', details.nonce ?? '']],
        'use_dpop_nonce',
      );
    case 'scope': {
      const scope = (details.scopes ?? []).join(' ');
      const parameters = { error: 'insufficient_scope', scope, ...common };
      return answer(403, [wwwAuthenticate(primaryScheme(context), parameters)], 'insufficient_scope');
    }
    case 'step-up': {
      const parameters = {
        error: 'insufficient_user_authentication',
        error_description: description,
        acr_values: details.acrValues?.join(' '),
        max_age: details.maxAgeSeconds === undefined ? undefined : String(details.maxAgeSeconds),
        ...common,
      };
      return answer(401, challenges(context, parameters, parameters), 'insufficient_user_authentication');
    }
    case 'denied':
      return answer(403, [], 'access_denied');
    case 'limited':
      return answer(429, [['Retry-After', String(details.retryAfterSeconds ?? 60)]], 'rate_limited');
    case 'unavailable':
      break;
  }
  return answer(503, [['Retry-After', String(details.retryAfterSeconds ?? 5)]], 'temporarily_unavailable');
}

/** The one event that a refusal is reported as. */
export function refusalEvent(
  reason: RefusalReason,
  known: Pick<AuthEvent, 'issuer' | 'keyId' | 'principal'> = {},
): AuthEvent {
  return Object.freeze({ type: refusalTable[reason].event, outcome: 'refused', reason, ...known });
}

/** Where proofs are demanded, `Bearer` would invite a token that cannot be accepted. */
function primaryScheme(context: ChallengeContext): 'Bearer' | 'DPoP' {
  return context.dpopMode === 'required' ? 'DPoP' : 'Bearer';
}

function wwwAuthenticate(scheme: 'Bearer' | 'DPoP', parameters: ChallengeParameters): readonly [string, string] {
  // A challenge needs at least one parameter to be read by every parser; the realm says nothing that is secret.
  const value = challenge(scheme, parameters);
  return ['WWW-Authenticate', value === scheme ? `${scheme} realm="mcp"` : value];
}

/** Bearer first, then DPoP: the official client reads the first scheme for the location of the metadata. */
function challenges(
  context: ChallengeContext,
  bearer: ChallengeParameters,
  dpopAlone: ChallengeParameters,
): (readonly [string, string])[] {
  const algs = context.dpopAlgorithms;
  if (context.dpopMode === 'required') return [wwwAuthenticate('DPoP', { algs, ...dpopAlone })];
  if (context.dpopMode === 'off') return [wwwAuthenticate('Bearer', bearer)];
  return [wwwAuthenticate('Bearer', bearer), wwwAuthenticate('DPoP', { algs })];
}

/** The scheme that failed comes first; a plain Bearer challenge follows where bearer tokens are accepted as well. */
function proofChallenges(
  context: ChallengeContext,
  error: string,
  baseline: ChallengeParameters,
): (readonly [string, string])[] {
  const algs = context.dpopAlgorithms;
  if (context.dpopMode === 'required') return [wwwAuthenticate('DPoP', { algs, error, ...baseline })];
  return [wwwAuthenticate('DPoP', { algs, error }), wwwAuthenticate('Bearer', baseline)];
}
