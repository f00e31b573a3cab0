import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { filterArchitecture, seccompFilter } from '../seccomp/filter.ts';
import { LISTENER_PROGRAM, type ListenerRequest } from '../network/listener-program.ts';
import type { BoxPlan } from '../plan.ts';
import { type ArgumentContext, boxFiles, limitedCommand, viewArguments } from './arguments.ts';
import { createDescriptorTable, type DescriptorTable } from './descriptors.ts';
import type { BoxIdentity } from './identity.ts';
import { type BubblewrapProgram, isAtLeast } from './locate.ts';
import { planStaging } from './staging.ts';
import { type LauncherStatus, readStatus } from './status.ts';
import { watchOver } from './undertaker.ts';

export interface LaunchRequest {
  plan: BoxPlan;
  /** The command to run; the plan's own, or a probe's. */
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  hosts: string;
  /** Further read-only files of the box, by path: certificates, a probe. */
  files: ReadonlyMap<string, { content: string | Buffer; mode?: string }>;
  identity: BoxIdentity;
  bubblewrap: BubblewrapProgram;
  /** Present where the box has a network rule. */
  listeners: ListenerRequest | undefined;
}

export interface Launched {
  child: ChildProcess;
  status: LauncherStatus;
  gate: Duplex;
}

const CHANNEL_FD = 3;
const OUTER_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The outer stage of a box with a network: a user and a network namespace and nothing else. In it a short-lived Node opens the
 * listeners, while the sealed inner stage takes the shell's place and is made ready. They may run side by side because nothing of the
 * command runs before the gate opens, and that takes all listeners. The channel and its variables do not get into the inner stage.
 */
const OUTER_SCRIPT = `
"$1" "$2" "$3" "$4" </dev/null >/dev/null &
shift 4
unset NODE_CHANNEL_FD NODE_CHANNEL_SERIALIZATION_MODE
exec ${CHANNEL_FD}>&-
exec "$@"`;

/**
 * The first thing that runs in the finished box: it says that it is there, waits for the word to go on, and becomes the command. By then the
 * launcher is bound to end with us; were we killed before, the word never comes, and the command never runs.
 */
const gateScript = (fd: number): string =>
  `echo >&${fd} && read -r go <&${fd} && [ "$go" = go ] && exec ${fd}>&- && exec "$@"`;

function sealedArguments(
  request: LaunchRequest,
  context: ArgumentContext,
  table: DescriptorTable,
  setEnvironment: boolean,
): string[] {
  const { plan, hosts, files, environment } = request;
  const args = viewArguments(plan, context);
  for (const [path, content] of boxFiles(context, hosts))
    args.push('--perms', '0444', '--ro-bind-data', table.content(content), path);
  for (const [path, { content, mode }] of files)
    args.push('--perms', mode ?? '0444', '--ro-bind-data', table.content(content), path);
  const filter = seccompFilter({
    arch: filterArchitecture(process.arch)!,
    spawn: plan.spawn,
    unixSockets: plan.unixSockets,
  });
  args.push('--remount-ro', '/', '--seccomp', table.content(filter));
  if (setEnvironment) {
    args.push('--clearenv');
    for (const [name, value] of Object.entries(environment)) args.push('--setenv', name, value);
  }
  return args;
}

/** Starts bubblewrap. Everything secret or long goes through descriptors: a command line can be read by everyone on the machine. */
export function launch(request: LaunchRequest): Launched {
  const { plan, identity, bubblewrap, listeners } = request;
  const staged = listeners !== undefined;
  const table = createDescriptorTable(['pipe', 'pipe', 'pipe', ...(staged ? (['ipc'] as const) : []), 'pipe']);
  const gateFd = staged ? CHANNEL_FD + 1 : CHANNEL_FD;
  const staging = planStaging(plan, identity, staged ? [process.execPath] : []);
  // Something runs before the sealed stage: it must not see the box's variables, nor be led by them.
  const preceded = staged || staging !== undefined;
  const args = sealedArguments(
    request,
    {
      ...identity,
      staged,
      disableUserNamespaces: isAtLeast(bubblewrap.parts, [0, 8]),
      ...(staging === undefined ? {} : { sources: staging.sources }),
    },
    table,
    preceded,
  );
  const statusIndex = table.output();
  args.push('--json-status-fd', String(statusIndex));
  const sealed = [
    bubblewrap.path,
    '--args',
    table.content(`${args.join('\0')}\0`),
    '--',
    ...limitedCommand(plan, ['/bin/sh', '-c', gateScript(gateFd), 'sh', ...request.command]),
  ];
  const node = staging?.sources.get(process.execPath) ?? process.execPath;
  const outer = !staged
    ? []
    : [
        bubblewrap.path,
        '--unshare-user',
        '--unshare-net',
        '--uid',
        '0',
        '--gid',
        '0',
        '--cap-add',
        'ALL',
        '--die-with-parent',
        '--dev-bind',
        '/',
        '/',
        '--',
        '/bin/sh',
        '-c',
        OUTER_SCRIPT,
        'sh',
        node,
        '-e',
        LISTENER_PROGRAM,
        JSON.stringify(listeners),
      ];
  const [file, ...words] = [...(staging?.prefix ?? []), ...outer, ...sealed];
  const asRoot = process.getuid!() === 0;
  const child = spawn(file!, words, {
    stdio: table.slots(),
    // bubblewrap's own environment is what /proc/1/environ shows inside: never the gateway's.
    env: preceded ? { PATH: OUTER_PATH } : { ...request.environment },
    cwd: '/',
    detached: true, // leads a group of its own
    ...(asRoot && staging === undefined ? identity : {}),
  });
  watchOver(child);
  table.attach(child);
  return { child, status: readStatus(child.stdio[statusIndex] as Readable), gate: child.stdio[gateFd] as Duplex };
}
