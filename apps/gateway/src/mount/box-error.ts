import { SandboxError } from '@sekisho/sandbox';

/** Why a server was not started, in the form in which the gateway shows it: reason and remedy apart. */
export class BoxError extends Error {
  override readonly name = 'BoxError';
  readonly code: string;
  readonly remedy: string | undefined;
  /** Only a change of the configuration helps, so it is not tried again by itself. */
  readonly permanent: boolean;

  constructor(
    code: string,
    message: string,
    options: { remedy?: string | undefined; permanent?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
    this.permanent = options.permanent ?? false;
  }
}

const permanent = new Set(['ERR_SANDBOX_PROFILE_INVALID', 'ERR_SANDBOX_NOT_MAIN_THREAD']);

/** In the words of this program. */
export function toBoxError(error: unknown, server = '<server>'): unknown {
  if (!(error instanceof SandboxError)) return error;
  const { code, reason, remedy } = error;
  const told =
    code === 'ERR_SANDBOX_INTEGRITY_CHANGED'
      ? `Find out why it changed. To approve it: sekisho sandbox approve ${server}`
      : remedy && capital(remedy);
  return new BoxError(code, reason, { remedy: told, permanent: permanent.has(code), cause: error });
}

function capital(text: string): string {
  // A remedy may be a command, which is not to be changed.
  return /^(?:apt|dnf|apk|pacman|zypper|sysctl)/.test(text)
    ? `Run: ${text}`
    : `${text[0]!.toUpperCase()}${text.slice(1)}`;
}
