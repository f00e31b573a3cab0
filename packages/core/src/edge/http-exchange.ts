/** One HTTP request and its response, whatever server carries it. Bodies out are binary strings. */
export interface HttpExchange {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  /** A request header by lower-case name; repeated ones are joined. */
  header(name: string): string | undefined;
  readonly remoteAddress: string | undefined;
  /** Whether the connection is encrypted. */
  readonly secure: boolean;
  /** The whole body; `too-large` as soon as it exceeds the limit, `gone` where the client left. */
  body(maxBytes: number): Promise<Uint8Array | 'too-large' | 'gone'>;
  /** The whole response. */
  respond(status: number, headers: Readonly<Record<string, string>>, body?: string, tail?: Buffer): void;
  /** Begins a response of server-sent events. */
  stream(headers: Readonly<Record<string, string>>): EventSink;
  /** Calls back once when the client is gone before the response is complete. */
  onGone(listener: () => void): void;
}

export interface EventSink {
  /** Raw text of the stream. */
  write(text: string): void;
  end(): void;
}

const JSON_HEADERS = { 'Content-Type': 'application/json' } as const;

export function jsonHeaders(extra?: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return extra && Object.keys(extra).length > 0 ? { ...JSON_HEADERS, ...extra } : JSON_HEADERS;
}

export const SSE_HEADERS = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' } as const;
