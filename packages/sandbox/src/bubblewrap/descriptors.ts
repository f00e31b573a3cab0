import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';

const CLOSE_ON_EXEC = 0o2000000;

/** Descriptors that this process itself inherited without close-on-exec: they would go through every child into the box. */
function leakingDescriptors(): number[] {
  return readdirSync('/proc/self/fdinfo')
    .map(Number)
    .filter((fd) => fd > 2 && !closesOnExec(fd));
}

function closesOnExec(fd: number): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
    return flags !== null && (Number.parseInt(flags[1]!, 8) & CLOSE_ON_EXEC) !== 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true; // the descriptor that readdir itself used
    throw error;
  }
}

type Slot = 'pipe' | 'ignore' | 'ipc' | number;

/** The numbered descriptors of a child that is about to be started. */
export interface DescriptorTable {
  /** A descriptor from which the child reads this content; it has no name in any file system. */
  content(text: string | Buffer): string;
  /** A descriptor that the child writes to. */
  output(): number;
  /** For `spawn`; call it once, when everything has its number. */
  slots(): Slot[];
  /** To be called right after the start: sends the contents, and closes what was only borrowed. */
  attach(child: ChildProcess): void;
}

/**
 * Standard streams first, then what the launch path needs. Ours take the numbers that would leak, since the launcher closes what it has
 * read; over those that are left lies /dev/null.
 */
export function createDescriptorTable(fixed: readonly Slot[]): DescriptorTable {
  const slots: Slot[] = [...fixed];
  const contents = new Map<number, string | Buffer>();
  const leaking = leakingDescriptors().filter((fd) => fd >= fixed.length);
  let devNull: number | undefined;
  const place = (fd: number, slot: Slot): void => {
    // 'ignore' leaves a number above 2 as it is, so a leaking one needs a real descriptor in its place.
    while (slots.length <= fd) slots.push('ignore');
    slots[fd] = slot;
  };
  const addPipe = (): number => {
    const fd = leaking.pop() ?? slots.length;
    place(fd, 'pipe');
    return fd;
  };
  return {
    content(text) {
      const fd = addPipe();
      contents.set(fd, text);
      return String(fd);
    },
    output: addPipe,
    slots() {
      if (leaking.length > 0) devNull = openSync('/dev/null', 'r');
      for (const fd of leaking) place(fd, devNull!);
      return slots;
    },
    attach(child) {
      if (devNull !== undefined) closeSync(devNull);
      for (const [index, text] of contents) {
        const stream = child.stdio[index] as Writable | null | undefined;
        // A launcher that ends before it has read everything says why on stderr; the broken pipe adds nothing to that.
        stream?.on('error', () => undefined);
        stream?.end(text);
      }
    },
  };
}
