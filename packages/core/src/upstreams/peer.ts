import type { Era, JsonObject, LargeResponse, ResponseView } from '@sekisho/protocol';
import type { UpstreamFailure } from './failure.ts';
import type { CallerFacts, Outgoing } from './outgoing.ts';

/** What a server said of itself when the conversation was opened. */
export interface Opened {
  readonly era: Era;
  readonly revision: string;
  readonly capabilities: JsonObject;
  readonly serverInfo: JsonObject | undefined;
  readonly instructions: string | undefined;
  /** Milliseconds for which a modern server's discovery may be kept. */
  readonly ttlMs: number;
}

/** What a call hears. Exactly one of `answer` and `fail` comes, once, and nothing after it. Texts are binary strings. */
export interface CallHandler {
  /** The call is given to the server's connection; until then nobody but the gateway has seen it. */
  sending?(): void;
  answer(response: ResponseView): void;
  /** A large answer in its own bytes. Without this, it comes as text to `answer`. */
  readonly answerLarge?: ((response: LargeResponse) => void) | undefined;
  fail(failure: UpstreamFailure): void;
  /** A notification that belongs to this call: progress (its token already the caller's) or a log message. */
  notify(method: string, text: string): void;
  /** The server closed the stream of this call and goes on working; the call is taken up again by itself. */
  pause?(): void;
  /** Whom a question of this call would be put to, where that is known before: calls with the same one ask the same user. */
  readonly party?: object | undefined;
  /** A request of the server in the middle of this call. Without a handler it is refused. */
  readonly ask?: ((request: ServerRequest) => void) | undefined;
}

/** A request from a server (legacy eras only). */
export interface ServerRequest {
  readonly method: string;
  /** Raw JSON of the whole message, a binary string. */
  readonly text: string;
  readonly idText: string;
  /** It came on the answer to the call that it belongs to. */
  readonly related?: boolean;
  /** Sends the client's answer back: raw JSON of `"result":...` or `"error":...`, decoded text. */
  respond(body: string): void;
}

/** The answer to a question when no client is there to be asked. */
export function refuseQuestion(request: ServerRequest): void {
  request.respond('"error":{"code":-32601,"message":"No client is attached that can answer this."}');
}

export interface PeerEvents {
  /** A notification that belongs to no call. */
  onNotification(method: string, text: string): void;
  /** A request that belongs to no call. */
  onRequest(request: ServerRequest): void;
  /** The conversation is over: process gone, connection closed for good. Calls in flight have failed already. */
  onLost(failure: UpstreamFailure): void;
  /** The server forgot the session and a new one was opened. */
  onReopened(): void;
}

/** One open conversation with a server: ids, progress tokens and deadlines of this hop are its own. */
export interface Peer {
  readonly opened: Opened;
  /** @returns cancels the call; the handler then hears nothing more */
  call(out: Outgoing, handler: CallHandler): () => void;
  /** Sends a notification. */
  notify(method: string, params?: string): void;
  /** Asks on the gateway's own behalf and resolves with the parsed result. Rejects with OpenError. */
  ask(method: string, params: JsonObject, facts?: CallerFacts): Promise<JsonObject>;
  /** The same, with the answer's raw text. */
  askRaw(method: string, params: JsonObject): Promise<ResponseView>;
  close(): Promise<void>;
}
