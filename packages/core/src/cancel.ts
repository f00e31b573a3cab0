import { canonicalId } from './exchange.ts';
import type { Authenticated } from './exchange.ts';

/** Keeps the means to stop a call where its client can find it; takes it away when the call has ended. */
export function registerCancel(x: Authenticated, cancel: () => void): () => void {
  x.cancel = cancel;
  const { session } = x.caller;
  if (!session) return () => undefined;
  const id = canonicalId(x.message.idText);
  session.cancels.set(id, cancel);
  return () => {
    if (session.cancels.get(id) === cancel) session.cancels.delete(id);
  };
}
