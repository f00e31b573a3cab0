import type { Conversation } from './conversation.ts';

export interface IdleStopOptions {
  /** Time without a call after which the server is stopped, milliseconds; 0 for never. */
  readonly idleMs: number;
  readonly now: () => number;
  /** The conversation while the server is up. */
  conversation(): Conversation | undefined;
  stop(): void;
}

/** Stops a process that nothing was asked of for a while. Calls cost it nothing: it looks at the time of the last one. */
export class IdleStop {
  readonly #options: IdleStopOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: IdleStopOptions) {
    this.#options = options;
  }

  /** The server has come up. */
  arm(): void {
    const { idleMs } = this.#options;
    this.close();
    if (idleMs > 0) this.#timer = setTimeout(() => this.#look(), idleMs).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const { idleMs } = this.#options;
    const current = this.#options.conversation();
    if (!current) return;
    const restMs = current.usedMs + idleMs - this.#options.now();
    const busy = current.inFlight > 0 || current.wanted.uris.size + current.wanted.tasks.size > 0;
    if (restMs > 0 || busy) this.#timer = setTimeout(() => this.#look(), busy ? idleMs : restMs).unref();
    else this.#options.stop();
  }
}
