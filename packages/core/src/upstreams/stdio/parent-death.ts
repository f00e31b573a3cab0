import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { ProcessSpec } from './process.ts';

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const SETPRIV_PLACES = ['/usr/bin/setpriv', '/bin/setpriv'] as const;

/** The program of util-linux that can ask the kernel for a signal at the parent's death; undefined where there is none. */
export function findSetpriv(platform: string = process.platform): string | undefined {
  return platform === 'linux' ? SETPRIV_PLACES.find(isExecutable) : undefined;
}

/**
 * The same command, killed by the kernel when the thread that starts it ends. The request holds for the process
 * itself and not for its children, which still get the end of their input. A command that is not found is left
 * unwrapped, so that the failure to start names it and not the wrapper.
 */
export function withParentDeath(spec: ProcessSpec, setpriv: string): { file: string; args: readonly string[] } {
  const { command, args, env, cwd = '.' } = spec;
  const folders = command.includes('/') ? [cwd] : (env['PATH'] ?? '/usr/bin:/bin').split(delimiter);
  const found = folders.map((folder) => (command.includes('/') ? resolve(folder, command) : join(folder, command)));
  const file = found.find(isExecutable);
  if (file === undefined) return { file: command, args };
  return { file: setpriv, args: ['--pdeathsig', 'SIGKILL', '--', file, ...args] };
}
