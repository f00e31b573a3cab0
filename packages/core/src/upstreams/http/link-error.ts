export type LinkErrorCode =
  | 'ERR_UPSTREAM_CONNECT'
  | 'ERR_UPSTREAM_TIMEOUT'
  | 'ERR_UPSTREAM_CLOSED'
  | 'ERR_UPSTREAM_TOO_LARGE'
  | 'ERR_UPSTREAM_TLS'
  | 'ERR_UPSTREAM_PROTOCOL'
  | 'ERR_UPSTREAM_ABORTED';

/** What went wrong between us and an upstream. The message names no address and no content: the cause may. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly code: LinkErrorCode;
  /** True: the server may have read the request and acted on it, so it must not be sent again. */
  readonly sent: boolean;
  /** The HTTP status, where that is what was wrong. */
  readonly status: number | undefined;

  constructor(code: LinkErrorCode, message: string, options: { sent: boolean; cause?: unknown; status?: number }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.sent = options.sent;
    this.status = options.status;
  }
}

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  // Several addresses were tried and none answered: the first tells as much as any.
  return error instanceof AggregateError ? codeOf(error.errors[0]) : '';
};

const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|CRL_|ERROR_IN_)/;

/** Give an error of the HTTP client our name for it. */
export function toLinkError(cause: unknown, sent: boolean): LinkError {
  if (cause instanceof LinkError) return cause;
  const code = codeOf(cause);
  const detail = code === '' ? '' : ` (${code})`;
  const options = { sent, cause };
  if (TLS_CODE.test(code) || (!sent && code === 'EPROTO')) {
    return new LinkError('ERR_UPSTREAM_TLS', `the upstream's certificate or TLS was refused${detail}`, options);
  }
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') {
    return new LinkError('ERR_UPSTREAM_PROTOCOL', `the request cannot be put into HTTP${detail}`, {
      sent: false,
      cause,
    });
  }
  const isMalformed = cause instanceof Error && cause.name === 'HTTPParserError';
  if (isMalformed || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new LinkError('ERR_UPSTREAM_PROTOCOL', `the upstream's answer is not valid HTTP${detail}`, options);
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return new LinkError('ERR_UPSTREAM_TIMEOUT', `the upstream did not answer in time${detail}`, options);
  }
  if (!sent && code !== 'UND_ERR_DESTROYED' && code !== 'UND_ERR_CLOSED') {
    return new LinkError('ERR_UPSTREAM_CONNECT', `no connection to the upstream${detail}`, options);
  }
  return new LinkError('ERR_UPSTREAM_CLOSED', `the connection to the upstream was lost${detail}`, options);
}
