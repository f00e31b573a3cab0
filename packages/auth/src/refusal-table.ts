import type { AuthEventType } from './event.ts';

/** Which answer a refusal becomes: status and challenge go together, so that no reason can pick them apart. */
export type RefusalClass =
  /** 401 without an error: nothing usable was presented (RFC 6750 section 3.1). */
  | 'no-credential'
  /** 401 `invalid_token`. */
  | 'bad-token'
  /** 400 `invalid_request`. */
  | 'malformed'
  /** 401 `DPoP error="invalid_dpop_proof"` (RFC 9449 section 7.1). */
  | 'bad-proof'
  /** 401 `DPoP error="use_dpop_nonce"` with a fresh nonce (RFC 9449 section 9). */
  | 'nonce'
  /** 403 with one challenge that names every scope of the operation. */
  | 'scope'
  /** 401 `insufficient_user_authentication` (RFC 9470). */
  | 'step-up'
  /** 403 without a challenge: no new token would help. */
  | 'denied'
  /** 429. */
  | 'limited'
  /** 503: somebody we depend on is down; never an allow. */
  | 'unavailable';

interface Row {
  readonly class: RefusalClass;
  readonly event: AuthEventType;
  /** The public sentence. Fixed: nothing of the request is ever echoed. */
  readonly description: string;
  /** Whether it counts towards the limit of failed sign-ins: guesses and forgeries do, honest mistakes of time or scope do not. */
  readonly counts: boolean;
}

const TOKEN = 'The access token is not valid.';
const EXPIRED = 'The credential has expired.';
const PROOF = 'The DPoP proof is not valid.';
const BUSY = 'The credential cannot be checked at the moment.';

const row = (className: RefusalClass, event: AuthEventType, description: string, counts = false): Row => ({
  class: className,
  event,
  description,
  counts,
});

/** Every reason for which the gate refuses, with the answer it becomes. One table, so that the wire has no second opinion. */
export const refusalTable = {
  missing: row('no-credential', 'auth.missing', 'Authentication is required.'),
  unsupported_scheme: row('no-credential', 'auth.unsupported_scheme', 'Authentication is required.'),

  malformed: row('malformed', 'auth.malformed', 'The Authorization header is malformed.'),
  duplicate_header: row('malformed', 'auth.duplicate_header', 'A credential header was sent more than once.'),
  multiple_credentials: row('malformed', 'auth.multiple_credentials', 'More than one credential was sent.'),
  token_in_query: row('malformed', 'auth.token_in_query', 'Credentials must not be sent in the URL.'),
  key_in_query: row('malformed', 'auth.key_in_query', 'Credentials must not be sent in the URL.'),
  token_in_body: row('malformed', 'auth.token_in_body', 'Credentials must not be sent in the body.'),

  oversized: row('bad-token', 'auth.oversized', TOKEN, true),
  invalid_token: row('bad-token', 'auth.invalid_token', TOKEN, true),
  alg_rejected: row('bad-token', 'auth.alg_rejected', TOKEN, true),
  key_mismatch: row('bad-token', 'auth.key_mismatch', TOKEN, true),
  weak_key: row('bad-token', 'auth.weak_key', TOKEN, true),
  bad_signature: row('bad-token', 'auth.bad_signature', TOKEN, true),
  unknown_kid: row('bad-token', 'auth.unknown_kid', TOKEN, true),
  wrong_audience: row('bad-token', 'auth.wrong_audience', TOKEN, true),
  unknown_issuer: row('bad-token', 'auth.unknown_issuer', TOKEN, true),
  wrong_token_type: row('bad-token', 'auth.wrong_token_type', TOKEN, true),
  header_param_rejected: row('bad-token', 'auth.header_param_rejected', TOKEN, true),
  crit_rejected: row('bad-token', 'auth.crit_rejected', TOKEN, true),
  expired: row('bad-token', 'auth.expired', EXPIRED),
  not_yet_valid: row('bad-token', 'auth.not_yet_valid', TOKEN),
  revoked: row('bad-token', 'auth.invalid_token', TOKEN, true),
  inactive: row('bad-token', 'auth.invalid_token', TOKEN, true),
  confirmation_unknown: row('bad-token', 'auth.invalid_token', TOKEN, true),
  mtls_failed: row('bad-token', 'auth.mtls_failed', TOKEN, true),
  dpop_downgrade: row('bad-token', 'auth.dpop_failed', TOKEN, true),
  dpop_unbound: row('bad-token', 'auth.dpop_failed', TOKEN),

  key_malformed: row('bad-token', 'apikey.malformed', TOKEN, true),
  key_unknown: row('bad-token', 'auth.invalid_token', TOKEN, true),
  key_expired: row('bad-token', 'auth.expired', EXPIRED),
  key_revoked: row('bad-token', 'auth.invalid_token', TOKEN, true),
  key_network: row('denied', 'apikey.wrong_network', 'The credential may not be used from here.'),
  key_origin: row('denied', 'security.origin_blocked', 'The credential may not be used from here.'),

  dpop_failed: row('bad-proof', 'auth.dpop_failed', PROOF, true),
  dpop_replayed: row('bad-proof', 'security.replay', PROOF, true),
  dpop_nonce: row('nonce', 'auth.dpop_failed', 'A DPoP nonce is required.'),

  insufficient_scope: row(
    'scope',
    'authz.insufficient_scope',
    'The access token lacks a scope that this operation needs.',
  ),
  step_up: row('step-up', 'authz.step_up', 'A more recent or stronger sign-in is needed.'),
  denied: row('denied', 'authz.denied', 'This principal may not do that.'),
  origin_blocked: row('denied', 'security.origin_blocked', 'This origin is not allowed.'),

  lockout: row('limited', 'auth.lockout', 'Too many failed attempts.'),
  keys_unavailable: row('unavailable', 'auth.introspection_failed', BUSY),
  introspection_failed: row('unavailable', 'auth.introspection_failed', BUSY),
  store_failed: row('unavailable', 'auth.introspection_failed', BUSY),
} as const satisfies Record<string, Row>;

/** Why the gate refused. Closed: a new reason is a new row above. */
export type RefusalReason = keyof typeof refusalTable;

/** Whether a refusal for this reason counts towards the limit of failed sign-ins of an address. */
export function countsAsFailure(reason: RefusalReason): boolean {
  return refusalTable[reason].counts;
}
