import { createFilterAssembler } from './assembler.ts';
import { HIGHEST_KNOWN_SYSCALL, SYSCALL_NUMBERS, type SyscallName } from './syscall-numbers.ts';

export type FilterArchitecture = 'x64' | 'arm64';

export interface FilterOptions {
  arch: FilterArchitecture;
  /** False refuses new processes; threads stay possible. */
  spawn: boolean;
  /** True allows AF_UNIX sockets. */
  unixSockets: boolean;
}

const AUDIT_ARCH = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
const X32_BIT = 0x40000000;

// Offsets in struct seccomp_data. Arguments are 64 bits wide; the low half is all that the kernel reads of those we check.
const NUMBER = 0;
const ARCHITECTURE = 4;
const argument = (index: number): number => 16 + 8 * index;

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const errno = (value: number): number => 0x00050000 | value;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

// Refused outright: no server has a use for them. The list began as flatpak's.
const REFUSED: readonly SyscallName[] = [
  'syslog',
  'personality',
  'acct',
  'swapon',
  'swapoff',
  'reboot',
  'sethostname',
  'setdomainname',
  'iopl',
  'ioperm',
  'init_module',
  'delete_module',
  'finit_module',
  'quotactl',
  'quotactl_fd',
  'lookup_dcookie',
  'clock_settime',
  'settimeofday',
  'clock_adjtime',
  'mbind',
  'set_mempolicy',
  'set_mempolicy_home_node',
  'migrate_pages',
  'move_pages',
  'kexec_load',
  'kexec_file_load',
  'add_key',
  'request_key',
  'keyctl',
  'unshare',
  'setns',
  'mount',
  'umount2',
  'pivot_root',
  'chroot',
  'ptrace',
  'process_vm_readv',
  'process_vm_writev',
  'kcmp',
  'pidfd_getfd',
  'perf_event_open',
  'bpf',
  'userfaultfd',
  'fanotify_init',
  'name_to_handle_at',
  'open_by_handle_at',
  'uselib',
  'vhangup',
  'modify_ldt',
  'nfsservctl',
];

// "Not there" rather than "not allowed", so that libraries fall back (glibc: clone3 to clone; Node: io_uring to its threads).
// clone3 and openat2 carry their flags in memory, which a filter cannot read: they cannot be checked, only be absent.
const ABSENT: readonly SyscallName[] = [
  'io_uring_setup',
  'io_uring_enter',
  'io_uring_register',
  'open_tree',
  'open_tree_attr',
  'move_mount',
  'fsopen',
  'fsconfig',
  'fsmount',
  'fspick',
  'mount_setattr',
  'statmount',
  'listmount',
  'clone3',
  'openat2',
  'memfd_secret',
];

const NAMESPACE_FLAGS = 0x7e020000; // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
const CLONE_THREAD = 0x00010000;
const SET_ID_BITS = 0o6000;
const CREATES_FILE = 0o100 | 0o20000000; // O_CREAT and __O_TMPFILE: with either, the mode argument counts
const TTY_INJECTIONS = [0x5412, 0x541c]; // TIOCSTI, TIOCLINUX
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCKET_TYPE_MASK = 0xf;
const SOCK_RAW = 3;
const SOCK_PACKET = 10;
const NETLINK_ROUTE = 0;

// Every call that sets a mode: [call, index of the mode, index of the flags without which the mode is not read].
const SETS_MODE: readonly [SyscallName, number, number?][] = [
  ['chmod', 1],
  ['fchmod', 1],
  ['fchmodat', 2],
  ['fchmodat2', 2],
  ['creat', 1],
  ['mknod', 1],
  ['mknodat', 2],
  ['open', 2, 1],
  ['openat', 3, 2],
];

/**
 * The seccomp program for `bwrap --seccomp FD`. It is a deny list: what it does not name is allowed, except calls newer than the
 * list, which answer ENOSYS. It does not look at paths, and cannot look at what lies behind a pointer. The arm64 program is
 * assembled from the same rules and has never been executed.
 */
export function seccompFilter({ arch, spawn, unixSockets }: FilterOptions): Buffer {
  const program = createFilterAssembler();
  const column = arch === 'x64' ? 0 : 1;

  /** Runs `body` for one call; it must answer on every path, since no jump is long enough for a shared exit. */
  const onCall = (name: SyscallName, body: () => void): void => {
    const number = SYSCALL_NUMBERS[name][column];
    if (number < 0) return;
    const next = program.freshLabel();
    program.ifEqual(number, undefined, next);
    body();
    program.label(next);
  };
  const refuse = (name: SyscallName, error: number): void => onCall(name, () => program.answer(errno(error)));
  /** Answers with an error if the loaded word has any of these bits. */
  const refuseBits = (mask: number): void => {
    const fine = program.freshLabel();
    program.ifAnyBit(mask, undefined, fine);
    program.answer(errno(EPERM));
    program.label(fine);
  };

  // Another architecture's numbers, or those of x32, would walk around every check below.
  program.load(ARCHITECTURE);
  program.ifEqual(AUDIT_ARCH[arch], 'same-architecture');
  program.answer(KILL_PROCESS);
  program.label('same-architecture');
  program.load(NUMBER);
  if (arch === 'x64') {
    program.ifAtLeast(X32_BIT, undefined, 'not-x32');
    program.answer(errno(ENOSYS));
    program.label('not-x32');
  }
  program.ifAtLeast(HIGHEST_KNOWN_SYSCALL + 1, undefined, 'known');
  program.answer(errno(ENOSYS));
  program.label('known');

  for (const name of REFUSED) refuse(name, EPERM);
  for (const name of ABSENT) refuse(name, ENOSYS);

  onCall('clone', () => {
    program.load(argument(0));
    refuseBits(NAMESPACE_FLAGS);
    if (!spawn) {
      program.ifAnyBit(CLONE_THREAD, 'thread');
      program.answer(errno(EPERM));
      program.label('thread');
    }
    program.answer(ALLOW);
  });
  if (!spawn) for (const name of ['fork', 'vfork'] as const) refuse(name, EPERM);

  // A file with a set-id bit would land on the host through a writable grant.
  for (const [name, modeIndex, flagsIndex] of SETS_MODE)
    onCall(name, () => {
      const fine = program.freshLabel();
      if (flagsIndex !== undefined) {
        program.load(argument(flagsIndex));
        program.ifAnyBit(CREATES_FILE, undefined, fine);
      }
      program.load(argument(modeIndex));
      refuseBits(SET_ID_BITS);
      program.label(fine);
      program.answer(ALLOW);
    });

  // The kernel reads 32 bits of the request, and so do we: a request with high bits set is the same request.
  onCall('ioctl', () => {
    program.load(argument(1));
    for (const request of TTY_INJECTIONS) program.ifEqual(request, 'tty-injection');
    program.answer(ALLOW);
    program.label('tty-injection');
    program.answer(errno(EPERM));
  });

  // socketpair is another call and stays: Node makes the pipes to its children with it.
  onCall('socket', () => {
    program.load(argument(0));
    if (unixSockets) program.ifEqual(AF_UNIX, 'socket-allowed');
    program.ifEqual(AF_NETLINK, 'netlink');
    program.ifEqual(AF_INET, 'internet');
    program.ifEqual(AF_INET6, 'internet');
    program.answer(errno(EAFNOSUPPORT));
    program.label('internet');
    program.load(argument(1));
    program.and(SOCKET_TYPE_MASK);
    program.ifEqual(SOCK_RAW, 'socket-refused');
    program.ifEqual(SOCK_PACKET, 'socket-refused', 'socket-allowed');
    program.label('netlink');
    program.load(argument(2));
    program.ifEqual(NETLINK_ROUTE, 'socket-allowed'); // getifaddrs and getaddrinfo need it; netfilter, audit and the rest are refused
    program.label('socket-refused');
    program.answer(errno(EPERM));
    program.label('socket-allowed');
    program.answer(ALLOW);
  });
  program.answer(ALLOW);
  return program.assemble();
}

/** The architecture of the filter for Node's `process.arch`, or undefined where none was written. */
export const filterArchitecture = (arch: string): FilterArchitecture | undefined =>
  arch === 'x64' || arch === 'arm64' ? arch : undefined;
