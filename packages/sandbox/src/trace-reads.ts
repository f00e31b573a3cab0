import { spawn } from 'node:child_process';
import { existsSync, lstatSync } from 'node:fs';
import { processTree } from './limits/process-tree.ts';
import type { BoxPlan } from './plan.ts';
import { isWithin } from './profile/paths.ts';

const STRACE = '/usr/bin/strace';
const ATTACH_MS = 3000;
/** What every runtime and resolver looks for on its way up: no sign that the command wants it. */
const LOOKED_FOR_BY_RUNTIMES =
  /\/(node_modules|package\.json|pyvenv\.cfg|\.env)$|^\/etc\/(host\.conf|resolv\.conf|gai\.conf|ld\.so\.preload|services)$/;

/** Paths that it tried to open in vain although they are there. */
export interface ReadTrace {
  paths(): string[];
}

/**
 * Watches from outside what the command of a box opens and does not get, through strace where that is installed. The box must not have begun:
 * whoever calls this holds its gate. Undefined where there is no strace, or it may not look.
 */
export async function traceReads(plan: BoxPlan, init: number): Promise<ReadTrace | undefined> {
  if (!existsSync(STRACE)) return undefined;
  const pids = processTree(init).slice(1);
  const words = ['-f', '-s', '4096', '-e', 'trace=open,openat', '-e', 'status=failed'];
  const tracer = spawn(STRACE, [...words, ...pids.flatMap((pid) => ['-p', String(pid)])], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {},
    cwd: '/',
  });
  const found = new Set<string>();
  let rest = '';
  tracer.stderr.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const path = /\bopen(?:at)?\((?:AT_FDCWD, )?"(\/[^"\\]+)".* = -1 E(?:NOENT|ACCES)/.exec(line)?.[1];
      if (path !== undefined && isThere(path, plan)) found.add(path);
    }
  });
  const attached = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), ATTACH_MS);
    const settle = (value: boolean): void => {
      clearTimeout(timer);
      resolve(value);
    };
    tracer.stderr.on('data', (chunk: Buffer) => /attached/.test(String(chunk)) && settle(true));
    tracer.once('error', () => settle(false)); // it cannot be started: then nothing is traced
    tracer.once('exit', () => settle(false));
  });
  if (!attached) tracer.kill('SIGKILL');
  return attached ? { paths: () => [...found].toSorted() } : undefined;
}

function isThere(path: string, plan: BoxPlan): boolean {
  if (
    LOOKED_FOR_BY_RUNTIMES.test(path) ||
    ['/proc', '/sys', '/dev', '/tmp', '/usr'].some((tree) => isWithin(path, tree))
  )
    return false;
  // What is hidden on purpose is no news.
  if (plan.mounts.some((mount) => mount.kind !== 'link' && isWithin(path, mount.path))) return false;
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
