import { Bag } from '../bag.ts';
import type { EventSink, HttpExchange } from '../edge/http-exchange.ts';
import type { Principal } from '../ports.ts';

interface OpenOne {
  readonly http: HttpExchange;
  readonly holder: { readonly principal: Principal };
  slot: number;
}

/** The event streams that are open, so that one does not outlive the credential it was opened with. */
export class OpenStreams {
  readonly #open = new Bag<OpenOne>();

  get size(): number {
    return this.#open.size;
  }

  /** Begins a response of events. `holder` says whose it is, now and later: a session may prove itself anew. */
  begin(http: HttpExchange, headers: Readonly<Record<string, string>>, holder: OpenOne['holder']): EventSink {
    const sink = http.stream(headers);
    const one: OpenOne = { http, holder, slot: -1 };
    this.#open.add(one);
    http.onGone(() => this.#open.remove(one));
    return {
      write: (text) => sink.write(text),
      end: () => {
        this.#open.remove(one);
        sink.end();
      },
    };
  }

  /** Breaks off the streams of some principals; whoever may still call opens them again. */
  end(isOver: (principal: Principal) => boolean): number {
    let ended = 0;
    for (const one of this.#open.items()) {
      if (!isOver(one.holder.principal)) continue;
      this.#open.remove(one);
      one.http.drop();
      ended++;
    }
    return ended;
  }
}
