import { PassThrough } from 'node:stream';
import { run } from '../../src/cli/run.ts';
import type { Io } from '../../src/cli/io.ts';

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Runs a command in this process, with streams that are no terminal unless said otherwise. */
export async function runCommand(
  argv: readonly string[],
  options: { cwd: string; home?: string; env?: Record<string, string>; answers?: string },
): Promise<Ran> {
  const { cwd, home = cwd, env = {}, answers } = options;
  const person = answers !== undefined;
  const stdin = Object.assign(new PassThrough(), { isTTY: person, setRawMode: () => undefined });
  const stdout = new PassThrough();
  const stderr = Object.assign(new PassThrough(), { isTTY: person });
  if (person) stdin.write(answers);
  const io: Io = {
    stdin,
    stdout,
    stderr,
    env: { PATH: '/usr/bin:/bin', ...env },
    cwd,
    home,
    platform: 'linux',
    now: () => Date.parse('2026-11-23T10:20:30Z'),
    version: '9.9.9',
    program: 'sekisho',
    self: ['/opt/node', '/opt/sekisho/main.js'],
    onSignal: () => () => undefined,
    abort: () => undefined,
  };
  const code = await run(argv, io);
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}
