import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as plainRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Agent, request as tlsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { PlaceholderEvent } from '../network/events.ts';
import {
  type BrokeredValue,
  createScrubber,
  createStreamScanner,
  fillHeader,
  findPlaceholder,
  scrubText,
} from './placeholders.ts';

/** Where the requests on one connection go. */
export interface RelayTarget {
  host: string;
  port: number;
  /** The checked address; nothing else is dialled. */
  address: string;
  tls: boolean;
}

export interface RelayOptions {
  values: readonly BrokeredValue[];
  /** Certificates to trust for the real servers, PEM; Node's own where absent. */
  upstreamCertificates: string | readonly string[] | undefined;
  onPlaceholder(event: PlaceholderEvent): void;
  onHostMismatch(target: RelayTarget): void;
}

export interface HttpRelay {
  /** Takes over a connection of the box: plain, or after its TLS was ended here. */
  accept(connection: Duplex, target: RelayTarget): void;
  close(): void;
}

const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
const HEADERS_TIMEOUT_MS = 30_000;

const sameHost = (header: string | undefined, { host, port, tls }: RelayTarget): boolean => {
  const text = (header ?? '').toLowerCase();
  return (
    text === `${host}:${port}` ||
    (text === host && port === (tls ? 443 : 80)) ||
    (text === host && port !== 443 && port !== 80)
  );
};

/**
 * Passes HTTP/1.1 requests on and puts real values in the place of placeholders: in the named header, for the named host, over TLS, and
 * nowhere else. Answers are asked for without compression, so that an echo of the value can be found and taken out.
 */
export function createHttpRelay(options: RelayOptions): HttpRelay {
  const targets = new WeakMap<Duplex, RelayTarget>();
  const open = new Set<Duplex>();
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 64,
    ...(options.upstreamCertificates === undefined
      ? {}
      : { ca: [options.upstreamCertificates].flat<(string | readonly string[])[]>() }),
  });

  /** The headers to send, or undefined where a placeholder stands where it has no business. */
  const outgoing = (request: IncomingMessage, target: RelayTarget): OutgoingHttpHeaders | undefined => {
    const alarm = (value: BrokeredValue, where: PlaceholderEvent['where']): undefined => {
      options.onPlaceholder({ type: 'placeholder', variable: value.variable, where, host: target.host });
      return undefined;
    };
    const inUrl = findPlaceholder(decoded(request.url ?? ''), options.values);
    if (inUrl !== undefined) return alarm(inUrl, 'url');
    const headers: OutgoingHttpHeaders = {};
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      const name = request.rawHeaders[i]!.toLowerCase();
      const text = request.rawHeaders[i + 1]!;
      const rightful = options.values.find(
        (value) =>
          target.tls &&
          value.host === target.host &&
          value.port === target.port &&
          value.header === name &&
          fillHeader(text, value) !== undefined,
      );
      const filled = rightful === undefined ? text : fillHeader(text, rightful)!;
      const stray = findPlaceholder(
        `${name}: ${rightful === undefined ? text : scrubText(filled, [{ ...rightful, placeholder: '' }])}`,
        options.values,
      );
      if (stray !== undefined) return alarm(stray, stray.host === target.host ? 'other-header' : 'other-host');
      if (HOP_BY_HOP.includes(name)) continue;
      const known = headers[name];
      headers[name] = known === undefined ? filled : [known, filled].flat().map(String);
    }
    return headers;
  };

  const scanBody = (target: RelayTarget, stop: () => void): ((chunk: Buffer) => void) =>
    createStreamScanner(options.values, ({ variable }) => {
      options.onPlaceholder({ type: 'placeholder', variable, where: 'body', host: target.host });
      stop();
    });

  const send = (request: IncomingMessage, target: RelayTarget, headers: OutgoingHttpHeaders) => {
    const shared = {
      host: target.address,
      port: target.port,
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers,
      setHost: false,
    };
    return target.tls ? tlsRequest({ ...shared, servername: target.host, agent }) : plainRequest(shared);
  };

  const relay = (request: IncomingMessage, response: ServerResponse): void => {
    const target = targets.get(request.socket)!;
    if (!sameHost(request.headers.host, target)) {
      options.onHostMismatch(target);
      response.writeHead(421, { connection: 'close' }).end(`This connection is for ${target.host}.\n`);
      return;
    }
    const headers = outgoing(request, target);
    if (headers === undefined) {
      response.writeHead(403, { connection: 'close' }).end('The placeholder of a secret has no business here.\n');
      return;
    }
    headers['accept-encoding'] = 'identity';
    const upstream = send(request, target, headers);
    upstream.on('response', (answer) => {
      const scrubbed: OutgoingHttpHeaders = {};
      for (const [name, value] of Object.entries(answer.headers))
        if (value !== undefined && !HOP_BY_HOP.includes(name))
          scrubbed[name] = Array.isArray(value)
            ? value.map((each) => scrubText(each, options.values))
            : scrubText(value, options.values);
      // The scrubber may change the length; a head without a body keeps it.
      if (request.method !== 'HEAD' && answer.statusCode !== 304) delete scrubbed['content-length'];
      response.writeHead(answer.statusCode ?? 502, scrubbed);
      answer.pipe(createScrubber(options.values)).pipe(response);
      answer.on('error', () => response.destroy());
    });
    upstream.on('error', () => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end(`${target.host} could not be reached.\n`);
    });
    response.on('close', () => upstream.destroy());
    const scan = scanBody(target, () => {
      upstream.destroy();
      response.destroy();
    });
    request.on('data', scan);
    request.pipe(upstream);
  };

  const upgrade = (request: IncomingMessage, connection: Duplex, head: Buffer): void => {
    const target = targets.get(connection)!;
    const headers = sameHost(request.headers.host, target) ? outgoing(request, target) : undefined;
    if (headers === undefined) {
      connection.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
      return;
    }
    const upstream = send(request, target, { ...headers, connection: 'upgrade', upgrade: request.headers.upgrade });
    upstream.on('upgrade', (answer, far, farHead) => {
      const lines = answer.rawHeaders
        .map((text, i) => (i % 2 === 0 ? `${text}: ${answer.rawHeaders[i + 1]}\r\n` : ''))
        .join('');
      connection.write(`HTTP/1.1 101 Switching Protocols\r\n${scrubText(lines, options.values)}\r\n`);
      connection.write(farHead);
      far.write(head);
      connection.on(
        'data',
        scanBody(target, () => connection.destroy()),
      );
      far.pipe(createScrubber(options.values)).pipe(connection).pipe(far);
      far.on('error', () => connection.destroy());
      far.on('close', () => connection.destroy());
      connection.on('close', () => far.destroy());
    });
    upstream.on('response', (answer) =>
      connection.end(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage ?? ''}\r\nconnection: close\r\n\r\n`),
    );
    upstream.on('error', () => connection.destroy());
    upstream.end();
  };

  const server: Server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, keepAliveTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0 },
    relay,
  );
  server.on('upgrade', upgrade);
  server.on('clientError', (_error, connection) => connection.destroy());
  return {
    accept(connection, target) {
      targets.set(connection, target);
      open.add(connection);
      connection.on('close', () => open.delete(connection));
      connection.on('error', () => connection.destroy());
      server.emit('connection', connection);
      connection.resume(); // its first bytes were put back, and it waits
    },
    close() {
      for (const connection of open) connection.destroy();
      agent.destroy();
    },
  };
}

/** Percent escapes would hide a placeholder from the search. */
function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url; // not a valid escape: the text as it is
  }
}
