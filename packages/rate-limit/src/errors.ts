/** What can fail (as opposed to be refused) in this package. Each code has a page in `docs/errors/`. */
export type RateLimitErrorCode =
  | 'ERR_RATE_LIMIT_COST'
  | 'ERR_RATE_LIMIT_SUBJECT'
  | 'ERR_RATE_LIMIT_STORE_FAILED'
  | 'ERR_RATE_LIMIT_STORE_REPLY'
  | 'ERR_RATE_LIMIT_STORE_TIMEOUT';

const MARK = Symbol.for('@sekisho/rate-limit.error');

/**
 * A failure, never a denial: denials are values. Recognise it with {@link isRateLimitError}, which also works when two
 * copies of this package are loaded.
 */
export class RateLimitError extends Error {
  override readonly name = 'RateLimitError';
  readonly code: RateLimitErrorCode;

  constructor(code: RateLimitErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, MARK, { value: true });
  }
}

export function isRateLimitError(value: unknown): value is RateLimitError {
  return typeof value === 'object' && value !== null && MARK in value;
}
