import type { FilterArchitecture } from '../seccomp/filter.ts';

/** An argument of a system call: a number, the address of some bytes, of a buffer, or what an earlier call returned. */
export type Argument = number | { bytes: Buffer } | { buffer: number } | { resultOf: number };

export interface Call {
  number: number;
  args: Argument[];
  /** The call may return twice: the child, which sees 0, ends at once. */
  mayFork?: boolean;
}

/** Where the two architectures put things. Instruction encodings from the vendors' manuals; system call convention from syscall(2). */
interface Encoder {
  machine: number;
  /** Loads an argument register. */
  immediate(register: number, value: bigint): Buffer;
  indirect(register: number, address: bigint): Buffer;
  call(number: number): Buffer;
  store(address: bigint): Buffer;
  endIfChild(exitGroup: number): Buffer;
}

const withNumber = (opcode: number[], value: bigint): Buffer => {
  const bytes = Buffer.alloc(opcode.length + 8);
  Buffer.from(opcode).copy(bytes);
  bytes.writeBigInt64LE(BigInt.asIntN(64, value), opcode.length);
  return bytes;
};

// rdi, rsi, rdx, r10, r8, r9
const X64_MOVE = [
  [0x48, 0xbf],
  [0x48, 0xbe],
  [0x48, 0xba],
  [0x49, 0xba],
  [0x49, 0xb8],
  [0x49, 0xb9],
];
const X64_LOAD_FROM_RAX = [
  [0x48, 0x8b, 0x38],
  [0x48, 0x8b, 0x30],
  [0x48, 0x8b, 0x10],
  [0x4c, 0x8b, 0x10],
  [0x4c, 0x8b, 0x00],
  [0x4c, 0x8b, 0x08],
];
const X64_MOVE_RAX = [0x48, 0xb8];
const X64_MOVE_RBX = [0x48, 0xbb];
const X64_SYSCALL = [0x0f, 0x05];

const x64: Encoder = {
  machine: 62,
  immediate: (register, value) => withNumber(X64_MOVE[register]!, value),
  indirect: (register, address) =>
    Buffer.concat([withNumber(X64_MOVE_RAX, address), Buffer.from(X64_LOAD_FROM_RAX[register]!)]),
  call: (number) => Buffer.concat([withNumber(X64_MOVE_RAX, BigInt(number)), Buffer.from(X64_SYSCALL)]),
  store: (address) => Buffer.concat([withNumber(X64_MOVE_RBX, address), Buffer.from([0x48, 0x89, 0x03])]),
  endIfChild(exitGroup) {
    const end = Buffer.concat([
      Buffer.from([0x31, 0xff]),
      withNumber(X64_MOVE_RAX, BigInt(exitGroup)),
      Buffer.from(X64_SYSCALL),
    ]);
    return Buffer.concat([Buffer.from([0x48, 0x85, 0xc0, 0x75, end.length]), end]); // test rax,rax; jnz past the end
  },
};

const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value >>> 0, index * 4));
  return bytes;
};
const SVC = 0xd4000001;
const SCRATCH = 9;
const NUMBER_REGISTER = 8;
const arm64Immediate = (register: number, value: bigint): Buffer => {
  const bits = BigInt.asUintN(64, value);
  return words(
    ...[0, 1, 2, 3].map((quarter) => {
      const part = Number((bits >> BigInt(16 * quarter)) & 0xffffn);
      return ((quarter === 0 ? 0xd2800000 : 0xf2800000) | (quarter << 21) | (part << 5) | register) >>> 0;
    }),
  );
};

const arm64: Encoder = {
  machine: 183,
  immediate: arm64Immediate,
  indirect: (register, address) =>
    Buffer.concat([arm64Immediate(SCRATCH, address), words(0xf9400000 | (SCRATCH << 5) | register)]),
  call: (number) => Buffer.concat([arm64Immediate(NUMBER_REGISTER, BigInt(number)), words(SVC)]),
  store: (address) => Buffer.concat([arm64Immediate(SCRATCH, address), words(0xf9000000 | (SCRATCH << 5))]),
  endIfChild(exitGroup) {
    const end = Buffer.concat([arm64Immediate(0, 0n), arm64Immediate(NUMBER_REGISTER, BigInt(exitGroup)), words(SVC)]);
    return Buffer.concat([words(0xb5000000 | ((end.length / 4 + 1) << 5)), end]); // cbnz x0 past the end
  },
};

const CODE_BASE = 0x400000;
const DATA_BASE = 0x10000000n;
const HEADER_BYTES = 64 + 2 * 56;
const PAGE = 0x1000;

function elfHeader(machine: number, fileBytes: number, dataBytes: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(header); // ELF, 64 bit, little endian
  header.writeUInt16LE(2, 16); // executable
  header.writeUInt16LE(machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(CODE_BASE + HEADER_BYTES), 24); // entry
  header.writeBigUInt64LE(64n, 32); // program headers
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(2, 56);
  const segment = (at: number, flags: number, address: bigint, inFile: number, inMemory: number): void => {
    header.writeUInt32LE(1, at); // load
    header.writeUInt32LE(flags, at + 4);
    header.writeBigUInt64LE(address, at + 16);
    header.writeBigUInt64LE(address, at + 24);
    header.writeBigUInt64LE(BigInt(inFile), at + 32);
    header.writeBigUInt64LE(BigInt(inMemory), at + 40);
    header.writeBigUInt64LE(BigInt(PAGE), at + 48);
  };
  segment(64, 5, BigInt(CODE_BASE), fileBytes, fileBytes); // read, execute
  segment(120, 6, DATA_BASE, 0, dataBytes); // read, write; zeroes
  return header;
}

const RESULT_BYTES = 8;
export const BUFFER_BYTES = 8192;

/**
 * A whole program that makes these calls one after the other, writes their results (64 bits each) and then its buffers to standard output,
 * and ends: no libc, no interpreter, nothing that a box would have to contain. A negative result is an error number.
 */
export function assembleProgram(
  arch: FilterArchitecture,
  calls: readonly Call[],
  buffers: number,
  numbers: { write: number; exitGroup: number },
): Buffer {
  const encoder = arch === 'x64' ? x64 : arm64;
  const resultAt = (index: number): bigint => DATA_BASE + BigInt(index * RESULT_BYTES);
  const bufferAt = (index: number): bigint => resultAt(calls.length) + BigInt(index * BUFFER_BYTES);
  const dataBytes = calls.length * RESULT_BYTES + buffers * BUFFER_BYTES;

  const build = (constantsAt: number): { code: Buffer; constants: Buffer } => {
    const constants: Buffer[] = [];
    let length = 0;
    const addressOf = (bytes: Buffer): bigint => {
      const at = constantsAt + length;
      constants.push(bytes);
      length += bytes.length;
      return BigInt(at);
    };
    const load = (argument: Argument, register: number): Buffer => {
      if (typeof argument === 'number') return encoder.immediate(register, BigInt(argument));
      if ('bytes' in argument) return encoder.immediate(register, addressOf(argument.bytes));
      if ('buffer' in argument) return encoder.immediate(register, bufferAt(argument.buffer));
      return encoder.indirect(register, resultAt(argument.resultOf));
    };
    const code = calls.flatMap(({ number, args, mayFork }, index) => [
      ...args.map(load),
      encoder.call(number),
      ...(mayFork === true ? [encoder.endIfChild(numbers.exitGroup)] : []),
      encoder.store(resultAt(index)),
    ]);
    const finish = [
      encoder.immediate(0, 1n),
      encoder.immediate(1, DATA_BASE),
      encoder.immediate(2, BigInt(dataBytes)),
      encoder.call(numbers.write),
      encoder.immediate(0, 0n),
      encoder.call(numbers.exitGroup),
    ];
    return { code: Buffer.concat([...code, ...finish]), constants: Buffer.concat(constants) };
  };
  // Every number takes the same space, so that the length is known from a first round.
  const length = build(0).code.length;
  const { code, constants } = build(CODE_BASE + HEADER_BYTES + length);
  const fileBytes = HEADER_BYTES + code.length + constants.length;
  return Buffer.concat([elfHeader(encoder.machine, fileBytes, dataBytes), code, constants]);
}

/** What the program printed; undefined where it did not get to the end. */
export function readProgramOutput(
  output: Buffer,
  calls: number,
  buffers: number,
): { results: number[]; buffers: Buffer[] } | undefined {
  if (output.length !== calls * RESULT_BYTES + buffers * BUFFER_BYTES) return undefined;
  return {
    results: Array.from({ length: calls }, (_, index) => Number(output.readBigInt64LE(index * RESULT_BYTES))),
    buffers: Array.from({ length: buffers }, (_, index) => {
      const at = calls * RESULT_BYTES + index * BUFFER_BYTES;
      return output.subarray(at, at + BUFFER_BYTES);
    }),
  };
}
