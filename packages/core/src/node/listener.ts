import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BodyRead, EventSink, HttpExchange } from '../edge/http-exchange.ts';

export type NodeRequest = IncomingMessage;
export type NodeResponse = ServerResponse;

/** Beyond this many bytes that a slow client has not taken, its event stream is given up. */
const MAX_UNREAD_BYTES = 16_777_216;
const EMPTY = Buffer.alloc(0);
const BASE_HEADERS = ['X-Content-Type-Options', 'nosniff', 'Cache-Control', 'no-store'] as const;

/** One `node:http` request without the cost of a web `Request`: headers are read where they stand, the body is one buffer. */
export class NodeExchange implements HttpExchange {
  readonly transport = 'http';
  readonly method: string;
  readonly path: string;
  body: Uint8Array | undefined = undefined;
  /** A function of its own, so that it may be taken out of the object. */
  readonly header = (name: string): string | undefined => {
    const value = this.#request.headers[name];
    if (typeof value !== 'string') return value?.join(', ');
    return isDuplicated(this.#request, name) ? `${value}, ${value}` : value;
  };
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
    this.method = request.method ?? 'GET';
    const url = request.url ?? '/';
    const query = url.indexOf('?');
    this.path = query < 0 ? url : url.slice(0, query);
  }

  get remoteAddress(): string | undefined {
    return this.#request.socket.remoteAddress;
  }

  get secure(): boolean {
    return 'encrypted' in this.#request.socket;
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

  respond(status: number, headers: Readonly<Record<string, string>>, body = '', tail?: readonly Buffer[]): void {
    const response = this.#response;
    if (response.headersSent || response.destroyed) return;
    let length = body.length;
    if (tail) for (const part of tail) length += part.length;
    const flat: string[] = [
      'X-Content-Type-Options',
      'nosniff',
      'Cache-Control',
      'no-store',
      'Content-Length',
      String(length),
    ];
    for (const key in headers) flat.push(key, headers[key]!);
    if (!this.#request.complete && status >= 400) {
      // The rest of the body is not wanted: the connection cannot be used again.
      flat.push('Connection', 'close');
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
    const flat: string[] = [...BASE_HEADERS];
    for (const key in headers) flat.push(key, headers[key]!);
    response.writeHead(200, flat);
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

  get gone(): boolean {
    return this.#response.destroyed || this.#request.socket.destroyed;
  }

  onGone(listener: () => void): void {
    const response = this.#response;
    response.once('close', () => {
      if (!response.writableFinished) listener();
    });
  }
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
