import type { Outgoing } from './outgoing.ts';

/** Things that are remembered at most; then everything is learned anew. */
const MAX_KNOWN = 10_000;

/**
 * What a legacy server's calls were seen to do: which of its things ask in the middle of a call, and whether its transport
 * says to which call a question belongs. Learned while it is used, kept over its restarts, lost with the gateway: a wrong
 * memory costs time, never a question in the wrong place.
 */
export class Habits {
  /** Questions come with the calls they belong to, and never without. */
  correlated = false;
  #strays = false;
  readonly #asking = new Set<string>();
  readonly #plain = new Set<string>();

  /** It has asked before. */
  asks(out: Outgoing): boolean {
    return this.#asking.has(nameOf(out));
  }

  /** It has answered, to somebody who could be asked, without asking. */
  isPlain(out: Outgoing): boolean {
    return this.#plain.has(nameOf(out));
  }

  /** @param related whether the question came with its call */
  asked(out: Outgoing, related: boolean): void {
    if (!related) this.#strays = true;
    this.correlated = !this.#strays;
    this.#plain.delete(nameOf(out));
    keep(this.#asking, nameOf(out));
  }

  answered(out: Outgoing): void {
    if (!this.#asking.has(nameOf(out))) keep(this.#plain, nameOf(out));
  }
}

function nameOf({ method, name }: Outgoing): string {
  return `${method} ${name ?? ''}`;
}

function keep(set: Set<string>, name: string): void {
  if (set.size >= MAX_KNOWN) set.clear();
  set.add(name);
}
