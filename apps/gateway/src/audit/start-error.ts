/** Why the record cannot be opened: what, why, and what to do. A gateway that cannot keep what it must does not start. */
export class AuditStartError extends Error {
  readonly code: 'ERR_AUDIT_KEYS_EXPOSED' | 'ERR_AUDIT_KEYS_UNREADABLE' | 'ERR_AUDIT_CANNOT_START';
  readonly remedy: string;

  constructor(code: AuditStartError['code'], message: string, remedy: string, options?: ErrorOptions) {
    super(`${message} ${remedy}`, options);
    this.name = 'AuditStartError';
    this.code = code;
    this.remedy = remedy;
  }
}
