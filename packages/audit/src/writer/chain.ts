import { hash } from 'node:crypto';
import { appendLeaf, copyFrontier, emptyFrontier, frontierRoot } from '../merkle/frontier.ts';
import type { Frontier } from '../merkle/frontier.ts';
import { digestToHex } from '../merkle/tree-hash.ts';
import type { Digest } from '../merkle/tree-hash.ts';
import { formatTail, GENESIS_PREV } from './record-tail.ts';

/** Where the chain stands: enough to append the next line. */
export interface ChainHead {
  /** Number of records, and the sequence number of the next one. */
  size: number;
  /** SHA-256 of the last line without its newline, hex. */
  prev: string;
  frontier: Frontier;
}

export function genesisHead(): ChainHead {
  return { size: 0, prev: GENESIS_PREV, frontier: emptyFrontier() };
}

export function copyHead(head: ChainHead): ChainHead {
  return { size: head.size, prev: head.prev, frontier: copyFrontier(head.frontier) };
}

export function headRoot(head: ChainHead): Digest {
  return frontierRoot(head.frontier);
}

export function frontierHex(head: ChainHead): string[] {
  return head.frontier.nodes.map(digestToHex);
}

const NEWLINE = 10;

/**
 * Takes a line that lies in `buffer` from `start` to `end` (its newline at `end`) into the chain. The byte before the line
 * must belong to the buffer: it becomes the 0x00 of the leaf hash for a moment, which saves copying the line.
 */
export function absorbLine(head: ChainHead, buffer: Buffer, start: number, end: number): void {
  const before = buffer[start - 1]!;
  buffer[start - 1] = 0;
  const leaf = hash('sha256', buffer.subarray(start - 1, end), 'binary');
  buffer[start - 1] = before;
  head.prev = hash('sha256', buffer.subarray(start, end), 'hex');
  appendLeaf(head.frontier, leaf);
  head.size += 1;
}

/** Gives lines their place in the chain and collects them for one write. The first byte of the buffer is never written. */
export class BatchBuffer {
  readonly #buffer: Buffer;
  #end = 1;

  constructor(capacityBytes: number) {
    this.#buffer = Buffer.alloc(capacityBytes + 1, NEWLINE);
  }

  get byteLength(): number {
    return this.#end - 1;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(1, this.#end);
  }

  reset(): void {
    this.#end = 1;
  }

  /** Appends one line; `lineHead` is the JSON up to the place in the chain. */
  append(head: ChainHead, lineHead: string): void {
    const start = this.#end;
    const middle = start + this.#buffer.write(lineHead, start, 'utf8');
    const tail = formatTail(head.size, head.prev);
    this.#end = middle + this.#buffer.write(tail, middle, 'latin1');
    // A write into a full buffer is cut short without an error; then the tail does not fit either.
    if (this.#end - middle !== tail.length) throw new RangeError('The batch buffer is too small.');
    absorbLine(head, this.#buffer, start, this.#end - 1);
  }
}
