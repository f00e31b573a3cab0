import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Permission } from '../backends/backend.ts';
import type { BoxPlan } from '../plan.ts';
import { isWithin } from '../profile/paths.ts';
import type { Argument, Call } from './machine-code.ts';
import type { FilterArchitecture } from '../seccomp/filter.ts';

/** One thing that is tried inside, and what has to come of it. */
export interface Attempt {
  /** Short and stable: shown in the attestation. */
  name: string;
  permission: Permission;
  calls: { call: keyof typeof CALLS; args: Argument[]; mayFork?: boolean }[];
  /** Says what was wrong, or undefined. Gets the result of the last call, and the text of buffer 0 where the attempt filled one. */
  judge: (result: number, buffer: Buffer) => string | undefined;
  usesBuffer?: boolean;
}

/** Numbers on x64 and arm64, from the kernel's tables. */
export const CALLS = {
  openat: [257, 56],
  read: [0, 63],
  write: [1, 64],
  getpid: [39, 172],
  socket: [41, 198],
  connect: [42, 203],
  getdents64: [217, 61],
  ptrace: [101, 117],
  clone: [56, 220],
  unshare: [272, 97],
  mount: [165, 40],
  bpf: [321, 280],
  keyctl: [250, 219],
  io_uring_setup: [425, 425],
  kill: [62, 129],
  statfs: [137, 43],
  exit_group: [231, 94],
  mmap: [9, 222],
  nanosleep: [35, 101],
  fchmodat: [268, 53],
  prlimit64: [302, 261],
} as const;

const AT_FDCWD = -100;
const O_RDONLY = 0;
const O_CREATE_WRITE = 0o100 | 0o1;
const AF_UNIX = 1;
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const CLONE_NEWUSER = 0x10000000;
const SIGCHLD = 17;
const PTRACE_SEIZE = 0x4206; // unlike an attach it stops nobody, should it be allowed
const RLIMIT_NPROC = 6;
const RLIMIT_NOFILE = 7;
const EINPROGRESS = -115;
const NAMES: Record<number, string> = {
  1: 'EPERM',
  2: 'ENOENT',
  3: 'ESRCH',
  13: 'EACCES',
  20: 'ENOTDIR',
  22: 'EINVAL',
  28: 'ENOSPC',
  30: 'EROFS',
  38: 'ENOSYS',
  97: 'EAFNOSUPPORT',
  101: 'ENETUNREACH',
  111: 'ECONNREFUSED',
};

const text = (value: string): Argument => ({ bytes: Buffer.from(`${value}\0`) });
const said = (result: number): string => (result < 0 ? (NAMES[-result] ?? `error ${-result}`) : `success (${result})`);
const mustFail = (result: number): string | undefined =>
  result < 0 && result !== EINPROGRESS ? undefined : `it answered ${said(result)}`;
const mustWork = (result: number): string | undefined => (result >= 0 ? undefined : `it answered ${said(result)}`);

function internetAddress(address: string, port: number): Argument {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  Buffer.from(address.split('.').map(Number)).copy(bytes, 4);
  return { bytes };
}

const open = (path: string, flags = O_RDONLY) => ({
  call: 'openat' as const,
  args: [AT_FDCWD, text(path), flags, 0o600],
});
function timeout(ms: number): Argument {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64LE(BigInt(ms) * 1_000_000n, 8);
  return { bytes };
}
const PID1_WAIT_MS = 50;
const PREVIOUS: Argument = { resultOf: -1 };

const connectTo = (
  name: string,
  permission: Permission,
  address: string,
  port: number,
  type = SOCK_STREAM | SOCK_NONBLOCK,
): Attempt => ({
  name,
  permission,
  calls: [
    { call: 'socket', args: [AF_INET, type, 0] },
    { call: 'connect', args: [PREVIOUS, internetAddress(address, port), 16] },
  ],
  judge: mustFail,
});

const readFile = (name: string, permission: Permission, path: string, judge: Attempt['judge']): Attempt => ({
  name,
  permission,
  calls: [open(path), { call: 'read', args: [PREVIOUS, { buffer: 0 }, 8191] }],
  judge,
  usesBuffer: true,
});

export interface AttemptContext {
  home: string;
  gatewayPid: number;
  /** Port of a listener on the host's loopback, and name of an abstract unix socket, open while the probe runs. */
  hostPort: number;
  abstractName: string;
  /** Names of the variables that the box was given. */
  variables: readonly string[];
  /** A listener that a rule promises: an address inside and a port. */
  promised: { address: string; port: number } | undefined;
}

/** Numbers up to which a process inside may exist: bubblewrap, the command, little else. */
const MOST_PIDS_INSIDE = 8;

function bufferText(buffer: Buffer, length: number): string {
  return length > 0 ? buffer.toString('latin1', 0, length) : '';
}

/** Names in a buffer of getdents64: 19 bytes before each, records of the length that they name. */
function directoryNames(buffer: Buffer, length: number): string[] {
  const names: string[] = [];
  for (let at = 0; at + 19 < length; at += buffer.readUInt16LE(at + 16) || length)
    names.push(buffer.toString('latin1', at + 19, buffer.indexOf(0, at + 19)));
  return names;
}

function files(plan: BoxPlan, { home }: AttemptContext): Attempt[] {
  const granted = (path: string): boolean =>
    plan.mounts.some(({ kind, path: at }) => (kind === 'read' || kind === 'write') && isWithin(path, at));
  const hidden = [
    home,
    join(home, '.ssh'),
    join(home, '.aws'),
    '/root',
    '/etc/shadow',
    '/var/lib',
    '/sys',
    '/run',
  ].filter((path) => existsSync(path) && !granted(path));
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

function network(plan: BoxPlan, { hostPort, abstractName, promised }: AttemptContext): Attempt[] {
  const name = Buffer.concat([Buffer.from([AF_UNIX, 0, 0]), Buffer.from(abstractName)]);
  return [
    connectTo('connect to the internet', 'network', '192.0.2.1', 443),
    connectTo('send a datagram to the internet', 'network', '192.0.2.1', 53, SOCK_DGRAM),
    connectTo('connect to the metadata service', 'network', '169.254.169.254', 80),
    connectTo("connect to a listener on the host's loopback", 'network', '127.0.0.1', hostPort, SOCK_STREAM), // on loopback the answer comes at once
    {
      name: 'connect to an abstract unix socket of the host',
      permission: 'network',
      calls: [
        { call: 'socket', args: [AF_UNIX, SOCK_STREAM, 0] },
        { call: 'connect', args: [PREVIOUS, { bytes: name }, name.length] },
      ],
      judge: mustFail,
    },
    ...(promised === undefined
      ? []
      : [
          {
            ...connectTo(
              'control: the listener of a rule is there',
              'network.allowedDomains',
              promised.address,
              promised.port,
            ),
            judge: (result: number) =>
              result === 0 || result === EINPROGRESS ? undefined : `it answered ${said(result)}`,
          },
        ]),
    ...(plan.unixSockets
      ? []
      : [
          {
            name: 'make a unix socket',
            permission: 'network' as const,
            calls: [{ call: 'socket' as const, args: [AF_UNIX, SOCK_STREAM, 0] }],
            judge: mustFail,
          },
        ]),
    {
      name: 'make a raw socket',
      permission: 'network',
      calls: [{ call: 'socket', args: [AF_INET, 3, 1] }],
      judge: mustFail,
    },
  ];
}

function processes(plan: BoxPlan, { gatewayPid, variables }: AttemptContext): Attempt[] {
  const limit = (name: string, permission: Permission, resource: number, most: number): Attempt => ({
    name,
    permission,
    usesBuffer: true,
    calls: [{ call: 'prlimit64', args: [0, resource, 0, { buffer: 0 }] }],
    judge: (result, buffer) =>
      result === 0 && buffer.readBigUInt64LE(8) <= BigInt(most)
        ? undefined
        : `the limit is ${buffer.readBigUInt64LE(8)}`,
  });
  return [
    {
      name: plan.spawn ? 'control: a process can be started' : 'start a process',
      permission: 'spawn',
      calls: [{ call: 'clone', args: [SIGCHLD, 0, 0, 0, 0], mayFork: true }],
      judge: plan.spawn ? mustWork : mustFail,
    },
    readFile(
      'the environment holds nothing but what was declared',
      'environment',
      '/proc/self/environ',
      (result, buffer) => {
        const names = bufferText(buffer, result)
          .split('\0')
          .filter(Boolean)
          .map((entry) => entry.split('=')[0]!);
        const foreign = names.filter((name) => !variables.includes(name) && name !== 'PWD');
        if (names.length === 0) return 'it could not be read';
        return foreign.length === 0 ? undefined : `it holds ${foreign.join(', ')}`;
      },
    ),
    {
      name: 'no process of the host is to be seen',
      permission: 'processes-hidden',
      usesBuffer: true,
      calls: [open('/proc'), { call: 'getdents64', args: [PREVIOUS, { buffer: 0 }, 8191] }],
      judge(result, buffer) {
        const pids = directoryNames(buffer, result).filter((entry) => /^\d+$/.test(entry));
        return pids.length > 0 && pids.every((pid) => Number(pid) <= MOST_PIDS_INSIDE)
          ? undefined
          : `/proc shows ${pids.length} processes`;
      },
    },
    ...(gatewayPid <= MOST_PIDS_INSIDE
      ? []
      : [
          {
            name: 'signal the gateway',
            permission: 'processes-hidden' as const,
            calls: [{ call: 'kill' as const, args: [gatewayPid, 0] }],
            judge: mustFail,
          },
        ]),
    readFile('no capability, no new privileges, filter on', 'privileges', '/proc/self/status', (result, buffer) => {
      const status = bufferText(buffer, result);
      const wanted = [/^CapEff:\s+0+$/m, /^CapPrm:\s+0+$/m, /^CapBnd:\s+0+$/m, /^NoNewPrivs:\s+1$/m, /^Seccomp:\s+2$/m];
      const missing = wanted.filter((pattern) => !pattern.test(status));
      return missing.length === 0 ? undefined : `missing: ${missing.map(String).join(' ')}`;
    }),
    {
      // The launcher puts PID 1 under the filter a moment after it started the command: hence the wait.
      ...readFile('PID 1 is under the same filter', 'privileges', '/proc/1/status', (result, buffer) =>
        /^Seccomp:\s+2$/m.test(bufferText(buffer, result)) ? undefined : 'it is not',
      ),
      calls: [
        { call: 'nanosleep', args: [timeout(PID1_WAIT_MS), 0] },
        open('/proc/1/status'),
        { call: 'read', args: [PREVIOUS, { buffer: 0 }, 8191] },
      ],
    },
    {
      name: 'trace PID 1',
      permission: 'privileges',
      calls: [{ call: 'ptrace', args: [PTRACE_SEIZE, 1, 0, 0] }],
      judge: mustFail,
    },
    {
      name: 'make a user namespace',
      permission: 'privileges',
      calls: [{ call: 'unshare', args: [CLONE_NEWUSER] }],
      judge: mustFail,
    },
    {
      name: 'mount something',
      permission: 'privileges',
      calls: [{ call: 'mount', args: [text('none'), text('/tmp'), text('tmpfs'), 0, 0] }],
      judge: mustFail,
    },
    {
      name: 'load a BPF program',
      permission: 'privileges',
      calls: [{ call: 'bpf', args: [0, 0, 0] }],
      judge: mustFail,
    },
    {
      name: 'use the kernel keyring',
      permission: 'privileges',
      calls: [{ call: 'keyctl', args: [0, -3, 0] }],
      judge: mustFail,
    },
    {
      name: 'use io_uring',
      permission: 'privileges',
      calls: [{ call: 'io_uring_setup', args: [8, { buffer: 0 }] }],
      judge: mustFail,
    },
    {
      name: 'set a set-id bit',
      permission: 'privileges',
      calls: [{ call: 'fchmodat', args: [AT_FDCWD, text('/tmp/probe'), 0o4755] }],
      judge: mustFail,
    },
    limit('processes are limited', 'limits.processes', RLIMIT_NPROC, plan.limits.processes),
    limit('open files are limited', 'limits.openFiles', RLIMIT_NOFILE, plan.limits.openFiles),
    limit('the size of files is limited', 'limits.fileBytes', 1, plan.limits.fileBytes),
  ];
}

export const planAttempts = (plan: BoxPlan, context: AttemptContext): Attempt[] => [
  {
    name: 'control: the probe runs',
    permission: 'privileges',
    calls: [{ call: 'getpid', args: [] }],
    judge: (result) => (result > 0 ? undefined : 'it did not'),
  },
  ...files(plan, context),
  ...network(plan, context),
  ...processes(plan, context),
];

/** The calls of all attempts in one row; `last` is the index of each attempt's deciding call, `buffer` of its buffer. */
export function layOut(
  attempts: readonly Attempt[],
  arch: FilterArchitecture,
): { calls: Call[]; last: number[]; buffer: number[]; buffers: number } {
  const column = arch === 'x64' ? 0 : 1;
  const calls: Call[] = [];
  const last: number[] = [];
  const buffer: number[] = [];
  let buffers = 1; // the first is scratch space for attempts that fill none
  for (const attempt of attempts) {
    const own = attempt.usesBuffer === true ? buffers++ : 0;
    for (const { call, args, mayFork } of attempt.calls) {
      const placed = args.map((argument): Argument => {
        if (typeof argument === 'number' || 'bytes' in argument) return argument;
        return 'buffer' in argument ? { buffer: own } : { resultOf: calls.length - 1 };
      });
      calls.push({ number: CALLS[call][column], args: placed, ...(mayFork === true ? { mayFork } : {}) });
    }
    last.push(calls.length - 1);
    buffer.push(own);
  }
  return { calls, last, buffer, buffers };
}
