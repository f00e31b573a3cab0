import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
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

/** Where the gateway is root its boxes are not, and what belongs to root cannot be written from inside. */
export function unwritable(plan: BoxPlan, uid: number): string[] {
  if (process.getuid?.() !== 0) return [];
  return plan.mounts.flatMap(({ kind, path }) => {
    if (kind !== 'write') return [];
    const { uid: owner, mode } = lstatSync(path);
    return owner === uid || (mode & 0o002) !== 0
      ? []
      : [`Boxes do not run as root: user ${uid} cannot write to ${path}. Run: chown -R ${uid}:${uid} ${path}`];
  });
}

export function capital(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;
}

export function runnable(remedy: string): string {
  return /^(?:apt|dnf|apk|pacman|zypper)/.test(remedy)
    ? `Run: ${process.getuid?.() === 0 ? '' : 'sudo '}${remedy}`
    : capital(remedy);
}
