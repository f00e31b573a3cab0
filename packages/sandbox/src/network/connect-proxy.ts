import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';

/** Where the box's clients that know of proxies find one; only for boxes with a wildcard rule. RFC 9110 9.3.6. */
export const PROXY_PORT = 3128;

export interface ProxyTarget {
  host: string;
  port: number;
}

/** `host:port` or `[v6]:port`, as CONNECT names it. */
export function parseAuthority(text: string): ProxyTarget | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@?#\s]+)):(\d{1,5})$/i.exec(text);
  if (match === null) return undefined;
  return { host: (match[1] ?? match[2]!).toLowerCase().replace(/\.$/, ''), port: Number(match[3]) };
}

export interface ConnectProxy {
  accept(socket: Socket): void;
  close(): void;
}

/**
 * Takes CONNECT and the absolute form. `carry` decides and takes the connection over; what it says before it did is sent back with
 * 403. The bytes that follow a CONNECT are inspected like those of any other connection.
 */
export function createConnectProxy(carry: (socket: Socket, target: ProxyTarget) => string | undefined): ConnectProxy {
  const open = new Set<Socket>();
  // Plain http through a proxy is not offered: HTTP_PROXY is never set, so that clients connect directly, where the rules look on.
  const server: Server = createServer((_request, response) => {
    response.writeHead(405, { connection: 'close' }).end('Use CONNECT, or connect directly.\n');
  });
  server.on('connect', (request, socket, head) => {
    const client = socket as Socket;
    client.on('error', () => client.destroy());
    const target = parseAuthority(request.url ?? '');
    if (target === undefined) {
      client.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
      return;
    }
    client.pause();
    if (head.length > 0) client.unshift(head);
    const no = carry(client, target);
    if (no === undefined) client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    else
      client.end(
        `HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\nRefused by the sandbox: ${no}.\n`,
      );
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  return {
    accept(socket) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      server.emit('connection', socket);
      socket.resume(); // it was accepted in pause
    },
    close() {
      for (const socket of open) socket.destroy();
    },
  };
}

/** Loopback stays direct, and so do names with an exact rule. */
export function proxyEnvironment(exactHosts: readonly string[]): Record<string, string> {
  const url = `http://127.0.0.1:${PROXY_PORT}`;
  const environment: Record<string, string> = { NODE_USE_ENV_PROXY: '1' };
  for (const name of ['HTTPS_PROXY', 'ALL_PROXY']) environment[name] = environment[name.toLowerCase()] = url;
  environment['NO_PROXY'] = environment['no_proxy'] = ['localhost', '127.0.0.1', '::1', ...exactHosts].join(',');
  return environment;
}
