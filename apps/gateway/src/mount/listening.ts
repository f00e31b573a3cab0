import { isLoopback } from '@sekisho/auth';
import type { RootSettings } from '../config/settings-schema.ts';

/**
 * Why the gateway must not listen there, or undefined. Beyond this computer somebody must say how callers prove themselves,
 * and what they send must not cross the network in clear.
 */
export function whyNotListen(host: string, { auth, listen }: RootSettings): string | undefined {
  if (isLoopback(host)) return undefined;
  if (auth === undefined)
    return `Listening on ${host} is refused: others could reach it, and nothing says how they prove who they are. Add "auth" to "x-sekisho", or listen on 127.0.0.1.`;
  if (listen?.tls === undefined && listen?.trustedProxies === undefined)
    return `Listening on ${host} is refused: credentials would cross the network in clear. Add "listen.tls", or name the proxy that ends TLS in "listen.trustedProxies".`;
  return undefined;
}
