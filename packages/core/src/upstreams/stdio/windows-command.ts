import { existsSync } from 'node:fs';
import { win32 } from 'node:path';
import type { ProcessSpec } from './process.ts';
import { StartFailure } from './start-failure.ts';

export interface WindowsCommand {
  file: string;
  args: readonly string[];
  /** True: the arguments are quoted already and must be passed as they are. */
  verbatim: boolean;
}

const variable = (env: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.entries(env).find(([key]) => key.toUpperCase() === name)?.[1];

/** Where Windows would find the command, trying the extensions of PATHEXT; undefined when nowhere. */
function findFile({ command, env, cwd }: ProcessSpec, exists: (path: string) => boolean): string | undefined {
  const extensions = (variable(env, 'PATHEXT') ?? '.COM;.EXE;.BAT;.CMD').split(';').filter(Boolean);
  const endings = win32.extname(command) === '' ? extensions : ['', ...extensions];
  // The working folder is not searched for a bare name: a file planted there must not be run.
  const folders = /[\\/]/.test(command) ? [cwd ?? '.'] : (variable(env, 'PATH') ?? '').split(';').filter(Boolean);
  for (const folder of folders) {
    for (const ending of endings) {
      const path = win32.resolve(folder, command + ending);
      if (exists(path)) return path;
    }
  }
  return undefined;
}

/** One argument as the C runtime reads it back: backslashes count only in front of a quote. */
const quote = (argument: string): string => `"${argument.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;

/** Every character that cmd.exe reads as its own, quotes included, so that it never sees a quoted stretch. */
const escapeForCmd = (text: string): string => text.replaceAll(/[()\][%!^"`<>&|;, *?]/g, '^$&');

/**
 * Batch files (npx, npm and most launchers) can be run by cmd.exe only, which reads its line twice: once itself and
 * once for the batch file's `%*`. Arguments are therefore escaped twice; a line break cannot be escaped and is refused.
 */
export function toWindowsCommand(spec: ProcessSpec, exists: (path: string) => boolean = existsSync): WindowsCommand {
  const file = findFile(spec, exists);
  if (file === undefined || !/\.(cmd|bat)$/i.test(file)) {
    return { file: file ?? spec.command, args: spec.args, verbatim: false };
  }
  if (spec.args.some((argument) => /[\r\n]/.test(argument))) {
    throw new StartFailure(
      'ERR_UPSTREAM_SPEC_INVALID',
      `${spec.name}: an argument with a line break cannot be passed to the batch file ${spec.command}`,
      'Start the program behind the batch file directly, for example node with the path of the script.',
    );
  }
  const words = [escapeForCmd(file), ...spec.args.map((argument) => escapeForCmd(escapeForCmd(quote(argument))))];
  return {
    file: variable(spec.env, 'COMSPEC') ?? 'cmd.exe',
    args: ['/d', '/s', '/c', `"${words.join(' ')}"`],
    verbatim: true,
  };
}
