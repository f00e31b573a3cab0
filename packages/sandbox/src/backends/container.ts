import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { BoxPlan } from '../plan.ts';
import { BOX_HOME } from '../plan.ts';
import { type BackendReport, everyPermission, type SandboxBackend } from './backend.ts';

export interface ContainerOptions {
  /** Absolute path of docker's or podman's command line. */
  program: string;
  /** Image that holds the runtime of the command, best with its digest (`node:24-slim@sha256:...`). It is never pulled here. */
  image: string;
}

const run = promisify(execFile);

/** Arguments of `docker run` or `podman run` for a plan. The command's own file has to be in the image or in a grant. */
export function containerArguments(
  plan: BoxPlan,
  { image }: Pick<ContainerOptions, 'image'>,
  identity: { uid: number; gid: number },
  environment: Readonly<Record<string, string>>,
): string[] {
  const { limits } = plan;
  const args = [
    'run',
    '--rm',
    '--interactive',
    '--init',
    '--pull=never',
    '--read-only',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    '--network=none',
    '--ipc=none',
    `--user=${identity.uid}:${identity.gid}`,
    `--pids-limit=${limits.processes}`,
    `--memory=${limits.memoryBytes}b`,
    `--memory-swap=${limits.memoryBytes}b`,
    `--ulimit=nofile=${limits.openFiles}:${limits.openFiles}`,
    `--ulimit=fsize=${limits.fileBytes}:${limits.fileBytes}`,
    '--ulimit=core=0:0',
    ...(limits.cpuPercent === undefined ? [] : [`--cpus=${limits.cpuPercent / 100}`]),
    `--tmpfs=/tmp:rw,nosuid,nodev,size=${limits.tmpBytes},mode=1777`,
    `--tmpfs=${BOX_HOME}:rw,nosuid,nodev,size=${limits.tmpBytes},mode=0700,uid=${identity.uid}`,
  ];
  for (const { kind, path } of plan.mounts) {
    if (/[,\n]/.test(path))
      throw new TypeError(`the container back end cannot mount a path with a comma or a line break: ${path}`);
    if (kind === 'read' || kind === 'write')
      args.push(`--mount=type=bind,src=${path},dst=${path}${kind === 'read' ? ',readonly' : ''}`);
    else if (kind === 'hide-directory') args.push(`--mount=type=tmpfs,dst=${path},tmpfs-size=4096,tmpfs-mode=0000`);
    else if (kind === 'hide-file' || kind === 'keep-missing')
      args.push(`--mount=type=bind,src=/dev/null,dst=${path},readonly`);
  }
  // By name only: the values go through the environment of the command line tool, and are not to be seen in `ps`.
  for (const name of Object.keys(environment)) args.push(`--env=${name}`);
  args.push(`--workdir=${plan.cwd}`, '--entrypoint=', image, plan.file, ...plan.args);
  return args;
}

/** Docker or podman. Written and tested on its arguments; no engine was at hand to run it, so it promises nothing as verified. */
export function containerBackend({ program, image }: ContainerOptions): SandboxBackend {
  if (!program.startsWith('/')) throw new TypeError('program must be an absolute path');
  if (image === '' || image.startsWith('-')) throw new TypeError('image must name an image');
  return {
    name: 'container',
    enforces: everyPermission('unverified', {
      'network.allowedDomains': 'not-enforceable',
      broker: 'not-enforceable',
      spawn: 'not-enforceable',
      'ends-with-gateway': 'not-enforceable',
    }),
    ownsNetwork: false,
    async examine(): Promise<BackendReport> {
      if (!existsSync(program))
        return { usable: false, reason: `${program} is not there`, remedy: 'install docker or podman.' };
      try {
        const { stdout } = await run(program, ['version', '--format', '{{.Client.Version}}'], { timeout: 10_000 });
        return { usable: true, version: stdout.trim() };
      } catch (error) {
        return {
          usable: false,
          reason: `the container engine does not answer (${(error as Error).message.split('\n')[0]})`,
          remedy: 'start it, or let this user talk to it.',
        };
      }
    },
    launch({ plan, identity, environment }) {
      const child = spawn(program, containerArguments(plan, { image }, identity, environment), {
        env: { PATH: '/usr/bin:/bin', ...environment },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const exitCode = new Promise<number | undefined>((resolve) =>
        child.once('close', (code) => resolve(code ?? undefined)),
      );
      return Promise.resolve({ child, status: { init: Promise.resolve(undefined), exitCode } });
    },
  };
}
