/** What can fail when a policy is made. Each code has a page in `docs/errors/`. Decisions never fail: they deny. */
export type PolicyErrorCode = 'ERR_POLICY_CONDITION' | 'ERR_POLICY_RULE';

const MARK = Symbol.for('@sekisho/policy.error');

/** A policy that cannot be used. Recognise it with {@link isPolicyError}, which also works with two copies of this package. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly code: PolicyErrorCode;
  /** Id of the rule, or name of the role, that is wrong. */
  readonly subject: string;

  constructor(code: PolicyErrorCode, subject: string, message: string, options?: { readonly cause?: unknown }) {
    super(`${subject || 'a rule without an id'}: ${message}`, options);
    this.code = code;
    this.subject = subject;
    Object.defineProperty(this, MARK, { value: true });
  }
}

export function isPolicyError(value: unknown): value is PolicyError {
  return typeof value === 'object' && value !== null && MARK in value;
}
