/** Why an upstream gave no answer. A value: a failed call is an ordinary outcome of routing. */
export interface UpstreamFailure {
  readonly code: UpstreamFailureCode;
  /** For log and status, never for a client. */
  readonly detail: string;
  /** Whether the call may have run: such a call is never made again. */
  readonly sent: boolean;
  /** HTTP status of the refusal, where there was one. */
  readonly status?: number;
}

export type UpstreamFailureCode =
  | 'ERR_UPSTREAM_UNAVAILABLE'
  | 'ERR_UPSTREAM_CRASHED'
  | 'ERR_UPSTREAM_TIMEOUT'
  | 'ERR_UPSTREAM_CLOSED'
  | 'ERR_UPSTREAM_REFUSED'
  | 'ERR_UPSTREAM_INVALID'
  | 'ERR_UPSTREAM_SESSION'
  | 'ERR_UPSTREAM_TOO_LARGE';

export function failure(code: UpstreamFailureCode, detail: string, sent: boolean, status?: number): UpstreamFailure {
  return { code, detail, sent, ...(status === undefined ? {} : { status }) };
}

/** An upstream could not be opened; `remedy` tells the operator what to do. */
export class OpenError extends Error {
  readonly code: string;
  readonly remedy: string | undefined;
  /** Trying again soon cannot help: the configuration has to change first. */
  readonly permanent: boolean;
  readonly status: number | undefined;

  constructor(
    code: string,
    message: string,
    options: { remedy?: string | undefined; permanent?: boolean; cause?: unknown; status?: number | undefined } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'OpenError';
    this.code = code;
    this.remedy = options.remedy;
    this.permanent = options.permanent ?? false;
    this.status = options.status;
  }
}
