import { describe, expect, it } from 'vitest';
import { type FilterArchitecture, seccompFilter } from './filter.ts';
import { SYSCALL_NUMBERS, type SyscallName } from './syscall-numbers.ts';

const ALLOW = 0x7fff0000;
const EPERM = 0x50001;
const ENOSYS = 0x50026;
const EAFNOSUPPORT = 0x50061;
const KILL = 0x80000000;
const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** What the kernel would answer: an interpreter for the part of classic BPF that the filter uses. */
function answer(program: Buffer, number: number, args: readonly number[] = [], arch = AUDIT.x64): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(arch >>> 0, 4);
  args.forEach((value, index) => data.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 16 + 8 * index));
  let loaded = 0;
  for (let at = 0; at < program.length; at += 8) {
    const [op, yes, no, k] = [
      program.readUInt16LE(at),
      program[at + 2]!,
      program[at + 3]!,
      program.readUInt32LE(at + 4),
    ];
    const jump = (condition: boolean): void => void (at += 8 * (condition ? yes : no));
    if (op === 0x20) loaded = data.readUInt32LE(k);
    else if (op === 0x54) loaded = (loaded & k) >>> 0;
    else if (op === 0x06) return k;
    else if (op === 0x15) jump(loaded === k);
    else if (op === 0x35) jump(loaded >= k);
    else if (op === 0x45) jump((loaded & k) !== 0);
    else throw new Error(`an instruction that seccomp does not know: ${op}`);
  }
  throw new Error('the program ran off its end');
}

describe.each(['x64', 'arm64'] as FilterArchitecture[])('on %s', (arch) => {
  const filter = (options: { spawn?: boolean; unixSockets?: boolean } = {}) =>
    seccompFilter({ arch, spawn: true, unixSockets: false, ...options });
  const number = (name: SyscallName): number => SYSCALL_NUMBERS[name][arch === 'x64' ? 0 : 1];
  const ask = (program: Buffer, name: SyscallName, ...args: number[]): number =>
    answer(program, number(name), args, AUDIT[arch]);
  const there = (name: SyscallName): boolean => number(name) >= 0;

  it('is short enough for the kernel and allows what it does not name', () => {
    expect(filter({ spawn: false }).length / 8).toBeLessThan(4096);
    for (let nr = 0; nr < 450; nr++)
      if (!Object.values(SYSCALL_NUMBERS).some((row) => row[arch === 'x64' ? 0 : 1] === nr))
        expect(answer(filter(), nr, [], AUDIT[arch])).toBe(ALLOW);
  });
  it('kills under another architecture, and knows no calls of the future', () => {
    expect(answer(filter(), 1, [], 0x40000003)).toBe(KILL);
    expect(answer(filter(), 470, [], AUDIT[arch])).toBe(ENOSYS);
    if (arch === 'x64') expect(answer(filter(), 0x40000000 | 39, [], AUDIT.x64)).toBe(ENOSYS);
  });
  it.each([
    'ptrace',
    'mount',
    'unshare',
    'setns',
    'bpf',
    'keyctl',
    'userfaultfd',
    'process_vm_readv',
    'pidfd_getfd',
  ] as SyscallName[])('refuses %s', (name) => {
    expect(ask(filter(), name)).toBe(EPERM);
  });
  it.each(['clone3', 'openat2', 'io_uring_setup', 'mount_setattr', 'memfd_secret'] as SyscallName[])(
    'says that %s is not there',
    (name) => {
      expect(ask(filter(), name)).toBe(ENOSYS);
    },
  );
  it('clone: threads and processes, never namespaces', () => {
    const thread = 0x3d0f00;
    expect(ask(filter(), 'clone', 17)).toBe(ALLOW);
    for (const flag of [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000])
      expect(ask(filter(), 'clone', flag | 17)).toBe(EPERM);
    expect(ask(filter({ spawn: false }), 'clone', thread)).toBe(ALLOW);
    expect(ask(filter({ spawn: false }), 'clone', 17)).toBe(EPERM);
    expect(ask(filter({ spawn: false }), 'clone', 0x4100 | 17)).toBe(EPERM);
    for (const name of ['fork', 'vfork'] as SyscallName[])
      if (there(name)) expect([ask(filter(), name), ask(filter({ spawn: false }), name)]).toEqual([ALLOW, EPERM]);
  });
  it('refuses set-id bits in every call that carries a mode, and only there', () => {
    const calls: [SyscallName, (mode: number) => number[]][] = [
      ['chmod', (mode) => [0, mode]],
      ['fchmod', (mode) => [0, mode]],
      ['fchmodat', (mode) => [0, 0, mode]],
      ['fchmodat2', (mode) => [0, 0, mode]],
      ['creat', (mode) => [0, mode]],
      ['mknod', (mode) => [0, mode]],
      ['mknodat', (mode) => [0, 0, mode]],
      ['open', (mode) => [0, 0o101, mode]],
      ['openat', (mode) => [0, 0, 0o101, mode]],
      ['openat', (mode) => [0, 0, 0o20200001, mode]],
    ];
    for (const [name, args] of calls.filter(([name]) => there(name))) {
      expect(ask(filter(), name, ...args(0o755))).toBe(ALLOW);
      for (const bit of [0o4000, 0o2000]) expect(ask(filter(), name, ...args(bit | 0o755))).toBe(EPERM);
    }
    expect(ask(filter(), 'openat', 0, 0, 0, 0o6000)).toBe(ALLOW); // without O_CREAT the last argument is whatever lay in the register
  });
  it('looks at the low half of what the kernel reads as 32 bits', () => {
    expect(ask(filter(), 'ioctl', 0, 0x5412)).toBe(EPERM);
    expect(ask(filter(), 'ioctl', 0, 0x1_0000_5412)).toBe(EPERM);
    expect(ask(filter(), 'ioctl', 0, 0x541c)).toBe(EPERM);
    expect(ask(filter(), 'ioctl', 0, 0x5401)).toBe(ALLOW);
  });
  it('lets internet sockets and routing netlink through, and unix sockets if asked', () => {
    for (const family of [2, 10]) {
      for (const type of [1, 2, 1 | 0o2000000]) expect(ask(filter(), 'socket', family, type, 0)).toBe(ALLOW);
      for (const type of [3, 10, 3 | 0o4000]) expect(ask(filter(), 'socket', family, type, 1)).toBe(EPERM);
    }
    expect(ask(filter(), 'socket', 16, 3, 0)).toBe(ALLOW);
    expect(ask(filter(), 'socket', 16, 3, 9)).toBe(EPERM);
    for (const family of [1, 17, 29, 30, 31, 38, 40, 44])
      expect(ask(filter(), 'socket', family, 1, 0)).toBe(EAFNOSUPPORT);
    expect(ask(filter({ unixSockets: true }), 'socket', 1, 1, 0)).toBe(ALLOW);
    expect(ask(filter({ unixSockets: true }), 'socket', 40, 1, 0)).toBe(EAFNOSUPPORT);
  });
});
