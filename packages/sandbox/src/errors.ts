/** Every failure of this package. Each has a page in `docs/errors/`. */
export type SandboxErrorCode =
  | 'ERR_SANDBOX_PROFILE_INVALID'
  | 'ERR_SANDBOX_GRANT_REFUSED'
  | 'ERR_SANDBOX_COMMAND_NOT_FOUND'
  | 'ERR_SANDBOX_SECRET_UNAVAILABLE'
  | 'ERR_SANDBOX_BACKEND_UNAVAILABLE'
  | 'ERR_SANDBOX_NOT_ENFORCEABLE'
  | 'ERR_SANDBOX_PROBE_FAILED'
  | 'ERR_SANDBOX_START_FAILED'
  | 'ERR_SANDBOX_NOT_MAIN_THREAD'
  | 'ERR_SANDBOX_INSTALL_FAILED'
  | 'ERR_SANDBOX_INTEGRITY_CHANGED'
  | 'ERR_SANDBOX_LOCK_INVALID';

export interface SandboxErrorDetails {
  /** What the operator can do about it, as a sentence or a command. */
  remedy?: string;
  cause?: unknown;
}

/** A failure to build, prove or start a box. Nothing runs after it was thrown. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly code: SandboxErrorCode;
  readonly remedy: string | undefined;
  /** What went wrong, without the remedy that `message` ends in. */
  readonly reason: string;

  constructor(code: SandboxErrorCode, message: string, { remedy, cause }: SandboxErrorDetails = {}) {
    super(remedy === undefined ? message : `${message} Remedy: ${remedy}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.remedy = remedy;
    this.reason = message;
  }
}
