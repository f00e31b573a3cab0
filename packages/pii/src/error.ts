/** Codes of the failures of this package. Refusals are values and have no code. */
export type PiiErrorCode = 'ERR_PII_BLOCKED' | 'ERR_PII_ENTITY_ENGINE';

/** A failure of masking. It never carries the text. */
export class PiiError extends Error {
  override readonly name = 'PiiError';
  readonly code: PiiErrorCode;

  constructor(code: PiiErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
