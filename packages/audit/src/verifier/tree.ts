import { hash } from 'node:crypto';

/** Complete subtrees from left to right with their heights; two of one height become one of the next. */
export class Tree {
  readonly stack: { height: number; hash: string }[] = [];
  readonly #pair = Buffer.alloc(65, 1);

  #join(left: string, right: string): string {
    this.#pair.write(left, 1, 'hex');
    this.#pair.write(right, 33, 'hex');
    return hash('sha256', this.#pair, 'hex');
  }

  add(leaf: string): void {
    let top = { height: 0, hash: leaf };
    while (this.stack.at(-1)?.height === top.height)
      top = { height: top.height + 1, hash: this.#join(this.stack.pop()!.hash, top.hash) };
    this.stack.push(top);
  }

  root(): string {
    if (this.stack.length === 0) return hash('sha256', '', 'hex');
    return this.stack.map((one) => one.hash).reduceRight((right, left) => this.#join(left, right));
  }

  /** Continues a tree whose first `size` leaves are gone: one subtree for every bit of the size. */
  resume(size: number, hashes: string[]): boolean {
    const heights: number[] = [];
    for (let height = 52; height >= 0; height -= 1) if (Math.floor(size / 2 ** height) % 2 === 1) heights.push(height);
    if (heights.length !== hashes.length || !hashes.every((one) => /^[0-9a-f]{64}$/.test(one))) return false;
    this.stack.push(...heights.map((height, i) => ({ height, hash: hashes[i]! })));
    return true;
  }
}
