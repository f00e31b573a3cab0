import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BoxPlan } from '../plan.ts';
import { type BackendReport, everyPermission, type SandboxBackend } from './backend.ts';

/** Settings of sandbox-runtime: JSON, so that no character of a path can become a rule of the Seatbelt profile made from it. */
export interface SeatbeltSettings {
  network: { allowedDomains: string[]; deniedDomains: string[] };
  filesystem: { denyRead: string[]; allowRead: string[]; allowWrite: string[]; denyWrite: string[] };
}

const SYSTEM_READS = [
  '/usr',
  '/bin',
  '/sbin',
  '/System',
  '/Library/Apple',
  '/private/etc/ssl',
  '/private/var/db/timezone',
  '/private/var/db/dyld',
  '/dev',
  '/opt/homebrew',
];

/** Reads are closed by denying the root and allowing what the plan grants. */
export function seatbeltSettings(plan: BoxPlan, temporary: string): SeatbeltSettings {
  const of = (...kinds: string[]): string[] =>
    plan.mounts.filter(({ kind }) => kinds.includes(kind)).map(({ path }) => path);
  return {
    network: {
      allowedDomains: plan.network.allowed.map(({ text }) => text),
      deniedDomains: plan.network.denied.map(({ text }) => text),
    },
    filesystem: {
      denyRead: ['/', ...of('hide-file', 'hide-directory')],
      allowRead: [...SYSTEM_READS, temporary, ...of('read', 'write')],
      allowWrite: [temporary, ...of('write')],
      denyWrite: of('read', 'hide-file', 'hide-directory', 'keep-missing'),
    },
  };
}

/** The command line of the optional peer `@anthropic-ai/sandbox-runtime`, or undefined where it is not installed. */
function findRuntime(): string | undefined {
  try {
    return join(createRequire(import.meta.url).resolve('@anthropic-ai/sandbox-runtime'), '../cli.js');
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND' ||
      (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED'
    )
      return undefined;
    throw error;
  }
}

/** macOS: Seatbelt through sandbox-runtime, one process of it for each server. Tested on its settings; never run on a Mac here. */
export function seatbeltBackend(): SandboxBackend {
  return {
    name: 'seatbelt',
    enforces: everyPermission('not-enforceable', {
      'filesystem.read': 'unverified',
      'filesystem.write': 'unverified',
      network: 'unverified',
      'network.allowedDomains': 'unverified',
      environment: 'unverified',
      'limits.memoryBytes': 'not-enforceable',
      'limits.stdoutBytesPerSecond': 'unverified',
    }),
    ownsNetwork: false,
    examine(): Promise<BackendReport> {
      if (process.platform !== 'darwin')
        return Promise.resolve({
          usable: false,
          reason: `Seatbelt is part of macOS, and this is ${process.platform}`,
          remedy: 'choose another back end.',
        });
      if (findRuntime() === undefined)
        return Promise.resolve({
          usable: false,
          reason: '@anthropic-ai/sandbox-runtime is not installed',
          remedy: 'npm install @anthropic-ai/sandbox-runtime',
        });
      return Promise.resolve({ usable: true, version: 'sandbox-runtime' });
    },
    launch({ plan, environment }) {
      const directory = mkdtempSync(join(tmpdir(), 'sekisho-seatbelt-'));
      const settings = join(directory, 'settings.json');
      writeFileSync(settings, JSON.stringify(seatbeltSettings(plan, directory)), { mode: 0o600 });
      const child = spawn(process.execPath, [findRuntime()!, '--settings', settings, '--', plan.file, ...plan.args], {
        env: { ...environment, TMPDIR: directory, HOME: directory },
        cwd: plan.cwd,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const exitCode = new Promise<number | undefined>((resolve) => {
        child.once('close', (code) => {
          rmSync(directory, { recursive: true, force: true });
          resolve(code ?? undefined);
        });
      });
      return Promise.resolve({ child, status: { init: Promise.resolve(undefined), exitCode } });
    },
  };
}
