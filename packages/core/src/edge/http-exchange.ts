import type { Entry } from '../entry.ts';
import type { Credentials, Facts, HeaderFields } from '../ports.ts';

/** What came of reading a request's body. */
export type BodyRead = Uint8Array | 'too-large' | 'gone';

/**
 * One HTTP request and its response, whatever server carries it. It is also what authenticators look at. Bodies out are
 * binary strings.
 */
export interface HttpExchange extends Credentials {
  readonly transport: 'http';
  /** Set by {@link readBody}. */
  readonly body: Uint8Array | undefined;
  /** Its record, set by the edge; undefined where nobody records. */
  entry: Entry | undefined;
  note(facts: Facts): void;
  /** Whether the connection is encrypted. */
  readonly secure: boolean;
  /** Calls back once with the whole body; `too-large` as soon as it exceeds the limit. May not, where the client left. */
  readBody(maxBytes: number, done: (body: BodyRead) => void): void;
  /** The whole response. */
  respond(status: number, headers: HeaderFields, body?: string, tail?: readonly Buffer[]): void;
  /** Begins a response of server-sent events. */
  stream(headers: Readonly<Record<string, string>>): EventSink;
  /** Breaks the response off, as if the client had left. */
  drop(): void;
  /** Whether the client has left. */
  readonly gone: boolean;
  /** Calls back once when the client is gone before the response is complete. */
  onGone(listener: () => void): void;
}

export interface EventSink {
  /** Raw text of the stream. */
  write(text: string): void;
  end(): void;
}

const JSON_HEADERS = { 'Content-Type': 'application/json' } as const;

export function jsonHeaders(extra?: HeaderFields): HeaderFields {
  return extra && Object.keys(extra).length > 0 ? { ...JSON_HEADERS, ...extra } : JSON_HEADERS;
}

export const SSE_HEADERS = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' } as const;
