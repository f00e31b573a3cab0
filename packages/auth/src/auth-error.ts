/**
 * Codes of the failures this package throws. A credential that is refused is never one of these: refusals are values.
 * Each code has a page in `docs/errors/`.
 */
export type AuthErrorCode =
  | 'ERR_AUTH_FETCH_BLOCKED'
  | 'ERR_AUTH_FETCH_FAILED'
  | 'ERR_AUTH_DISCOVERY_INVALID'
  | 'ERR_AUTH_JWKS_INVALID'
  | 'ERR_AUTH_INTROSPECTION_INVALID'
  | 'ERR_AUTH_KEY_NOT_FOUND'
  | 'ERR_AUTH_KEY_STORE'
  | 'ERR_AUTH_SECRET_UNRESOLVED'
  | 'ERR_AUTH_UPSTREAM_ORIGIN';

/**
 * Thrown when something outside a caller's credential went wrong: a network, a store, a document of an issuer.
 * Messages name the operation and the configured party, never a token, a key or a claim.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError';
  readonly code: AuthErrorCode;

  constructor(code: AuthErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
