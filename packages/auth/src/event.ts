import type { RefusalReason } from './refusal-table.ts';

/** Stable dotted names of what the gate reports. */
export type AuthEventType =
  | 'auth.ok'
  | 'auth.missing'
  | 'auth.malformed'
  | 'auth.invalid_token'
  | 'auth.token_in_query'
  | 'auth.token_in_body'
  | 'auth.key_in_query'
  | 'auth.duplicate_header'
  | 'auth.multiple_credentials'
  | 'auth.unsupported_scheme'
  | 'auth.oversized'
  | 'auth.alg_rejected'
  | 'auth.key_mismatch'
  | 'auth.weak_key'
  | 'auth.bad_signature'
  | 'auth.unknown_kid'
  | 'auth.expired'
  | 'auth.not_yet_valid'
  | 'auth.wrong_audience'
  | 'auth.unknown_issuer'
  | 'auth.wrong_token_type'
  | 'auth.header_param_rejected'
  | 'auth.crit_rejected'
  | 'auth.dpop_failed'
  | 'auth.mtls_failed'
  | 'auth.introspection_failed'
  | 'auth.lockout'
  | 'authz.denied'
  | 'authz.insufficient_scope'
  | 'authz.step_up'
  | 'apikey.created'
  | 'apikey.rotated'
  | 'apikey.deprecated_use'
  | 'apikey.revoked'
  | 'apikey.expired'
  | 'apikey.malformed'
  | 'apikey.wrong_network'
  | 'session.created'
  | 'session.refreshed'
  | 'session.revoked'
  | 'session.principal_mismatch'
  | 'security.origin_blocked'
  | 'security.replay';

/**
 * What happened, for a log or an audit trail. Holds names of configured things and of known principals only: no token, no
 * key, no claim that was not verified.
 */
export interface AuthEvent {
  readonly type: AuthEventType;
  readonly outcome: 'allowed' | 'refused' | 'changed';
  /** The exact reason, finer than `type` where several share one. */
  readonly reason?: RefusalReason;
  /** `Principal.key` of a verified principal. */
  readonly principal?: string;
  /** The configured issuer that the token named. */
  readonly issuer?: string;
  /** Public id of a known API key. */
  readonly keyId?: string;
  /** Id of a known browser session. */
  readonly sessionId?: string;
}
