import type { ChildProcess } from 'node:child_process';
import type { BoxNetwork } from './box-network.ts';
import type { ListenerMessage } from './listener-program.ts';

/**
 * Takes over the listeners that the outer stage opened. Resolves when all are here, and also when the launcher has ended without them:
 * `exited` then says why.
 */
export function adoptListeners(child: ChildProcess, network: BoxNetwork): Promise<void> {
  let missing = network.request.listeners.length;
  return new Promise((resolve) => {
    child.on('message', (message: ListenerMessage, handle: unknown) => {
      if ('error' in message) return;
      network.adopt(message, handle);
      if (--missing === 0) resolve();
    });
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
}
