import type { GatewayContext } from './context.ts';
import { isRefusal } from './ports.ts';
import type { Credentials, OpenedStream, Principal, Refusal } from './ports.ts';

/** The place of one response among the streams that are open: taken once, however often it is asked for, and given back once. */
export class StreamPlace {
  readonly #take: () => Refusal | OpenedStream | undefined;
  #given: Refusal | OpenedStream | undefined;
  #asked = false;
  #closed = false;

  private constructor(take: () => Refusal | OpenedStream | undefined) {
    this.#take = take;
  }

  /** @returns undefined where nobody counts streams */
  static for(
    context: GatewayContext,
    principal: Principal,
    credentials: Credentials,
    server: string | undefined,
  ): StreamPlace | undefined {
    const { openStream } = context.ports;
    return openStream && new StreamPlace(() => openStream(principal, credentials, server));
  }

  /** @returns the refusal where there are too many already, the same one each time */
  take(): Refusal | undefined {
    if (!this.#asked && !this.#closed) {
      this.#asked = true;
      this.#given = this.#take();
    }
    return isRefusal(this.#given) ? this.#given : undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#given && !isRefusal(this.#given)) this.#given.close();
  }
}
