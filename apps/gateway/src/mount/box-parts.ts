import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import {
  bubblewrapBackend,
  containerBackend,
  seatbeltBackend,
  type BoxPlan,
  type Sandbox,
  type SandboxBackend,
} from '@sekisho/sandbox';
import type { LoadedConfig } from '../config/load.ts';

/** Where packages are pinned: beside the configuration, to be kept with it. */
export function lockFileOf({ file }: LoadedConfig): string {
  return join(dirname(file), 'sekisho.lock.json');
}

/** The box of this system. */
export function chooseBackend(
  platform: NodeJS.Platform,
  container: { readonly program: string; readonly image: string } | undefined,
): SandboxBackend {
  if (container !== undefined) return containerBackend(container);
  return platform === 'darwin' ? seatbeltBackend() : bubblewrapBackend();
}

/** The npm of this user, which need not lie beside our own Node. Undefined leaves it to the usual places. */
export function npmBeside(env: Readonly<Record<string, string | undefined>>): { npmCli?: string } {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const program = join(folder, 'npm');
    if (!folder.startsWith('/') || !existsSync(program)) continue;
    const npmCli = realpathSync(program);
    if (npmCli.endsWith('/npm/bin/npm-cli.js')) return { npmCli };
  }
  return {};
}

/** The same sandbox, except that what it starts ends when the signal aborts: an installation that nobody waits for. */
export function endedBy(sandbox: Sandbox, signal: AbortSignal | undefined): Sandbox {
  if (signal === undefined) return sandbox;
  return {
    ...sandbox,
    async start(spec) {
      signal.throwIfAborted();
      const child = await sandbox.start(spec);
      const end = (): void => void child.kill();
      signal.addEventListener('abort', end, { once: true });
      void child.exited.then(() => signal.removeEventListener('abort', end));
      if (signal.aborted) end();
      return child;
    },
  };
}

/** Where the gateway is root its boxes are not: what belongs to root is theirs only as far as it is everybody's. */
export function outOfReach(plan: BoxPlan, uid: number): string[] {
  if (process.getuid?.() !== 0) return [];
  return plan.mounts.flatMap(({ kind, path }) => {
    if (kind !== 'write' && kind !== 'read') return [];
    const { uid: owner, mode } = lstatSync(path);
    const wanted = kind === 'write' ? 0o002 : 0o004;
    if (owner === uid || (mode & wanted) !== 0) return [];
    const remedy = kind === 'write' ? `chown -R ${uid}:${uid} ${path}` : `chmod -R o+rX ${path}`;
    return [
      `Boxes do not run as root: user ${uid} cannot ${kind === 'write' ? 'write to' : 'read'} ${path}. Run: ${remedy}`,
    ];
  });
}

/** Where packages are installed: in the cache, but never below the state, which no box may see. */
export function packageStore({ cacheFolder, stateFolder }: { cacheFolder: string; stateFolder: string }): string {
  const within = !relative(stateFolder, cacheFolder).startsWith('..');
  return within ? `${stateFolder}-packages` : join(cacheFolder, 'packages');
}

export function capital(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;
}

export function runnable(remedy: string): string {
  return /^(?:apt|dnf|apk|pacman|zypper)/.test(remedy)
    ? `Run: ${process.getuid?.() === 0 ? '' : 'sudo '}${remedy}`
    : capital(remedy);
}
