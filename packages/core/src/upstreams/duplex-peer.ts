import { META, isObject, metaOf, resultText } from '@sekisho/protocol';
import type { JsonObject } from '@sekisho/protocol';
import { Calls, ask, askRaw } from './calls.ts';
import type { CallTimes, OpenCall } from './calls.ts';
import type { Deadlines } from './deadlines.ts';
import { failure } from './failure.ts';
import type { UpstreamFailure } from './failure.ts';
import { parseObject } from '../wire.ts';
import { readIncoming } from './incoming.ts';
import type { Incoming } from './incoming.ts';
import { renderRequest } from './outgoing.ts';
import type { CallerFacts, Outgoing } from './outgoing.ts';
import type { CallHandler, Opened, Peer, PeerEvents, ServerRequest } from './peer.ts';

/** A two-way line to a server: a process's pipes, or the deprecated HTTP+SSE transport. */
export interface DuplexLink {
  send(text: string): void | Promise<void>;
  close(): Promise<void>;
}

export interface DuplexPeerOptions {
  readonly deadlines: Deadlines;
  readonly times: CallTimes;
  readonly events: PeerEvents;
  readonly facts: CallerFacts;
}

/**
 * A conversation over one two-way line, in either era. Answers are told apart by id, progress by token. Nothing on such a
 * line says which call a log message or a question belongs to: it is given to a call only where no other can be meant.
 */
export class DuplexPeer implements Peer {
  opened: Opened = {
    era: 'legacy',
    revision: '',
    capabilities: {},
    serverInfo: undefined,
    instructions: undefined,
    ttlMs: 0,
  };
  readonly #calls: Calls;
  readonly #options: DuplexPeerOptions;
  #link: DuplexLink | undefined;
  #lost: UpstreamFailure | undefined;

  constructor(options: DuplexPeerOptions) {
    this.#options = options;
    this.#calls = new Calls(options.deadlines, options.times);
  }

  /** The line is up. Bytes that arrive before are impossible: nothing was sent. */
  attach(link: DuplexLink): void {
    this.#link = link;
  }

  /** Calls in flight, for idle stop. */
  get inFlight(): number {
    return this.#calls.size;
  }

  call(out: Outgoing, handler: CallHandler): () => void {
    if (this.#lost || !this.#link) {
      handler.fail(this.#lost ?? failure('ERR_UPSTREAM_UNAVAILABLE', 'not connected', false));
      return () => undefined;
    }
    const { era, revision } = this.opened;
    const call = this.#calls.add(out, handler, (late) => this.#cancelled(late));
    if (out.method === 'subscriptions/listen') this.#calls.keepOpen(call);
    this.#send(renderRequest(out, call.id, era, revision), call);
    return () => {
      if (this.#calls.take(call.id)) this.#cancelled(call);
    };
  }

  notify(method: string, params?: string): void {
    this.#send(`{"jsonrpc":"2.0","method":"${method}"${params === undefined ? '' : `,"params":${params}`}}`);
  }

  ask(method: string, params: JsonObject, facts = this.#options.facts): Promise<JsonObject> {
    return ask(this, method, params, facts);
  }

  askRaw(method: string, params: JsonObject): ReturnType<Peer['askRaw']> {
    return askRaw(this, method, params, this.#options.facts);
  }

  async close(): Promise<void> {
    this.#lost ??= failure('ERR_UPSTREAM_CLOSED', 'closed by the gateway', true);
    this.#calls.failAll(this.#lost);
    await this.#link?.close();
  }

  /** The line is gone: every call in flight gets an error, none hangs. */
  lost(reason: UpstreamFailure): void {
    if (this.#lost) return;
    this.#lost = reason;
    this.#calls.failAll(reason);
    this.#options.events.onLost(reason);
  }

  receive(bytes: Buffer): void {
    for (const message of readIncoming(bytes)) this.#take(message);
  }

  #take(message: Incoming): void {
    switch (message.kind) {
      case 'response':
        if (message.id !== undefined) this.#calls.answer(message.id, message.view);
        return;
      case 'large':
        if (message.id !== undefined) this.#calls.answerLarge(message.id, message.large);
        return;
      case 'notification':
        if (message.method === 'notifications/progress') this.#calls.progress(message.text);
        else if (message.method === 'notifications/message')
          this.#calls.only()?.handler.notify(message.method, message.text);
        else if (!this.#isForSubscription(message.method, message.text))
          this.#options.events.onNotification(message.method, message.text);
        return;
      case 'request':
        this.#answerServer(message);
        return;
      case 'error':
      case 'noise':
        return;
    }
  }

  /** On a line of all, news of the modern era name the subscription that they belong to (basic/patterns/subscriptions). */
  #isForSubscription(method: string, text: string): boolean {
    if (this.opened.era !== 'modern') return false;
    const id = metaOf(paramsOf(text))?.[META.subscription];
    return typeof id === 'number' && this.#calls.subscribed(id, method, text);
  }

  #answerServer(message: Incoming & { kind: 'request' }): void {
    const { method, idText, text } = message;
    if (method === 'ping') return this.#send(resultText(idText, '{}'));
    const request: ServerRequest = {
      method,
      text,
      idText,
      respond: (body) => this.#send(`{"jsonrpc":"2.0","id":${idText},${body}}`),
    };
    this.#calls.askUnclaimed(request);
  }

  #cancelled(call: OpenCall): void {
    // initialize must not be cancelled (2025-11-25, basic/utilities/cancellation).
    if (call.out.method === 'initialize') return;
    this.notify('notifications/cancelled', `{"requestId":${call.id},"reason":"The caller no longer waits."}`);
  }

  #send(text: string, call?: OpenCall): void {
    const sent = this.#link?.send(text);
    if (sent && call) {
      sent.catch((error: unknown) => {
        this.#calls.fail(call.id, failure('ERR_UPSTREAM_UNAVAILABLE', String(error), false));
      });
    } else sent?.catch(() => undefined); // A lost notification is the peer's loss; the line's end is reported by the link.
  }
}

function paramsOf(text: string): JsonObject | undefined {
  const params = parseObject(text)['params'];
  return isObject(params) ? params : undefined;
}
