import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HeaderReader } from '@sekisho/protocol';
import type { BodyRead, EventSink, HttpExchange } from '../edge/http-exchange.ts';
import type { HeaderFields } from '../ports.ts';
import type { HttpEdgeOptions } from '../edge/http-edge.ts';
import type { Entry } from '../entry.ts';
import type { Facts } from '../ports.ts';
import { createProxyTrust } from './client-address.ts';
import type { ClientEnd, ProxyTrust } from './client-address.ts';

export type NodeRequest = IncomingMessage;
export type NodeResponse = ServerResponse;

/** Beyond this many bytes that a slow client has not taken, its event stream is given up. */
const MAX_UNREAD_BYTES = 16_777_216;
const EMPTY = Buffer.alloc(0);

/** What the host of the gateway says of all exchanges. */
export interface NodeHost {
  /** Headers that every response bears, names and values in turn. */
  readonly baseHeaders: readonly string[];
  /** More of them, depending on the request, such as those of CORS. */
  readonly extraHeaders: ((header: HeaderReader) => readonly string[]) | undefined;
  /** Whose word on the client's address counts. */
  readonly proxies: ProxyTrust | undefined;
}

const BASE_HEADERS: readonly string[] = ['X-Content-Type-Options', 'nosniff', 'Cache-Control', 'no-store'];
const PLAIN_HOST: NodeHost = { baseHeaders: BASE_HEADERS, extraHeaders: undefined, proxies: undefined };

/** @throws TypeError for a trusted proxy that is neither an address nor a network */
export function nodeHost({ responseHeaders, extraHeaders, trustedProxies }: HttpEdgeOptions): NodeHost {
  return {
    baseHeaders: [...BASE_HEADERS, ...Object.entries(responseHeaders ?? {}).flat()],
    extraHeaders,
    proxies: trustedProxies && createProxyTrust(trustedProxies),
  };
}

/** One `node:http` request without the cost of a web `Request`: headers are read where they stand, the body is one buffer. */
export class NodeExchange implements HttpExchange {
  readonly transport = 'http';
  readonly method: string;
  readonly path: string;
  readonly url: string;
  body: Uint8Array | undefined = undefined;
  entry: Entry | undefined = undefined;
  /** A function of its own, so that it may be taken out of the object. */
  readonly header = (name: string): string | undefined => {
    const value = this.#request.headers[name];
    if (name === 'host') return hostOf(this.#request, value as string | undefined);
    if (typeof value !== 'string') return value?.join(', ');
    return isDuplicated(this.#request, name) ? `${value}, ${value}` : value;
  };
  /** Likewise. From the raw list: `node:http` drops the second of two that it takes for single. */
  readonly headers = (name: string): string | readonly string[] | undefined => {
    if (name === 'host') return this.header(name);
    const value = this.#request.headers[name];
    return value === undefined ? undefined : rawValues(this.#request.rawHeaders, name);
  };
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #host: NodeHost;
  #end: ClientEnd | undefined = undefined;

  constructor(request: IncomingMessage, response: ServerResponse, host: NodeHost = PLAIN_HOST) {
    this.#host = host;
    this.#request = request;
    this.#response = response;
    this.method = request.method ?? 'GET';
    const url = request.url ?? '/';
    this.url = url;
    const query = url.indexOf('?');
    this.path = query < 0 ? url : url.slice(0, query);
  }

  get remoteAddress(): string | undefined {
    return this.#host.proxies ? this.#clientEnd(this.#host.proxies).address : this.#request.socket.remoteAddress;
  }

  get peerCertificate(): Uint8Array | undefined {
    const { socket } = this.#request as { readonly socket: { getPeerCertificate?: () => { raw?: Uint8Array } } };
    return socket.getPeerCertificate?.().raw;
  }

  get secure(): boolean {
    return this.#host.proxies ? this.#clientEnd(this.#host.proxies).secure : isEncrypted(this.#request);
  }

  #clientEnd(proxies: ProxyTrust): ClientEnd {
    const { socket, headers } = this.#request;
    this.#end ??= proxies.resolve(
      socket.remoteAddress,
      isEncrypted(this.#request),
      textOf(headers['x-forwarded-for']),
      textOf(headers['x-forwarded-proto']),
    );
    return this.#end;
  }

  /** The headers of every response, with those of this one after them. */
  #headers(own: HeaderFields): string[] {
    const { baseHeaders, extraHeaders } = this.#host;
    const flat = extraHeaders ? [...baseHeaders, ...extraHeaders(this.header)] : baseHeaders.slice();
    // HTTP/2 has no such header (RFC 9113, section 8.2.2); the connection is not one request's to close.
    const connection = this.#request.httpVersionMajor < 2;
    for (const key in own) {
      if (!connection && key === 'Connection') continue;
      const value = own[key]!;
      if (typeof value === 'string') flat.push(key, value);
      else for (const one of value) flat.push(key, one);
    }
    return flat;
  }

  readBody(maxBytes: number, done: (body: BodyRead) => void): void {
    const request = this.#request;
    const declared = request.headers['content-length'];
    if (declared !== undefined && Number(declared) > maxBytes) return done('too-large');
    let first: Buffer | undefined;
    let chunks: Buffer[] | undefined;
    let length = 0;
    let over = false;
    const end = (body: BodyRead) => {
      if (over) return;
      over = true;
      if (typeof body !== 'string') this.body = body;
      done(body);
    };
    request.on('data', (chunk: Buffer) => {
      if (over) return;
      length += chunk.length;
      if (length > maxBytes) {
        request.pause();
        end('too-large');
      } else if (!first) first = chunk;
      else (chunks ??= [first]).push(chunk);
    });
    request.on('end', () => end(chunks ? Buffer.concat(chunks, length) : (first ?? EMPTY)));
    // A client that goes in the middle is not waited for: nothing is held for it but this request itself.
  }

  respond(status: number, headers: HeaderFields, body = '', tail?: readonly Buffer[]): void {
    const response = this.#response;
    if (response.headersSent || response.destroyed) return;
    let length = body.length;
    if (tail) for (const part of tail) length += part.length;
    const flat = this.#headers(headers);
    flat.push('Content-Length', String(length));
    if (!this.#request.complete && status >= 400) {
      // The rest of the body is not wanted: the connection cannot be used again.
      if (this.#request.httpVersionMajor < 2 && headers['Connection'] === undefined) flat.push('Connection', 'close');
      response.once('finish', () => this.#request.destroy());
    }
    response.writeHead(status, flat);
    if (!tail) {
      response.end(body, 'latin1');
      return;
    }
    response.cork();
    response.write(body, 'latin1');
    for (const part of tail) response.write(part);
    response.end();
  }

  stream(headers: Readonly<Record<string, string>>): EventSink {
    const response = this.#response;
    response.writeHead(200, this.#headers(headers));
    response.flushHeaders();
    return {
      write: (text) => {
        if (response.destroyed || response.writableEnded) return;
        response.write(text, 'latin1');
        if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
      },
      end: () => {
        if (!response.destroyed) response.end();
      },
    };
  }

  drop(): void {
    this.#response.destroy();
  }

  get gone(): boolean {
    return this.#response.destroyed || this.#request.socket.destroyed;
  }

  note(facts: Facts): void {
    this.entry?.note(facts);
  }

  onGone(listener: () => void): void {
    const response = this.#response;
    response.once('close', () => {
      if (!response.writableFinished) listener();
    });
  }
}

/** One value as a text, several as a list. */
function rawValues(raw: readonly string[], name: string): string | readonly string[] | undefined {
  let found: string | string[] | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const key = raw[i]!;
    if (key.length !== name.length || (key !== name && key.toLowerCase() !== name)) continue;
    const value = raw[i + 1]!;
    if (found === undefined) found = value;
    else if (typeof found === 'string') found = [found, value];
    else found.push(value);
  }
  return found;
}

/** HTTP/2 has `:authority` in the place of `Host`. Both, and different, are two opinions, which the origin check refuses. */
function hostOf(request: IncomingMessage, host: string | undefined): string | undefined {
  if (request.httpVersionMajor >= 2) {
    const authority = textOf(request.headers[':authority']);
    return host === undefined || authority === undefined || host === authority
      ? (authority ?? host)
      : `${host}, ${authority}`;
  }
  return host !== undefined && isDuplicated(request, 'host') ? `${host}, ${host}` : host;
}

function isEncrypted({ socket }: IncomingMessage): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(',') : value;
}

/** Headers of which `node:http` silently keeps the first of several: two of them are two opinions, which is none. */
const SINGLE = new Set(['host', 'content-type', 'authorization', 'content-length', 'user-agent', 'referer']);

function isDuplicated(request: IncomingMessage, name: string): boolean {
  if (!SINGLE.has(name)) return false;
  const raw = request.rawHeaders;
  let seen = 0;
  for (let i = 0; i < raw.length; i += 2) if (raw[i]!.length === name.length && raw[i]!.toLowerCase() === name) seen++;
  return seen > 1;
}
