import { isLoopback } from './net/public-address.ts';
import type { ResourceServer } from './resource-server.ts';

/**
 * Refuses a listener that others can reach and that asks nobody who they are. For hosts to call before they listen.
 *
 * @param host - What will be passed to `listen`; `undefined`, `''`, `0.0.0.0` and `::` are all addresses of the machine.
 * @throws TypeError when the host is not loopback and there is no gate.
 */
export function assertGuarded(
  host: string | undefined,
  server: Pick<ResourceServer, 'authenticate'> | undefined,
): void {
  if (server !== undefined && typeof server.authenticate === 'function') return;
  if (host !== undefined && isLoopback(host)) return;
  throw new TypeError('listening beyond loopback needs authentication');
}
