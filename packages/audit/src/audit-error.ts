/** Every way the package can fail. Each code has a page in `docs/errors/`. */
export type AuditErrorCode =
  | 'ERR_AUDIT_STORAGE_FULL'
  | 'ERR_AUDIT_STORAGE_FAILED'
  | 'ERR_AUDIT_QUEUE_FULL'
  | 'ERR_AUDIT_TIMEOUT'
  | 'ERR_AUDIT_CLOSED'
  | 'ERR_AUDIT_LOCKED'
  | 'ERR_AUDIT_CHAIN_BROKEN'
  | 'ERR_AUDIT_SIGNER_FAILED'
  | 'ERR_AUDIT_NOTE_INVALID'
  | 'ERR_AUDIT_PROOF_FAILED'
  | 'ERR_AUDIT_KEY_FAILED'
  | 'ERR_AUDIT_ENVELOPE_UNREADABLE'
  | 'ERR_AUDIT_NOT_FOUND'
  | 'ERR_AUDIT_SINK_FAILED';

export interface AuditErrorOptions {
  cause?: unknown;
  /** When a later attempt makes sense, in whole seconds; the value for a `Retry-After` header. */
  retryAfterSeconds?: number;
}

/** The one error class of the package. Branch on `code`; messages may change. */
export class AuditError extends Error {
  readonly code: AuditErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: AuditErrorCode, message: string, options: AuditErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AuditError';
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** True for an error of this package, also when two copies of the package are loaded. */
export function isAuditError(value: unknown): value is AuditError {
  return value instanceof Error && value.name === 'AuditError' && 'code' in value;
}

/** The `code` of a system error such as `ENOSPC`, or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Turns what the file system threw into the failure a caller can act on. */
export function storageError(cause: unknown, doing: string): AuditError {
  if (isAuditError(cause)) return cause;
  const code = systemCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AuditError('ERR_AUDIT_STORAGE_FULL', `No space left while ${doing}.`, { cause, retryAfterSeconds: 30 });
  }
  return new AuditError('ERR_AUDIT_STORAGE_FAILED', `Storage failed (${code ?? 'unknown'}) while ${doing}.`, {
    cause,
    retryAfterSeconds: 5,
  });
}
