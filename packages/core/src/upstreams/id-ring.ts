const FIRST_SIZE = 64;

/**
 * Things in flight by a small, growing number. An array instead of a Map, for the reason that {@link Bag} gives: a thing's
 * place is its number modulo the size, and numbers whose place is taken by something slow are left out.
 */
export class IdRing<T extends { readonly id: number }> {
  #slots: (T | undefined)[] = Array.from({ length: FIRST_SIZE }, () => undefined);
  #lastId = 0;
  #size = 0;

  /** A number that was never given before and whose place is free. */
  nextId(): number {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    do this.#lastId++;
    while (this.#slots[this.#lastId % this.#slots.length] !== undefined);
    return this.#lastId;
  }

  put(item: T): void {
    this.#slots[item.id % this.#slots.length] = item;
    this.#size++;
  }

  get(id: number): T | undefined {
    const item = this.#slots[id % this.#slots.length];
    return item?.id === id ? item : undefined;
  }

  /** Takes it out. */
  take(id: number): T | undefined {
    const item = this.get(id);
    if (!item) return undefined;
    this.#slots[id % this.#slots.length] = undefined;
    this.#size--;
    return item;
  }

  /** All of them as they are now. */
  items(): T[] {
    return this.#slots.filter((item) => item !== undefined);
  }

  #grow(): void {
    let size = this.#slots.length;
    const items = this.items();
    let slots: (T | undefined)[];
    // Two numbers may meet in one place of a ring that is only twice as large.
    do {
      size *= 2;
      slots = Array.from({ length: size }, () => undefined);
      for (const item of items) slots[item.id % size] = item;
    } while (slots.reduce((count, item) => count + (item ? 1 : 0), 0) < items.length);
    this.#slots = slots;
  }
}
