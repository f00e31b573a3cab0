/**
 * A bounded queue in which callers take turns, however much each has waiting: one who sends a thousand calls delays
 * himself, and another's first call is next but one.
 */
export class FairQueue<T> {
  // Callers in the order of their turn; a caller is in it exactly as long as something of his waits.
  readonly #lines = new Map<string, T[]>();
  readonly #maxPerCaller: number;
  readonly #maxTotal: number;
  #size = 0;

  constructor(maxPerCaller: number, maxTotal: number) {
    this.#maxPerCaller = maxPerCaller;
    this.#maxTotal = maxTotal;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Adds at the end of the caller's line. When the queue is full, a caller with nothing waiting displaces the last of
   * the longest line, which is returned; everybody else is turned away with `full`.
   */
  push(caller: string, item: T): 'queued' | 'full' | { readonly displaced: T } {
    const line = this.#lines.get(caller);
    if ((line?.length ?? 0) >= this.#maxPerCaller) return 'full';
    let displaced: T | undefined;
    if (this.#size >= this.#maxTotal) {
      const longest = line === undefined ? this.#longest() : undefined;
      if (longest === undefined) return 'full';
      displaced = longest.pop()!;
      this.#size--;
    }
    if (line === undefined) this.#lines.set(caller, [item]);
    else line.push(item);
    this.#size++;
    return displaced === undefined ? 'queued' : { displaced };
  }

  /** The next in turn; his caller goes to the back. */
  shift(): T | undefined {
    const first = this.#lines.entries().next().value;
    if (first === undefined) return undefined;
    const [caller, line] = first;
    const item = line.shift()!;
    this.#size--;
    this.#lines.delete(caller);
    if (line.length > 0) this.#lines.set(caller, line);
    return item;
  }

  remove(caller: string, item: T): void {
    const line = this.#lines.get(caller);
    const at = line?.indexOf(item) ?? -1;
    if (line === undefined || at < 0) return;
    line.splice(at, 1);
    this.#size--;
    if (line.length === 0) this.#lines.delete(caller);
  }

  /** The longest line, if it is longer than one: to displace somebody's only call would be no fairer. */
  #longest(): T[] | undefined {
    let longest: T[] | undefined;
    for (const line of this.#lines.values()) {
      if (line.length > (longest?.length ?? 1)) longest = line;
    }
    return longest;
  }
}
