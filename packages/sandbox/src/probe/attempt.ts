import type { Permission } from '../backends/backend.ts';
import type { Argument } from './machine-code.ts';

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
export const O_CREATE_WRITE = 0o100 | 0o1;
export const EINPROGRESS = -115;
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

export const text = (value: string): Argument => ({ bytes: Buffer.from(`${value}\0`) });
export const said = (result: number): string =>
  result < 0 ? (NAMES[-result] ?? `error ${-result}`) : `success (${result})`;
export const mustFail = (result: number): string | undefined =>
  result < 0 && result !== EINPROGRESS ? undefined : `it answered ${said(result)}`;
export const mustWork = (result: number): string | undefined =>
  result >= 0 ? undefined : `it answered ${said(result)}`;

export const open = (path: string, flags = O_RDONLY) => ({
  call: 'openat' as const,
  args: [AT_FDCWD, text(path), flags, 0o600],
});

/** What the call before it returned. */
export const PREVIOUS: Argument = { resultOf: -1 };

export const readFile = (name: string, permission: Permission, path: string, judge: Attempt['judge']): Attempt => ({
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

export function bufferText(buffer: Buffer, length: number): string {
  return length > 0 ? buffer.toString('latin1', 0, length) : '';
}
