import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Invocation } from './arguments.ts';
import type { Io } from './io.ts';

/** Where this user's own things are. */
export function ownFolder(io: Pick<Io, 'env' | 'home' | 'platform'>, kind: 'settings' | 'state' | 'cache'): string {
  const { env, home, platform } = io;
  if (platform === 'win32' && kind !== 'state') {
    const [variable, fallback] =
      kind === 'settings' ? (['APPDATA', 'Roaming'] as const) : (['LOCALAPPDATA', 'Local'] as const);
    return join(env[variable] ?? join(home, 'AppData', fallback), 'sekisho', ...(kind === 'settings' ? [] : [kind]));
  }
  // The state lies in the same place on every system, so that one example file can name it.
  const [variable, fallback] = (
    {
      settings: ['XDG_CONFIG_HOME', '.config'],
      state: ['XDG_STATE_HOME', '.local/state'],
      cache: ['XDG_CACHE_HOME', '.cache'],
    } as const
  )[kind];
  return join(env[variable] ?? join(home, fallback), 'sekisho');
}

export function secretsFile(flags: Invocation['flags'], io: Io): string {
  const named = flags.secrets === undefined ? io.env['SEKISHO_SECRETS_FILE'] : String(flags.secrets);
  return named === undefined ? join(ownFolder(io, 'settings'), 'secrets.json') : resolve(io.cwd, named);
}

/**
 * The configuration to use. Only a file that somebody named, or that lies among the user's own settings: one that merely
 * lies in the current folder may have come with a project, and would run that project's commands.
 */
export async function findConfigFile(
  flags: Invocation['flags'],
  io: Io,
): Promise<{ file: string } | { missing: string }> {
  const named = flags.config === undefined ? io.env['SEKISHO_CONFIG'] : String(flags.config);
  if (named !== undefined)
    return { file: resolve(io.cwd, named.startsWith('~/') ? join(io.home, named.slice(2)) : named) };
  const folder = ownFolder(io, 'settings');
  for (const name of ['sekisho.jsonc', 'sekisho.json']) {
    if (await exists(join(folder, name))) return { file: join(folder, name) };
  }
  for (const name of [
    'sekisho.jsonc',
    'sekisho.json',
    '.mcp.json',
    join('.vscode', 'mcp.json'),
    join('.cursor', 'mcp.json'),
  ]) {
    if (await exists(join(io.cwd, name))) {
      return {
        missing: `No configuration is named. There is a ${name} in this folder; look through what it starts, and then run: ${io.program} --config ${name}`,
      };
    }
  }
  return {
    missing: `No configuration is named, and there is no ${join(folder, 'sekisho.jsonc')}. Make one from the clients of this computer with: ${io.program} import`,
  };
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
