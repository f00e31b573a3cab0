import type { Deadline, Deadlines } from './deadlines.ts';
import { refuseQuestion } from './peer.ts';
import type { CallHandler, ServerRequest } from './peer.ts';

/** As much of a call in flight as has to be known here. */
export interface Suspect {
  readonly handler: CallHandler;
}

interface Held<Call extends Suspect> {
  readonly request: ServerRequest;
  suspects: readonly Call[];
  deadline: Deadline | undefined;
}

/** How long a question waits for its call to be found, milliseconds. The server waits meanwhile, and so does its call. */
const HOLD_MS = 10_000;

/**
 * Questions that came without a word of the call they belong to. Only a call that was in flight then can be meant, and one
 * that is answered was not waiting: so a question is held until one call is left. Where a call leaves in another way the
 * question may have been its own: then nobody is asked. A wrong guess would put one user's question to another.
 */
export class Unclaimed<Call extends Suspect> {
  readonly #deadlines: Deadlines;
  readonly #give: (call: Call, request: ServerRequest) => void;
  #held: Held<Call>[] = [];

  constructor(deadlines: Deadlines, give: (call: Call, request: ServerRequest) => void) {
    this.#deadlines = deadlines;
    this.#give = give;
  }

  /** @param inFlight the calls of clients that wait for an answer now */
  put(request: ServerRequest, inFlight: readonly Call[]): void {
    const held: Held<Call> = { request, suspects: inFlight, deadline: undefined };
    this.#held.push(held);
    held.deadline = this.#deadlines.add(HOLD_MS, HOLD_MS, () => this.#refuse(held));
    this.#look(held);
  }

  /** The call has its answer: no question was its own. */
  answered(call: Call): void {
    if (this.#held.length === 0) return;
    for (const held of this.#held.slice()) {
      if (!held.suspects.includes(call)) continue;
      held.suspects = held.suspects.filter((one) => one !== call);
      this.#look(held);
    }
  }

  /** The call was given up, or has failed: a question may have been its own. */
  gone(call: Call): void {
    if (this.#held.length === 0) return;
    for (const held of this.#held.slice()) if (held.suspects.includes(call)) this.#refuse(held);
  }

  #look(held: Held<Call>): void {
    const [first] = held.suspects;
    if (!first) return this.#refuse(held);
    // Calls of one legacy client ask one and the same user: it does not matter through which.
    const party = first.handler.party;
    if (held.suspects.length > 1 && !(party && held.suspects.every((one) => one.handler.party === party))) return;
    this.#release(held);
    this.#give(first, held.request);
  }

  #refuse(held: Held<Call>): void {
    this.#release(held);
    refuseQuestion(held.request);
  }

  #release(held: Held<Call>): void {
    if (held.deadline) this.#deadlines.remove(held.deadline);
    held.deadline = undefined;
    this.#held = this.#held.filter((one) => one !== held);
  }
}
