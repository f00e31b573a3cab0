import { fault } from '@sekisho/protocol';
import type { Fault } from '@sekisho/protocol';
import type { HttpExchange } from './http-exchange.ts';

export interface OriginOptions {
  /**
   * Values of `Host` that are served, with the port where it is not the scheme's own (`mcp.example.com`, `10.0.0.5:7300`).
   * Default: only the loopback names, on any port.
   */
  readonly allowedHosts?: readonly string[];
  /** Web origins besides the endpoint's own that may call it (`https://app.example.com`). Default: none. */
  readonly allowedOrigins?: readonly string[];
}

const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::[1-9]\d{0,4})?$/;
/** Scheme, host and port, nothing else: no user, no path, no list of several. */
const PLAIN_ORIGIN = /^https?:\/\/[A-Za-z0-9.-]+(?::[1-9]\d{0,4})?$|^https?:\/\/\[[0-9A-Fa-f:]+\](?::[1-9]\d{0,4})?$/;

/**
 * Refuses requests that a web page made a browser send: names that do not belong to us (DNS rebinding) and foreign origins
 * (MCP 2026-07-28, basic/transports/streamable-http, "Security"). Exact comparison; no wildcard, no suffix, no letter case.
 */
export function createOriginCheck(options: OriginOptions): (http: HttpExchange) => Fault | undefined {
  const hosts = options.allowedHosts && new Set(options.allowedHosts);
  const origins = new Set(options.allowedOrigins ?? []);
  // One client sends the same pair on every request.
  let lastHost: string | undefined;
  return (http) => {
    const host = http.header('host');
    if (host === undefined) return fault('forbidden-host', 'The request names no host.');
    if (host !== lastHost) {
      if (!(hosts ? hosts.has(host) : LOOPBACK_HOST.test(host)))
        return fault('forbidden-host', 'This host name is not served here.');
      lastHost = host;
    }
    const origin = http.header('origin');
    if (origin === undefined) {
      // A browser that hides the origin still says that another site made the request.
      return http.header('sec-fetch-site') === 'cross-site'
        ? fault('forbidden-origin', 'Requests of other web sites are not served.')
        : undefined;
    }
    if (origins.has(origin)) return undefined;
    const own = PLAIN_ORIGIN.test(origin) && origin.replace(/^https?:\/\//, '') === host;
    // A page that came without encryption has no business with an encrypted endpoint. The other way round is a proxy's work.
    const downgraded = http.secure && origin.startsWith('http:');
    return own && !downgraded ? undefined : fault('forbidden-origin', 'Requests of this web origin are not served.');
  };
}
