import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { allHeaders } from '../transport/security-headers.ts';
import { answerUnasked } from '../transport/unasked.ts';
import { adminFolder, isToken, readAdminToken } from './token.ts';

/** What a route answers. Text goes out as it is, anything else as JSON. */
export type AdminAnswer = { readonly status?: number; readonly body: unknown; readonly contentType?: string };

export type AdminRoute = {
  readonly method: 'GET' | 'POST';
  /** Answered without the token: says nothing but yes or no. Default false. */
  readonly open?: boolean;
  readonly handle: (body: unknown) => AdminAnswer | Promise<AdminAnswer>;
};

/** Thrown by a route for a request that makes no sense; its text is the answer. */
export class AdminRequestError extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.name = 'AdminRequestError';
    this.status = status;
  }
}

export type AdminOptions = {
  readonly stateFolder: string;
  readonly host: string;
  readonly port: number;
  readonly routes: Readonly<Record<string, AdminRoute>>;
  /** Stands in the file that says where it is, beside process and port. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Told of every request without the token. */
  readonly onRefused: (path: string) => void;
  readonly onError: (error: unknown, path: string) => void;
};

export type Admin = { readonly port: number; readonly close: () => Promise<void> };

const MAX_BODY_BYTES = 65_536;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The port for whoever runs the gateway. On loopback, by token, and not for web pages: one whose name leads here sends an
 * Origin or another Host, and gets nothing.
 */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const token = await readAdminToken(options.stateFolder);
  const server = createServer(
    { maxHeaderSize: 16_384, requestTimeout: 30_000, requireHostHeader: false },
    (request, response) => {
      serve(request, response, options, token).catch((error: unknown) => {
        const path = pathOf(request);
        if (error instanceof AdminRequestError) return answer(response, error.status, { error: error.message });
        options.onError(error, path);
        return answer(response, 500, { error: error instanceof Error ? error.message : String(error) });
      });
    },
  );
  answerUnasked(server, false);
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const file = join(adminFolder(options.stateFolder), `${process.pid}-${port}.json`);
  await mkdir(adminFolder(options.stateFolder), { recursive: true, mode: 0o700 });
  await writeFile(file, JSON.stringify({ pid: process.pid, host: options.host, port, ...options.facts }), {
    mode: 0o600,
  });
  return { port, close: async () => await stop(server, file) };
}

async function stop(server: Server, file: string): Promise<void> {
  await rm(file, { force: true });
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { routes, onRefused }: AdminOptions,
  token: string,
): Promise<void> {
  const path = pathOf(request);
  if (!isLocal(request)) {
    onRefused(path);
    return answer(response, 403, { error: 'Only programs of this computer may ask.' });
  }
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  // Without the token there is no telling what exists.
  if (route?.open !== true && !isToken(token, request.headers.authorization)) {
    onRefused(path);
    response.setHeader('WWW-Authenticate', 'Bearer realm="sekisho admin"');
    return answer(response, 401, { error: 'Send the token of the admin port.' });
  }
  if (route === undefined) return answer(response, 404, { error: 'There is nothing here.' });
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (method !== route.method) {
    response.setHeader('Allow', route.method);
    return answer(response, 405, { error: `Ask with ${route.method}.` });
  }
  const { status = 200, body, contentType } = await route.handle(await readBody(request));
  return answer(response, status, body, contentType);
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function isLocal({ headers, socket }: IncomingMessage): boolean {
  const peer = socket.remoteAddress ?? '';
  const host = headers.host?.toLowerCase().replace(/:\d+$/, '') ?? '';
  return (
    (peer === '::1' || /^(?:::ffff:)?127\./.test(peer)) &&
    LOOPBACK.has(host) &&
    headers.origin === undefined &&
    (headers['sec-fetch-site'] ?? 'none') === 'none'
  );
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw new AdminRequestError('The body is too large.', 413);
    chunks.push(chunk as Buffer);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new AdminRequestError('The body is no JSON.');
  }
}

function answer(response: ServerResponse, status: number, body: unknown, contentType = 'application/json'): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
  for (const [name, value] of Object.entries(allHeaders(false))) response.setHeader(name, value);
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}
