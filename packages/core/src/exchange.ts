import type { Era, JsonObject, LogLevel, Method, RequestMessage, Revision } from '@sekisho/protocol';
import type { View } from './catalogue/catalogue.ts';
import type { Session } from './client/session.ts';
import type { Endpoint } from './endpoint.ts';
import type { Entry } from './entry.ts';
import type { Credentials, HeaderFields, Principal } from './ports.ts';
import type { StreamPlace } from './stream-place.ts';
import type { Affinity } from './upstreams/sessions.ts';

/** Where the messages for one request go. Texts are binary strings on one line. */
export interface Reply {
  /** The request goes on: these headers go with whatever the answer will be, and a stream may be opened from here on. */
  begin?(headers: Readonly<Record<string, string>> | undefined): void;
  /** Aborted when nobody can come back for an answer: a line has one client. Undefined where clients come and go. */
  readonly gone?: AbortSignal;
  /** A message before the answer: progress, a log entry, or (legacy) a question. */
  send(text: string): void;
  /** The answer; nothing comes after it. `tail` follows `text` as it is. */
  end(text: string, tail?: readonly Buffer[]): void;
  /** The server closed its stream and will be asked again later: the client may be sent away likewise (SEP-1699). */
  pause?(): void;
  /** A refusal before anything was answered, with its HTTP status where the transport has one. */
  refuse(status: number, text: string, headers?: HeaderFields): void;
}

/** The client's side of a request, as its era states it: per request, or once for a session. */
export interface Caller {
  readonly era: Era;
  readonly revision: Revision;
  readonly capabilities: JsonObject;
  readonly clientInfo: JsonObject | undefined;
  readonly logLevel: LogLevel | undefined;
  readonly session: Session | undefined;
  readonly affinity: Affinity;
}

/** A request that was read and admitted, before anybody knows who sent it. */
export interface Admitted {
  readonly endpoint: Endpoint;
  /** What the sender may know of it. */
  readonly view: View;
  readonly credentials: Credentials;
  readonly message: RequestMessage;
  readonly method: Method;
  readonly caller: Caller;
  readonly reply: Reply;
  readonly startedMs: number;
  /** Its record; undefined where nobody records. */
  readonly entry: Entry | undefined;
  /** Called when the caller no longer waits. Set by the stage that can stop the work. */
  cancel: (() => void) | undefined;
  principal: Principal | undefined;
  /** Where its stream is counted; undefined where nobody counts, or where it has no stream of its own. */
  stream: StreamPlace | undefined;
  /** Its place among the calls of its session. */
  slot: number;
}

/** A request whose sender is known. The stages behind take this type, so they cannot stand before authentication. */
export interface Authenticated extends Admitted {
  principal: Principal;
}

/** The raw JSON id of a request, in one spelling: `"a"` and its escaped forms are one id. */
export function canonicalId(idText: string): string {
  return idText.includes('\\') ? JSON.stringify(JSON.parse(idText)) : idText;
}
