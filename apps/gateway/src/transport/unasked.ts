import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { allHeaders } from './security-headers.ts';

/**
 * Answers what never reaches a request handler: what the parser refuses, an expectation that nobody meets, and whoever asks
 * for a tunnel. `node:http` would answer these too, or cut them off, without the headers of every response. An upgrade
 * is a plain request here: without a listener of its own `node:http` ignores that wish (RFC 9110, section 7.8).
 */
export function answerUnasked(server: Server, encrypted: boolean): void {
  const headers = allHeaders(encrypted);
  const head = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const end = (socket: Duplex, line: string): void =>
    void socket.end(`HTTP/1.1 ${line}\r\n${head}Content-Length: 0\r\nConnection: close\r\n\r\n`, () =>
      socket.destroy(),
    );
  const answers: Readonly<Record<string, string>> = {
    HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
    ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  };
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else end(socket, answers[error.code ?? ''] ?? '400 Bad Request');
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(417, { ...headers, 'Content-Length': 0 }).end();
    request.resume();
  });
  // Of HTTP/1.1 it comes with the socket, of HTTP/2 with a response like any other.
  server.on('connect', (_request: IncomingMessage, other: Socket | ServerResponse) => {
    if ('writeHead' in other) other.writeHead(405, { ...headers, Allow: 'POST, GET, DELETE' }).end();
    else end(other, '405 Method Not Allowed\r\nAllow: POST, GET, DELETE');
  });
}
