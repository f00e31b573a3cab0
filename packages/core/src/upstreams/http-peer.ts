import { isObject, makeParamHeaders, makeStandardHeaders, resultText } from '@sekisho/protocol';
import type { JsonObject } from '@sekisho/protocol';
import { parseBinary } from '../wire.ts';
import { Calls, ask, askRaw } from './calls.ts';
import type { CallTimes, OpenCall } from './calls.ts';
import type { Deadlines } from './deadlines.ts';
import { failure } from './failure.ts';
import type { HttpLink } from './http/http-link.ts';
import type { LinkError } from './http/link-error.ts';
import { readIncoming } from './incoming.ts';
import type { Incoming } from './incoming.ts';
import { Post, refusedWith } from './post.ts';
import type { PostOwner } from './post.ts';
import { renderRequest } from './outgoing.ts';
import type { CallerFacts, Outgoing } from './outgoing.ts';
import type { CallHandler, Opened, Peer, PeerEvents, ServerRequest } from './peer.ts';

export interface HttpPeerOptions {
  readonly link: HttpLink;
  readonly deadlines: Deadlines;
  readonly times: CallTimes;
  readonly events: PeerEvents;
  readonly facts: CallerFacts;
  /** Opens a new session with the same server after it forgot this one; sets `opened` and `sessionId` anew. */
  reopen(peer: HttpPeer): Promise<void>;
  /** Whether closing this peer closes the link as well; false for sessions that share one. Default true. */
  readonly ownsLink?: boolean;
}

/** How often a stream that broke before its answer is taken up again from its last event (2025-11-25, resumption). */
const MAX_RESUMES = 5;

/** A conversation over Streamable HTTP, in either era. Each call is one POST and hears what comes on that POST's answer. */
export class HttpPeer implements Peer, PostOwner {
  opened: Opened = {
    era: 'modern',
    revision: '2026-07-28',
    capabilities: {},
    serverInfo: undefined,
    instructions: undefined,
    ttlMs: 0,
  };
  sessionId: string | undefined;
  readonly #options: HttpPeerOptions;
  readonly #calls: Calls;
  #reopening: Promise<void> | undefined;
  #closed = false;
  #stopStream: (() => void) | undefined;

  constructor(options: HttpPeerOptions) {
    this.#options = options;
    this.#calls = new Calls(options.deadlines, options.times);
  }

  /** The connections to the server, for further conversations with it. */
  get link(): HttpLink {
    return this.#options.link;
  }

  /** A question that came on the stream of news: for the one call that can be meant. */
  askUnclaimed(request: ServerRequest): void {
    this.#calls.askUnclaimed(request);
  }

  get inFlight(): number {
    return this.#calls.size;
  }

  call(out: Outgoing, handler: CallHandler): () => void {
    if (this.#closed) {
      handler.fail(failure('ERR_UPSTREAM_CLOSED', 'closed by the gateway', false));
      return () => undefined;
    }
    const call = this.#calls.add(out, handler, () => this.#giveUp(post));
    if (out.method === 'subscriptions/listen') this.#calls.keepOpen(call);
    const post = new Post(call, this);
    this.send(post);
    return () => {
      if (this.#calls.take(call.id)) this.#giveUp(post);
    };
  }

  notify(method: string, params?: string): void {
    this.#sendOnly(`{"jsonrpc":"2.0","method":"${method}"${params === undefined ? '' : `,"params":${params}`}}`);
  }

  ask(method: string, params: JsonObject, facts = this.#options.facts): Promise<JsonObject> {
    return ask(this, method, params, facts);
  }

  askRaw(method: string, params: JsonObject): ReturnType<Peer['askRaw']> {
    return askRaw(this, method, params, this.#options.facts);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopStream?.();
    this.#calls.failAll(failure('ERR_UPSTREAM_CLOSED', 'closed by the gateway', true));
    const { link, ownsLink = true } = this.#options;
    // A server may refuse to end a session (405); it is gone for us either way.
    if (this.sessionId !== undefined) await link.delete(this.#headers(undefined)).catch(() => undefined);
    if (ownsLink) await link.close();
  }

  /** Listens for what the server says of its own accord (legacy). A server without such a stream answers 405, once. */
  openStream(retryMs = 1_000): void {
    if (this.#closed || this.opened.era === 'modern') return;
    let seen: string | undefined;
    let wait = retryMs;
    const open = () => {
      if (this.#closed) return;
      let status = 0;
      const again = () => {
        if (this.#closed || status === 405 || (status >= 400 && status < 500)) return;
        const timer = setTimeout(open, wait).unref();
        wait = Math.min(wait * 2, 60_000);
        this.#stopStream = () => clearTimeout(timer);
      };
      this.#stopStream = this.#options.link.openStream(this.#headers(undefined, seen), {
        onHead: (code) => {
          status = code;
        },
        onMessage: (bytes, eventId) => {
          wait = retryMs;
          seen = eventId ?? seen;
          if (status === 200) for (const message of readIncoming(bytes)) this.#unrelated(message);
        },
        onEnd: again,
        onError: again,
      });
    };
    open();
  }

  /** @internal Sends the POST of a call, for the first time or after the session was opened anew. */
  send(post: Post): void {
    const { out, id } = post.call;
    const { era, revision } = this.opened;
    const lane = out.method === 'subscriptions/listen' ? 'side' : post.call.handler.ask ? 'asking' : 'call';
    post.abort = this.#options.link.post(renderRequest(out, id, era, revision), this.#headers(out), post, lane);
  }

  /** @internal What came on the answer of a POST. */
  take(message: Incoming, { call, status }: Post): void {
    switch (message.kind) {
      case 'response':
        if (message.id === call.id && !this.#forgotten(status, message)) this.#calls.answer(call.id, message.view);
        return;
      case 'large':
        if (message.id === call.id) this.#calls.answerLarge(call.id, message.large);
        return;
      case 'notification':
        if (message.method === 'notifications/progress') this.#calls.progress(message.text);
        else if (message.method === 'notifications/message' || call.out.method === 'subscriptions/listen') {
          call.handler.notify(message.method, message.text);
        } else this.#options.events.onNotification(message.method, message.text);
        return;
      case 'request':
        this.#answerServer(message, call);
        return;
      case 'error':
        // Without an id it can only concern this POST; the status decides what becomes of the call.
        return;
      case 'noise':
        return;
    }
  }

  /** @internal The answer to a POST is over: taken up again where it can be, an error where the result did not come. */
  over(post: Post, error: LinkError | undefined): void {
    const { call, status } = post;
    if (!error && status >= 400) return this.#refused(post);
    const sent = error?.sent ?? true;
    if (sent && post.lastEventId !== undefined && post.resumes < MAX_RESUMES) return this.#resume(post);
    const code = error && !error.sent ? 'ERR_UPSTREAM_UNAVAILABLE' : 'ERR_UPSTREAM_CLOSED';
    this.#calls.fail(call.id, failure(code, error?.message ?? 'the answer ended before the result', sent));
  }

  /** Some servers say with 400 instead of 404 that they do not know the session; either way the call did not run. */
  #forgotten(status: number, message: Incoming & { kind: 'response' }): boolean {
    if (status !== 400 || message.view.ok || this.sessionId === undefined) return false;
    const body = parseBinary(message.view.text);
    const error = isObject(body) && isObject(body['error']) ? body['error'] : {};
    return error['code'] === -32000 && /session/i.test(String(error['message']));
  }

  #unrelated(message: Incoming): void {
    if (message.kind === 'notification') {
      if (message.method === 'notifications/progress') this.#calls.progress(message.text);
      else this.#options.events.onNotification(message.method, message.text);
    } else if (message.kind === 'request') this.#answerServer(message, undefined);
    else if (message.kind === 'response' && message.id !== undefined) this.#calls.answer(message.id, message.view);
    else if (message.kind === 'large' && message.id !== undefined) this.#calls.answerLarge(message.id, message.large);
  }

  #answerServer(message: Incoming & { kind: 'request' }, call: OpenCall | undefined): void {
    const { method, idText, text } = message;
    if (method === 'ping') return this.#sendOnly(resultText(idText, '{}'));
    const request: ServerRequest = {
      method,
      text,
      idText,
      related: call !== undefined,
      respond: (body) => this.#sendOnly(`{"jsonrpc":"2.0","id":${idText},${body}}`),
    };
    if (call) this.#calls.ask(call, request);
    else this.#options.events.onRequest(request);
  }

  /** The call was refused with a status and no JSON-RPC answer. */
  #refused(post: Post): void {
    const { call, status } = post;
    const forgotten =
      this.sessionId !== undefined && this.opened.era === 'legacy' && (status === 404 || status === 400);
    if (forgotten && post.again && call.out.method !== 'initialize') {
      // The server did not know the session, so the call did not run: the one case in which it may be made again.
      post.again = false;
      this.#reopen().then(
        () => this.send(post),
        (error: unknown) => this.#calls.fail(call.id, failure('ERR_UPSTREAM_SESSION', String(error), false)),
      );
      return;
    }
    this.#calls.fail(call.id, refusedWith(status));
  }

  /** One new session for all calls that found the old one gone. */
  #reopen(): Promise<void> {
    this.#reopening ??= (async () => {
      try {
        this.#stopStream?.();
        this.sessionId = undefined;
        await this.#options.reopen(this);
        this.#options.events.onReopened();
      } finally {
        this.#reopening = undefined;
      }
    })();
    return this.#reopening;
  }

  #resume(post: Post): void {
    post.resumes++;
    post.call.handler.pause?.();
    post.timer = setTimeout(() => {
      post.abort = this.#options.link.openStream(this.#headers(undefined, post.lastEventId), post);
    }, post.retryMs).unref();
  }

  /** Nobody waits for this call any more: closing the stream says so in the modern era, a message in the legacy one. */
  #giveUp(post: Post): void {
    const { call } = post;
    clearTimeout(post.timer);
    if (this.opened.era === 'legacy' && call.out.method !== 'initialize') {
      this.notify('notifications/cancelled', `{"requestId":${call.id},"reason":"The caller no longer waits."}`);
    }
    post.abort?.();
  }

  #sendOnly(text: string): void {
    const quiet = () => undefined;
    // On the side: calls that wait for this very message may hold every other connection.
    this.#options.link.post(
      text,
      this.#headers(undefined),
      { onHead: quiet, onMessage: quiet, onEnd: quiet, onError: quiet },
      'side',
    );
  }

  #headers(out: Outgoing | undefined, lastEventId?: string): string[] {
    const { era, revision } = this.opened;
    if (era === 'modern') {
      if (!out) return ['MCP-Protocol-Version', revision];
      const headers = makeStandardHeaders(revision, out.method, out.name);
      if (out.headerParams) headers.push(...makeParamHeaders(out.headerParams, out.arguments));
      if (out.trace) headers.push(...out.trace.headers);
      return headers;
    }
    const headers: string[] = [];
    if (revision !== '') headers.push('MCP-Protocol-Version', revision);
    if (this.sessionId !== undefined) headers.push('Mcp-Session-Id', this.sessionId);
    if (lastEventId !== undefined) headers.push('Last-Event-ID', lastEventId);
    if (out?.trace) headers.push(...out.trace.headers);
    return headers;
  }
}
