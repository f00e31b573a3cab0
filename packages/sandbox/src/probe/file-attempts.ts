import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BoxPlan } from '../plan.ts';
import { isWithin } from '../profile/paths.ts';
import { type Attempt, type AttemptContext, mustFail, mustWork, O_CREATE_WRITE, open, text } from './attempt.ts';

/** Files and directories: what is granted works, everything else fails. */
export function fileAttempts(plan: BoxPlan, { home }: AttemptContext): Attempt[] {
  const granted = (path: string): boolean =>
    plan.mounts.some(({ kind, path: at }) => (kind === 'read' || kind === 'write') && isWithin(path, at));
  // The start directory is there though nothing of it is granted; then what lies in it must not be.
  const inStart = plan.emptyCwd ? readdirSync(plan.cwd).slice(0, 3) : [];
  const hidden = [
    ...inStart.map((name) => join(plan.cwd, name)),
    home,
    join(home, '.ssh'),
    join(home, '.aws'),
    '/root',
    '/etc/shadow',
    '/var/lib',
    '/sys',
    '/run',
  ].filter((path) => existsSync(path) && !granted(path) && !(plan.emptyCwd && isWithin(plan.cwd, path)));
  const first = plan.mounts.find(({ kind }) => kind === 'read');
  return [
    {
      name: 'control: a private /tmp can be written',
      permission: 'filesystem.write',
      calls: [open('/tmp/probe', O_CREATE_WRITE)],
      judge: mustWork,
    },
    ...(first === undefined
      ? []
      : [
          {
            name: 'control: what is granted can be read',
            permission: 'filesystem.read' as const,
            calls: [open(first.path)],
            judge: mustWork,
          },
        ]),
    ...hidden
      .filter((path) => !plan.mounts.some(({ path: at }) => isWithin(at, path)))
      .map((path): Attempt => ({
        name: `open ${path}`,
        permission: 'filesystem.read',
        calls: [open(path)],
        judge: mustFail,
      })),
    ...plan.mounts
      .filter(({ kind }) => kind === 'hide-file')
      .map(({ path }): Attempt => ({
        name: `open ${path}, which is hidden`,
        permission: 'filesystem.read',
        calls: [open(path)],
        judge: mustFail,
      })),
    ...['/', '/usr', '/etc', '/dev', '/proc'].map((path): Attempt => ({
      name: `create a file in ${path}`,
      permission: 'filesystem.write',
      calls: [open(join(path, 'probe'), O_CREATE_WRITE)],
      judge: mustFail,
    })),
    ...plan.mounts
      .filter(({ kind }) => kind === 'read')
      .slice(0, 16)
      .map(({ path }): Attempt => ({
        name: `open ${path} for writing, or create in it`,
        permission: 'filesystem.write',
        calls: [open(path, 0o1), open(join(path, '.sekisho-probe'), O_CREATE_WRITE)],
        judge: mustFail,
      })),
    {
      name: 'the size of /tmp is what the profile says',
      permission: 'limits.tmpBytes',
      usesBuffer: true,
      calls: [{ call: 'statfs', args: [text('/tmp'), { buffer: 0 }] }],
      judge(result, buffer) {
        const bytes = Number(buffer.readBigInt64LE(8) * buffer.readBigInt64LE(16));
        return result === 0 && bytes > 0 && bytes <= plan.limits.tmpBytes + 4096 ? undefined : `it has ${bytes} bytes`;
      },
    },
  ];
}
