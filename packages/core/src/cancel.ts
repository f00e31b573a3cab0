import { canonicalId } from './exchange.ts';
import type { Authenticated } from './exchange.ts';

/** Keeps the means to stop a call where its client can find it. */
export function registerCancel(x: Authenticated, cancel: () => void): void {
  x.cancel = cancel;
  // A call that is made in several steps is there once.
  if (x.slot < 0) x.caller.session?.calls.add(x);
}

/** The call has ended: nobody can stop it any more. */
export function unregisterCancel(x: Authenticated): void {
  x.cancel = undefined;
  x.caller.session?.calls.remove(x);
}

/** Stops the calls of that id, as {@link canonicalId} spells it. */
export function cancelCalls(
  calls: Iterable<{ readonly message: { readonly idText: string }; readonly cancel: (() => void) | undefined }>,
  id: string,
): void {
  for (const call of calls) if (canonicalId(call.message.idText) === id) call.cancel?.();
}
