import type { Authenticated } from '../exchange.ts';
import type { Finish } from '../finish.ts';
import type { CallHandler } from '../upstreams/peer.ts';

/** A request of the client that waits for this call, and who hears how the call goes on for it. */
export interface Seat {
  readonly x: Authenticated;
  readonly finish: Finish;
  readonly hears: Hearer;
}

export interface Hearer extends CallHandler {
  /** What is done when the client leaves. */
  cancelWith(cancel: () => void): void;
  /** Nothing is under way for this request any more: it has its answer, or the call waits without it. */
  release(): void;
}
