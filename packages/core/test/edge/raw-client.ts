import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { createGateway } from '../../src/index.ts';
import type { Gateway, GatewayOptions } from '../../src/index.ts';

export const MODERN = '2026-07-28';
export const ENVELOPE = `"_meta":{"io.modelcontextprotocol/protocolVersion":"${MODERN}","io.modelcontextprotocol/clientCapabilities":{}}`;

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: string | Uint8Array;
}

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** One way to reach a gateway; the cases run over each. */
export interface Door {
  readonly name: 'node:http' | 'fetch';
  send(sent: Sent): Promise<Got>;
}

export interface House {
  readonly gateway: Gateway;
  readonly port: number;
  readonly doors: readonly Door[];
  /** What the gateway logged as an error. */
  readonly errors: readonly unknown[];
  /** Writes raw bytes to a socket and gives back all that comes until it closes or `until` is seen. */
  raw(bytes: string | Buffer, until?: (text: string) => boolean): Promise<string>;
  close(): Promise<void>;
}

const BASE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** A gateway on a free port, reachable over a socket and as a function. */
export async function openHouse(options: GatewayOptions): Promise<House> {
  const errors: unknown[] = [];
  const quiet = (): void => undefined;
  const gateway = createGateway({
    log: { debug: quiet, info: quiet, warn: quiet, error: (fields) => errors.push(fields) },
    ...options,
  });
  const server = createServer((req, res) => gateway.listener(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await gateway.ready();
  const { port } = server.address() as AddressInfo;
  return {
    gateway,
    port,
    errors,
    doors: [
      { name: 'node:http', send: (sent) => overHttp(port, sent) },
      { name: 'fetch', send: (sent) => overFetch(gateway, port, sent) },
    ],
    raw: (bytes, until) => overSocket(port, bytes, until),
    async close() {
      await gateway.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function overHttp(port: number, { method = 'POST', path = '/mcp', headers = {}, body }: Sent): Promise<Got> {
  const all: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries({ ...BASE, ...headers }))
    if (value !== undefined) all[name] = typeof value === 'string' ? value : [...value];
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, method, path, headers: all, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      const done = (): void =>
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers as Record<string, string>,
          text: Buffer.concat(chunks).toString(),
        });
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', done);
      res.on('error', done);
    });
    req.on('error', reject);
    req.end(body);
  });
}

async function overFetch(
  gateway: Gateway,
  port: number,
  { method = 'POST', path = '/mcp', headers = {}, body }: Sent,
): Promise<Got> {
  const all = new Headers();
  for (const [name, value] of Object.entries({ host: `127.0.0.1:${port}`, ...BASE, ...headers })) {
    if (value !== undefined) for (const one of typeof value === 'string' ? [value] : value) all.append(name, one);
  }
  const response = await gateway.fetch(
    new Request(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: all,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    }),
    { remoteAddress: '127.0.0.1' },
  );
  return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
}

function overSocket(port: number, bytes: string | Buffer, until?: (text: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (until?.(text)) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}

/** Headers and body of a modern request. */
export function modern(method: string, params = '', more: Readonly<Record<string, string | undefined>> = {}): Sent {
  const name = /"(?:name|uri)":"([^"]*)"/.exec(params)?.[1];
  return {
    headers: { 'mcp-protocol-version': MODERN, 'mcp-method': method, 'mcp-name': name, ...more },
    body: `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{${params}${params === '' ? '' : ','}${ENVELOPE}}}`,
  };
}

/** Opens a legacy session and gives back the header that belongs to it. */
export async function openSession(
  door: Door,
  revision = '2025-11-25',
  more: Readonly<Record<string, string>> = {},
  path = '/mcp',
): Promise<Readonly<Record<string, string>>> {
  const body = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"${revision}","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`;
  const { headers, status, text } = await door.send({ body, headers: more, path });
  const id = headers['mcp-session-id'];
  if (id === undefined) throw new Error(`no session: ${status} ${text}`);
  return { 'mcp-session-id': id, ...more };
}
