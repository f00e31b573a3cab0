/**
 * A small assembler for classic BPF as seccomp runs it: 8 bytes an instruction, forward jumps of at most 255 instructions.
 * Format: linux/filter.h (struct sock_filter); data: linux/seccomp.h (struct seccomp_data).
 */
const LOAD_WORD = 0x20;
const AND = 0x54;
const RETURN = 0x06;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const JUMP_IF_ANY_BIT = 0x45;
const INSTRUCTION_BYTES = 8;
const LONGEST_JUMP = 255;

export type Label = string;

interface Instruction {
  op: number;
  k: number;
  whenTrue?: Label | undefined;
  whenFalse?: Label | undefined;
}

export interface FilterAssembler {
  /** Loads 32 bits at this offset of `struct seccomp_data`. */
  load(offset: number): void;
  and(mask: number): void;
  answer(action: number): void;
  /** A jump to an absent label goes on with the next instruction. */
  ifEqual(value: number, whenTrue?: Label, whenFalse?: Label): void;
  ifAtLeast(value: number, whenTrue?: Label, whenFalse?: Label): void;
  ifAnyBit(mask: number, whenTrue?: Label, whenFalse?: Label): void;
  label(name: Label): void;
  /** A label name that no other part of the program uses. */
  freshLabel(): Label;
  assemble(): Buffer;
}

export function createFilterAssembler(): FilterAssembler {
  const program: Instruction[] = [];
  const labels = new Map<Label, number>();
  let fresh = 0;
  const jump = (op: number) => (k: number, whenTrue?: Label, whenFalse?: Label) => {
    program.push({ op, k, whenTrue, whenFalse });
  };
  const distance = (from: number, label: Label | undefined): number => {
    if (label === undefined) return 0;
    const target = labels.get(label);
    if (target === undefined) throw new TypeError(`no such label: ${label}`);
    const steps = target - from - 1;
    if (steps < 0 || steps > LONGEST_JUMP)
      throw new TypeError(`a jump of ${steps} instructions to ${label} cannot be encoded`);
    return steps;
  };
  return {
    load: jump(LOAD_WORD),
    and: jump(AND),
    answer: jump(RETURN),
    ifEqual: jump(JUMP_IF_EQUAL),
    ifAtLeast: jump(JUMP_IF_AT_LEAST),
    ifAnyBit: jump(JUMP_IF_ANY_BIT),
    label(name) {
      labels.set(name, program.length);
    },
    freshLabel: () => `label-${fresh++}`,
    assemble() {
      const bytes = Buffer.alloc(program.length * INSTRUCTION_BYTES);
      program.forEach(({ op, k, whenTrue, whenFalse }, index) => {
        const at = index * INSTRUCTION_BYTES;
        bytes.writeUInt16LE(op, at);
        bytes.writeUInt8(distance(index, whenTrue), at + 2);
        bytes.writeUInt8(distance(index, whenFalse), at + 3);
        bytes.writeUInt32LE(k >>> 0, at + 4);
      });
      return bytes;
    },
  };
}
