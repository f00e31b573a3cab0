/** Something that knows its place in a bag; -1 while it is in none. */
export interface Bagged {
  slot: number;
}

/**
 * Things that come and go thousands of times a second, in no order. Not a Set: a hash table that is churned leaves dead
 * tables in the old generation which keep whole requests alive through every young collection (measured: scavenges of
 * 40 ms instead of 3). Here nothing is left behind. Adding and removing are O(1).
 */
export class Bag<T extends Bagged> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    item.slot = this.#items.length;
    this.#items.push(item);
  }

  remove(item: T): void {
    const { slot } = item;
    if (this.#items[slot] !== item) return;
    const last = this.#items.pop()!;
    if (last !== item) {
      this.#items[slot] = last;
      last.slot = slot;
    }
    item.slot = -1;
  }

  /** All of them as they are now. */
  items(): T[] {
    return [...this.#items];
  }
}
