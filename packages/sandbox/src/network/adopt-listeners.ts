import type { ChildProcess } from 'node:child_process';
import type { BoxNetwork } from './box-network.ts';
import type { ListenerMessage } from './listener-program.ts';

/**
 * Takes over the listeners that the outer stage opened. Resolves with undefined when all are here, or with what went wrong.
 */
export function adoptListeners(child: ChildProcess, network: BoxNetwork): Promise<string | undefined> {
  let missing = network.request.listeners.length;
  return new Promise((resolve) => {
    child.on('message', (message: ListenerMessage, handle: unknown) => {
      if ('error' in message) {
        resolve(message.error);
        return;
      }
      network.adopt(message, handle);
      if (--missing === 0) resolve(undefined);
    });
    const ended = (): void => resolve('the program that opens the listeners ended early');
    child.once('disconnect', ended);
    child.once('close', ended);
    child.once('error', ended);
  });
}
