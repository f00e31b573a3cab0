import { registerCancel, unregisterCancel } from './cancel.ts';
import type { GatewayContext } from './context.ts';
import type { Authenticated } from './exchange.ts';
import type { Finish } from './finish.ts';
import { isRefusal } from './ports.ts';
import type { Refusal, Slot, Target, Wait } from './ports.ts';
import { refuseExchange } from './refuse-exchange.ts';

/** Lets a call through when there is a slot for it; a caller who leaves in the meantime leaves the queue. */
export function throughGate(
  x: Authenticated,
  target: Target,
  deadlineMs: number,
  context: GatewayContext,
  finish: Finish,
  go: (slot: Slot | undefined) => void,
): void {
  const { enter } = context.ports;
  if (!enter) return go(undefined);
  finish.sent = false;
  const wait = new CallersWait(deadlineMs);
  const entered = enter(x.principal, target, x.credentials, wait);
  const after = (slot: Refusal | Slot | undefined): void => {
    if (isRefusal(slot)) refuseExchange(x, slot, finish);
    else go(slot);
  };
  if (!(entered instanceof Promise)) return after(entered);
  registerCancel(x, () => {
    unregisterCancel(x);
    wait.abort();
    finish.record({ result: 'cancelled' });
  });
  entered.then(
    (slot) => {
      // The slot came in the same moment in which the caller left: it is the next one's.
      if (finish.ended) return isRefusal(slot) ? undefined : slot?.leave('cancelled');
      unregisterCancel(x);
      after(slot);
    },
    (error: unknown) => {
      unregisterCancel(x);
      context.log.error({ error: String(error) }, 'the gate failed; the call was not made');
      finish.fail(-32603, 'Internal error.', undefined, 'internal');
    },
  );
}

class CallersWait implements Wait {
  readonly deadlineMs: number;
  #controller: AbortController | undefined;

  constructor(deadlineMs: number) {
    this.deadlineMs = deadlineMs;
  }

  signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  abort(): void {
    this.#controller?.abort();
  }
}
