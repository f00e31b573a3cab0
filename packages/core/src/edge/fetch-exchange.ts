import type { Entry } from '../entry.ts';
import type { Facts, HeaderFields } from '../ports.ts';
import type { BodyRead, EventSink, HttpExchange } from './http-exchange.ts';

/** A web-standard `Request`, answered with a web-standard `Response`: for hosts that are not `node:http`. */
export class FetchExchange implements HttpExchange {
  readonly transport = 'http';
  readonly method: string;
  readonly path: string;
  readonly url: string;
  readonly remoteAddress: string | undefined;
  readonly secure: boolean;
  /** Hosts of this kind show no certificate. */
  readonly peerCertificate = undefined;
  body: Uint8Array | undefined = undefined;
  entry: Entry | undefined = undefined;
  /** A function of its own, so that it may be taken out of the object. Some hosts do not show `Host`; the URL bears it. */
  readonly header = (name: string): string | undefined =>
    this.#request.headers.get(name) ?? (name === 'host' ? this.#host : undefined);
  /** Such hosts join what came several times: a list reaches the authenticator as one text with commas, which is no credential. */
  readonly headers = this.header;
  /** Resolves when the response's head is known. */
  readonly response: Promise<Response>;
  readonly #request: Request;
  readonly #host: string;
  #resolve: (response: Response) => void = () => undefined;
  gone = false;
  #answered = false;
  #drop: () => void = () => undefined;
  readonly #gone: (() => void)[] = [];

  constructor(request: Request, remoteAddress: string | undefined) {
    const url = new URL(request.url);
    this.method = request.method;
    this.path = url.pathname;
    this.url = url.pathname + url.search;
    this.secure = url.protocol === 'https:';
    this.remoteAddress = remoteAddress;
    this.#request = request;
    this.#host = url.host;
    this.response = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    request.signal.addEventListener('abort', () => this.#leave(), { once: true });
  }

  readBody(maxBytes: number, done: (body: BodyRead) => void): void {
    void this.#read(maxBytes).then((body) => {
      if (typeof body !== 'string') this.body = body;
      done(body);
    });
  }

  async #read(maxBytes: number): Promise<BodyRead> {
    if (Number(this.#request.headers.get('content-length') ?? 0) > maxBytes) return 'too-large';
    const reader = this.#request.body?.getReader();
    if (!reader) return new Uint8Array();
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return Buffer.concat(chunks, length);
        length += value.length;
        if (length > maxBytes) {
          void reader.cancel().catch(() => undefined);
          return 'too-large';
        }
        chunks.push(value);
      }
    } catch {
      return 'gone';
    }
  }

  respond(status: number, headers: HeaderFields, body = '', tail?: readonly Buffer[]): void {
    if (this.#answered) return;
    this.#answered = true;
    const { Connection: _hop, ...rest } = headers;
    const bytes = tail ? Buffer.concat([Buffer.from(body, 'latin1'), ...tail]) : Buffer.from(body, 'latin1');
    const hasBody = status !== 202 && status !== 204 && bytes.length > 0;
    this.#resolve(
      new Response(hasBody ? new Uint8Array(bytes) : null, { status, headers: fieldsOf({ ...BASE, ...rest }) }),
    );
  }

  stream(headers: Readonly<Record<string, string>>): EventSink {
    this.#answered = true;
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (given) => {
        controller = given;
      },
      cancel: () => this.#leave(),
    });
    this.#resolve(new Response(body, { status: 200, headers: { ...BASE, ...headers } }));
    let open = true;
    this.#drop = () => {
      if (!open) return;
      open = false;
      controller?.error(new Error('the gateway has ended this stream'));
      this.#leave();
    };
    return {
      write: (text) => {
        if (open) controller?.enqueue(Buffer.from(text, 'latin1'));
      },
      end: () => {
        if (!open) return;
        open = false;
        try {
          controller?.close();
        } catch {
          // The reader has cancelled the stream: it is closed already.
        }
      },
    };
  }

  note(facts: Facts): void {
    this.entry?.note(facts);
  }

  drop(): void {
    this.#drop();
  }

  onGone(listener: () => void): void {
    this.#gone.push(listener);
  }

  #leave(): void {
    this.gone = true;
    for (const listener of this.#gone.splice(0)) listener();
  }
}

function fieldsOf(fields: HeaderFields): [string, string][] {
  return Object.entries(fields).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one): [string, string] => [name, one]),
  );
}

const BASE = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' } as const;
