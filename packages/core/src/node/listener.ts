import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventSink, HttpExchange } from '../edge/http-exchange.ts';

/** Beyond this many bytes that a slow client has not taken, its event stream is given up. */
const MAX_UNREAD_BYTES = 16_777_216;
const BASE_HEADERS = ['X-Content-Type-Options', 'nosniff', 'Cache-Control', 'no-store'] as const;

/** One `node:http` request without the cost of a web `Request`: headers are read where they stand, the body is one buffer. */
export class NodeExchange implements HttpExchange {
  readonly method: string;
  readonly path: string;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
    this.method = request.method ?? 'GET';
    const url = request.url ?? '/';
    const query = url.indexOf('?');
    this.path = query < 0 ? url : url.slice(0, query);
    // A client that resets the connection is no error of ours.
    response.on('error', () => undefined);
  }

  get remoteAddress(): string | undefined {
    return this.#request.socket.remoteAddress;
  }

  get secure(): boolean {
    return 'encrypted' in this.#request.socket;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    if (typeof value !== 'string') return value?.join(', ');
    return isDuplicated(this.#request, name) ? `${value}, ${value}` : value;
  }

  body(maxBytes: number): Promise<Uint8Array | 'too-large' | 'gone'> {
    const request = this.#request;
    const declared = Number(request.headers['content-length'] ?? 0);
    if (declared > maxBytes) return Promise.resolve('too-large');
    return new Promise((resolve) => {
      let first: Buffer | undefined;
      let chunks: Buffer[] | undefined;
      let length = 0;
      request.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > maxBytes) {
          request.removeAllListeners('data');
          request.pause();
          resolve('too-large');
        } else if (!first) first = chunk;
        else (chunks ??= [first]).push(chunk);
      });
      request.once('end', () => resolve(chunks ? Buffer.concat(chunks, length) : (first ?? Buffer.alloc(0))));
      request.once('error', () => resolve('gone'));
      request.once('close', () => resolve('gone'));
    });
  }

  respond(status: number, headers: Readonly<Record<string, string>>, body = '', tail?: Buffer): void {
    const response = this.#response;
    if (response.headersSent || response.destroyed) return;
    const flat: string[] = [...BASE_HEADERS];
    for (const key in headers) flat.push(key, headers[key]!);
    flat.push('Content-Length', String(body.length + (tail?.length ?? 0)));
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
    response.end(tail);
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
