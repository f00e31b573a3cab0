import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { LauncherStatus } from '../bubblewrap/status.ts';
import type { BoxIdentity } from '../bubblewrap/identity.ts';
import type { ListenerRequest } from '../network/listener-program.ts';
import type { BoxPlan } from '../plan.ts';

/** What a box can promise. */
export type Permission =
  | 'filesystem.read'
  | 'filesystem.write'
  | 'network'
  | 'network.allowedDomains'
  | 'spawn'
  | 'environment'
  | 'processes-hidden'
  | 'privileges'
  | 'broker'
  | 'limits.memoryBytes'
  | 'limits.cpuPercent'
  | 'limits.cpuMs'
  | 'limits.processes'
  | 'limits.openFiles'
  | 'limits.wallMs'
  | 'limits.tmpBytes'
  | 'limits.fileBytes'
  | 'limits.stdoutBytesPerSecond'
  | 'ends-with-gateway';

/** `unverified`: the arguments for it are given and tested, but it was never run on that platform. */
export type Enforcement = 'enforced' | 'not-enforceable' | 'unverified';
export type EnforcementTable = Readonly<Record<Permission, Enforcement>>;

export type BackendReport = { usable: true; version: string } | { usable: false; reason: string; remedy: string };

export interface BackendLaunch {
  plan: BoxPlan;
  /** Program and arguments; absolute path first. */
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  hosts: string;
  files: ReadonlyMap<string, { content: string | Buffer; mode?: string }>;
  identity: BoxIdentity;
  listeners: ListenerRequest | undefined;
}

export interface Launched {
  child: ChildProcess;
  status: LauncherStatus;
  /** Says when the finished box is about to run the command, which waits for an answer. Absent where the back end cannot tell. */
  gate?: Duplex;
}

/** One way to confine a process. */
export interface SandboxBackend {
  readonly name: 'bubblewrap' | 'seatbelt' | 'container' | 'none';
  readonly enforces: EnforcementTable;
  /** True where the gateway owns the listeners of the box: exact names and brokering then work without proxy variables. */
  readonly ownsNetwork: boolean;
  /** Whether it can work here at all, and if not, what to do. Starts nothing of the command. */
  examine(): Promise<BackendReport>;
  launch(request: BackendLaunch): Promise<Launched>;
}

export const everyPermission = (
  enforcement: Enforcement,
  exceptions: Partial<EnforcementTable> = {},
): EnforcementTable => {
  const all: Permission[] = [
    'filesystem.read',
    'filesystem.write',
    'network',
    'network.allowedDomains',
    'spawn',
    'environment',
    'processes-hidden',
    'privileges',
    'broker',
    'limits.memoryBytes',
    'limits.cpuPercent',
    'limits.cpuMs',
    'limits.processes',
    'limits.openFiles',
    'limits.wallMs',
    'limits.tmpBytes',
    'limits.fileBytes',
    'limits.stdoutBytesPerSecond',
    'ends-with-gateway',
  ];
  return {
    ...(Object.fromEntries(all.map((name) => [name, enforcement])) as Record<Permission, Enforcement>),
    ...exceptions,
  };
};
