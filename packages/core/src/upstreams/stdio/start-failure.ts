import { existsSync, statSync } from 'node:fs';
import type { ProcessSpec } from './process.ts';

export type StartFailureCode =
  | 'ERR_UPSTREAM_COMMAND_MISSING'
  | 'ERR_UPSTREAM_COMMAND_REFUSED'
  | 'ERR_UPSTREAM_CWD_MISSING'
  | 'ERR_UPSTREAM_SPEC_INVALID'
  | 'ERR_UPSTREAM_NO_RESOURCES'
  | 'ERR_UPSTREAM_START';

/** The process never ran. The remedy is one sentence for the operator. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly code: StartFailureCode;
  readonly remedy: string;

  constructor(code: StartFailureCode, message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.remedy = remedy;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** Say of an error of `spawn` what is wrong and how to mend it. Arguments and environment may hold secrets: not named. */
export function toStartFailure(spec: ProcessSpec, cause: unknown): StartFailure {
  if (cause instanceof StartFailure) return cause;
  const { name, command, cwd } = spec;
  const code = codeOf(cause);
  // The system says ENOENT both for a missing command and for a missing folder to run it in.
  if (cwd !== undefined && (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') && !isFolder(cwd)) {
    return new StartFailure(
      'ERR_UPSTREAM_CWD_MISSING',
      `${name}: the folder to run in, ${cwd}, is not there or is not a folder`,
      'Create the folder, or correct "cwd" in the configuration.',
      cause,
    );
  }
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new StartFailure(
        'ERR_UPSTREAM_COMMAND_MISSING',
        `${name}: the command ${command} was not found`,
        command.includes('/') || command.includes('\\')
          ? 'Check the path and, for a script, the interpreter named in its first line.'
          : `Install ${command}, or give its full path: it is looked for in the PATH that the server's environment has.`,
        cause,
      );
    case 'EACCES':
    case 'EPERM':
    case 'ENOEXEC':
      return new StartFailure(
        'ERR_UPSTREAM_COMMAND_REFUSED',
        `${name}: the system refuses to run ${command} (${code})`,
        'Make the file executable (chmod +x), or start it through its interpreter.',
        cause,
      );
    case 'ERR_INVALID_ARG_VALUE':
    case 'ERR_INVALID_ARG_TYPE':
    case 'E2BIG':
      return new StartFailure(
        'ERR_UPSTREAM_SPEC_INVALID',
        `${name}: the command, its arguments or its environment cannot be passed to a process (${code})`,
        'Remove NUL characters, an empty command, or values of more than some 100 kB.',
        cause,
      );
    case 'EAGAIN':
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
      return new StartFailure(
        'ERR_UPSTREAM_NO_RESOURCES',
        `${name}: the system has no room for another process (${code})`,
        'Raise the limits for processes and open files (ulimit -u, ulimit -n), or stop other programs.',
        cause,
      );
    default:
      return new StartFailure(
        'ERR_UPSTREAM_START',
        `${name}: ${command} could not be started${code && ` (${code})`}`,
        'Run the same command in a terminal to see what it says.',
        cause,
      );
  }
}
