import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Argument, assembleProgram } from '../src/probe/machine-code.ts';

/** Small programs, one system call each, made by the same assembler as the attestation's. They print the 64-bit result as `name=...`. */
const WRITE = 1;
const EXIT_GROUP = 231;
const text = (value: string): Argument => ({ bytes: Buffer.from(`${value}\0`) });
const CLONE_VM_VFORK = 0x4100;
const SIGCHLD = 17;

const zeroes = { bytes: Buffer.alloc(256) };
const clone3Args = Buffer.alloc(88);
clone3Args.writeBigUInt64LE(BigInt(SIGCHLD), 32);
const limit = Buffer.alloc(16);
limit.writeBigUInt64LE(1_000_000n, 0);
limit.writeBigUInt64LE(1_000_000n, 8);

export interface ProbeNames {
  writable: string;
  abstractName: string;
  shmKey: number;
  hostPid: number;
}

/** name -> [number on x64, arguments, may fork] */
export function probeCalls({
  writable,
  abstractName,
  shmKey,
  hostPid,
}: ProbeNames): Record<string, [number, Argument[], boolean?]> {
  const abstract = Buffer.concat([Buffer.from([1, 0, 0]), Buffer.from(abstractName)]);
  const file = join(writable, 'set-id');
  return {
    unshare_mnt: [272, [0x00020000]],
    unshare_net: [272, [0x40000000]],
    unshare_user: [272, [0x10000000]],
    unshare_time: [272, [0x80]],
    clone_newuser: [56, [0x10000000 | SIGCHLD, 0, 0, 0, 0], true],
    clone3_plain: [435, [{ bytes: clone3Args }, 88], true],
    fork: [57, [], true],
    vfork: [58, [], true],
    clone_vfork: [56, [CLONE_VM_VFORK | SIGCHLD, 0, 0, 0, 0], true],
    setns: [308, [0, 0]],
    mount_tmpfs: [165, [text('none'), text('/tmp'), text('tmpfs'), 0, 0]],
    remount_rw: [165, [0, text('/usr'), 0, 0x1020, 0]],
    umount: [166, [text('/etc/passwd'), 2]],
    pivot_root: [155, [text('/tmp'), text('/tmp')]],
    chroot: [161, [text('/tmp')]],
    fsopen: [430, [text('tmpfs'), 0]],
    open_tree: [428, [-100, text('/'), 1]],
    move_mount: [429, [-100, text('/'), -100, text('/tmp'), 0]],
    mount_setattr: [442, [-100, text('/'), 0, zeroes, 32]],
    mknod_blk: [133, [text(`${writable}/blk`), 0o60600, 254 << 8]],
    mknod_chr: [133, [text(`${writable}/chr`), 0o20600, (1 << 8) | 1]],
    mknod_setid: [133, [text(`${file}-mknod`), 0o106755, 0]],
    creat_setid: [85, [text(`${file}-creat`), 0o4755]],
    open_setid: [2, [text(`${file}-open`), 0o101, 0o4755]],
    openat_setid: [257, [-100, text(`${file}-openat`), 0o101, 0o2755]],
    tmpfile_setid: [257, [-100, text(writable), 0o20200001, 0o4755]],
    chmod_setid: [90, [text(`${writable}/a.txt`), 0o4755]],
    fchmodat_setid: [268, [-100, text(`${writable}/a.txt`), 0o6755]],
    fchmodat2_setid: [452, [-100, text(`${writable}/a.txt`), 0o4755, 0]],
    openat2: [437, [-100, text('/etc/passwd'), zeroes, 24]],
    ptrace1: [101, [16, 1, 0, 0]],
    ptrace_me: [101, [0, 0, 0, 0]],
    pvm_readv: [310, [1, zeroes, 1, zeroes, 1, 0]],
    pvm_writev: [311, [1, zeroes, 1, zeroes, 1, 0]],
    pidfd_getfd: [438, [0, 0, 0]],
    kcmp: [312, [1, 1, 0, 0, 0]],
    bpf: [321, [0, 0, 0]],
    perf: [298, [zeroes, 0, -1, -1, 0]],
    userfaultfd: [323, [1]],
    fanotify: [300, [0, 0]],
    io_uring: [425, [8, { buffer: 0 }]],
    keyctl: [250, [0, -3, 0]],
    add_key: [248, [text('user'), text('x'), text('y'), 1, -3]],
    syslog: [103, [10, 0, 0]],
    personality: [135, [0x0400000]],
    open_by_handle_at: [304, [-100, zeroes, 0]],
    name_to_handle_at: [303, [-100, text('/'), { buffer: 0 }, { buffer: 0 }, 0]],
    sethostname: [170, [text('x'), 1]],
    kexec_load: [246, [0, 0, 0, 0]],
    finit_module: [313, [0, text(''), 0]],
    swapon: [167, [text('/tmp'), 0]],
    reboot: [169, [0xfee1dead | 0, 672274793, 0, 0]],
    acct: [163, [0]],
    quotactl: [179, [0, 0, 0, 0]],
    unknown_new: [475, [0, 0, 0]],
    tiocsti: [16, [0, 0x5412, text('x')]],
    tiocsti_high: [16, [0, 0x100005412, text('x')]],
    tioclinux: [16, [0, 0x541c, { bytes: Buffer.from([2]) }]],
    sock_raw: [41, [2, 3, 1]],
    sock_raw_nonblock: [41, [2, 3 | 0o4000, 255]],
    sock_raw6: [41, [10, 3, 58]],
    sock_inet_packet: [41, [2, 10, 3]],
    sock_packet: [41, [17, 3, 3]],
    sock_vsock: [41, [40, 1, 0]],
    sock_alg: [41, [38, 5, 0]],
    sock_bt: [41, [31, 3, 0]],
    sock_xdp: [41, [44, 3, 0]],
    sock_can: [41, [29, 3, 1]],
    sock_tipc: [41, [30, 1, 0]],
    sock_nlaudit: [41, [16, 3, 9]],
    sock_nfnetlink: [41, [16, 3, 12]],
    sock_unix: [41, [1, 1, 0]],
    unix_connect: [42, [3, { bytes: abstract }, abstract.length]],
    shmget: [29, [shmKey, 0, 0]],
    setrlimit_up: [160, [7, { bytes: limit }]],
    prlimit_up: [302, [0, 6, { bytes: limit }, 0]],
    kill_host: [62, [hostPid, 9]],
    x32: [0x40000000 | 39, []],
    getpid: [39, []],
  };
}

/** Writes every program into a directory. */
export function writeProbes(directory: string, names: ProbeNames): void {
  for (const [name, [number, args, mayFork]] of Object.entries(probeCalls(names))) {
    const program = assembleProgram('x64', [{ number, args, ...(mayFork === true ? { mayFork } : {}) }], 1, {
      write: WRITE,
      exitGroup: EXIT_GROUP,
    });
    save(directory, name, program);
  }
  // The 32-bit entry to the kernel: the same program with `int 0x80` in the place of `syscall`; 20 is getpid there.
  const old = assembleProgram('x64', [{ number: 20, args: [] }], 1, { write: WRITE, exitGroup: EXIT_GROUP });
  const at = old.indexOf(Buffer.from([0x0f, 0x05]));
  Buffer.from([0xcd, 0x80]).copy(old, at);
  save(directory, 'int80', old);
}

function save(directory: string, name: string, program: Buffer): void {
  const file = join(directory, name);
  writeFileSync(file, program);
  chmodSync(file, 0o755);
}

const ERRORS: Record<number, string> = {
  1: 'EPERM',
  2: 'ENOENT',
  3: 'ESRCH',
  9: 'EBADF',
  13: 'EACCES',
  14: 'EFAULT',
  16: 'EBUSY',
  22: 'EINVAL',
  25: 'ENOTTY',
  38: 'ENOSYS',
  93: 'EPROTONOSUPPORT',
  94: 'ESOCKTNOSUPPORT',
  95: 'EOPNOTSUPP',
  97: 'EAFNOSUPPORT',
  111: 'ECONNREFUSED',
};

/** What a result means: OK, or the name of an error, or that there was none. */
export function nameResult(result: number | undefined): string {
  if (result === undefined || Number.isNaN(result)) return 'NO OUTPUT';
  return result >= 0 ? 'OK' : (ERRORS[-result] ?? `E${-result}`);
}

export const readProbe = (output: Buffer): string =>
  nameResult(output.length < 8 ? undefined : Number(output.readBigInt64LE(0)));
