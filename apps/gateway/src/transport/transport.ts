import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer, type Http2ServerRequest } from 'node:http2';
import type { Server } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { limitConnections } from './connections.ts';
import { answerUnasked } from './unasked.ts';

/** Serves one request; of HTTP/2 too, whose requests and responses have the same shape. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface TransportOptions {
  /** Certificate and key. Left out: plain HTTP. */
  readonly tls: SecureContextOptions | undefined;
  /** Connections at one time. Default 10,000. */
  readonly maxConnections?: number | undefined;
  /**
   * Connections of one address at one time. Default 1,024: a client needs a handful, an office behind one address some
   * hundreds. Behind a proxy all connections are the proxy's, which then counts them.
   */
  readonly maxConnectionsPerAddress?: number;
  /** From the connection to the end of the headers, in milliseconds. Default 10,000. */
  readonly headersTimeoutMs?: number;
  /** From the connection to the end of the body, in milliseconds. Default 60,000. How long an answer takes is the gateway's business. */
  readonly requestTimeoutMs?: number;
  /** An idle connection is closed after so long, in milliseconds. Default 30,000. */
  readonly keepAliveTimeoutMs?: number;
}

/** A listening place: plain HTTP, or HTTPS with HTTP/2 and HTTP/1.1. */
export interface Transport {
  readonly server: Server;
  readonly encrypted: boolean;
  /** Serves new connections by a renewed certificate; those that are open go on. */
  renew(tls: SecureContextOptions): void;
  /** Takes no more connections, and resolves when the last one is gone; `now` cuts those that are left. */
  close(): Promise<void>;
  closeNow(): void;
}

const MAX_HEADER_BYTES = 16_384;
const MAX_HEADERS = 100;
/** Requests at one time on one connection of HTTP/2. */
const MAX_STREAMS = 128;
const MIN_TLS = 'TLSv1.2';

/** Makes the server, with a limit for each thing of which a slow or greedy client could take too much. Not listening yet. */
export function createTransport(options: TransportOptions, handler: RequestHandler): Transport {
  const { tls, headersTimeoutMs = 10_000, requestTimeoutMs = 60_000, keepAliveTimeoutMs = 30_000 } = options;
  const http1 = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // A request without a host is the gateway's to refuse, with what every response says.
    requireHostHeader: false,
    connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
  };
  const server: Server =
    tls === undefined
      ? Object.assign(createServer(http1, handler), { maxHeadersCount: MAX_HEADERS })
      : secureServer(tls, http1, { requestTimeoutMs, idleMs: keepAliveTimeoutMs }, handler);
  answerUnasked(server, tls !== undefined);
  const connections = limitConnections(server, {
    most: options.maxConnections ?? 10_000,
    mostPerAddress: options.maxConnectionsPerAddress ?? 1_024,
  });
  return {
    server,
    encrypted: tls !== undefined,
    renew: (next) => (server as Http2SecureServer).setSecureContext({ ...next, minVersion: MIN_TLS }),
    close: () =>
      new Promise((resolve) => {
        if (!server.listening) return resolve();
        server.close(() => resolve());
      }),
    closeNow: () => connections.destroy(),
  };
}

function secureServer(
  tls: SecureContextOptions,
  http1: object,
  { requestTimeoutMs, idleMs }: { requestTimeoutMs: number; idleMs: number },
  handler: RequestHandler,
): Http2SecureServer {
  const server = createSecureServer(
    {
      ...tls,
      ...http1,
      minVersion: MIN_TLS,
      allowHTTP1: true,
      // A certificate is asked for and not demanded: whether one is needed is for authentication to say.
      ...(tls.ca === undefined ? {} : { requestCert: true, rejectUnauthorized: false }),
      settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEADER_BYTES, enablePush: false },
      maxHeaderListPairs: MAX_HEADERS,
    },
    (request, response) => {
      if (request.httpVersionMajor === 2) limitBodyTime(request, requestTimeoutMs);
      handler(request as unknown as IncomingMessage, response as unknown as ServerResponse);
    },
  );
  server.on('session', (session) => session.setTimeout(idleMs, () => session.close()));
  return server;
}

/** What `requestTimeout` does for HTTP/1.1; a body that came whole, or was refused, is waited for no longer. */
function limitBodyTime(request: Http2ServerRequest, timeoutMs: number): void {
  const timer = setTimeout(() => request.stream.close(NO_MORE), timeoutMs).unref();
  const stop = (): void => clearTimeout(timer);
  request.stream.once('end', stop).once('close', stop);
}

/** `ENHANCE_YOUR_CALM` (RFC 9113, section 7). */
const NO_MORE = 11;
