import type { Permission } from '../backends/backend.ts';
import type { BoxPlan } from '../plan.ts';
import {
  type Attempt,
  type AttemptContext,
  bufferText,
  mustFail,
  mustWork,
  open,
  PREVIOUS,
  readFile,
  text,
} from './attempt.ts';
import type { Argument } from './machine-code.ts';

const AT_FDCWD = -100;
const CLONE_NEWUSER = 0x10000000;
const SIGCHLD = 17;
const PTRACE_SEIZE = 0x4206; // unlike an attach it stops nobody, should it be allowed
const RLIMIT_NPROC = 6;
const RLIMIT_NOFILE = 7;
function timeout(ms: number): Argument {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64LE(BigInt(ms) * 1_000_000n, 8);
  return { bytes };
}
const PID1_WAIT_MS = 50;

/** Numbers up to which a process inside may exist: bubblewrap, the command, little else. */
const MOST_PIDS_INSIDE = 8;

/** Names in a buffer of getdents64: 19 bytes before each, records of the length that they name. */
function directoryNames(buffer: Buffer, length: number): string[] {
  const names: string[] = [];
  for (let at = 0; at + 19 < length; at += buffer.readUInt16LE(at + 16) || length)
    names.push(buffer.toString('latin1', at + 19, buffer.indexOf(0, at + 19)));
  return names;
}

/** Processes, environment, privileges, and the limits that the kernel keeps. */
export function processAttempts(plan: BoxPlan, { gatewayPid, variables }: AttemptContext): Attempt[] {
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
