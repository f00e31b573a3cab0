import type { Bagged } from './bag.ts';
import type { Principal } from './ports.ts';

export const INTERRUPTED = 'The operator has broken this off; it may have run.';

/** A call that a server has not answered yet. */
export interface UnderWay extends Bagged {
  readonly principal: Principal;
  /** The configured name of the server. */
  readonly server: string;
  /** Answers its caller that it was broken off, and cancels it at its server. */
  interrupt(): void;
}
