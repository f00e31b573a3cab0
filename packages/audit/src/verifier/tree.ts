import { hash } from 'node:crypto';

const toHex = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('hex');

/** Complete subtrees from left to right with their heights; two of one height become one of the next. */
export class Tree {
  readonly stack: { height: number; hash: string }[] = [];
  readonly #pair = Buffer.alloc(65, 1);

  #join(left: string, right: string): string {
    this.#pair.write(left, 1, 'latin1');
    this.#pair.write(right, 33, 'latin1');
    return hash('sha256', this.#pair, 'binary');
  }

  add(leaf: string): void {
    let top = { height: 0, hash: leaf };
    while (this.stack.at(-1)?.height === top.height)
      top = { height: top.height + 1, hash: this.#join(this.stack.pop()!.hash, top.hash) };
    this.stack.push(top);
  }

  root(): string {
    if (this.stack.length === 0) return hash('sha256', '', 'hex');
    const hashes = this.stack.map((one) => one.hash);
    return toHex(hashes.reduceRight((right, left) => this.#join(left, right)));
  }

  /** The hashes on the stack, hex: what the first record of a segment states. */
  state(): string[] {
    return this.stack.map((one) => toHex(one.hash));
  }

  /** Continues a tree whose first `size` leaves are gone: one subtree for every bit of the size. */
  resume(size: number, hashes: string[]): boolean {
    const heights: number[] = [];
    for (let height = 52; height >= 0; height -= 1) if (Math.floor(size / 2 ** height) % 2 === 1) heights.push(height);
    if (heights.length !== hashes.length || !hashes.every((one) => /^[0-9a-f]{64}$/.test(one))) return false;
    this.stack.push(
      ...heights.map((height, i) => ({ height, hash: Buffer.from(hashes[i]!, 'hex').toString('latin1') })),
    );
    return true;
  }
}
