import { errorText, reachesLevel } from '@sekisho/protocol';
import type { JsonObject, LogLevel, ResponseMessage, Revision } from '@sekisho/protocol';
import type { Endpoint } from '../endpoint.ts';
import type { Authenticated, Caller } from '../exchange.ts';
import type { Credentials, Principal } from '../ports.ts';
import { Bag } from '../bag.ts';
import type { Affinity } from '../upstreams/sessions.ts';
import { viewFor } from '../catalogue/narrow.ts';
import type { View } from '../catalogue/catalogue.ts';
import { askLegacy } from '../questions/ask-legacy.ts';
import { passQuestionNews } from '../questions/question-news.ts';
import type { GatewayContext } from '../context.ts';
import { EventStream, readEventId } from './event-log.ts';
import type { Outlet } from './event-log.ts';
import type { Subscriber } from './subscribers.ts';
import { notificationText } from './subscribers.ts';
import type { ItemKind } from '../catalogue/item.ts';

const OVER = 'Session not found; begin anew with "initialize".';

export interface SessionOptions {
  readonly id: string;
  readonly principal: Principal;
  /** The client's network address. */
  readonly address: string | undefined;
  readonly context: GatewayContext;
  readonly endpoint: Endpoint;
  readonly revision: Revision;
  readonly capabilities: JsonObject;
  readonly clientInfo: JsonObject | undefined;
}

/** The stream a client opens with GET, for what belongs to none of its requests. */
const STANDALONE = '0';
const MAX_STREAMS = 64;
/** Questions that one client may have open; more is a server that floods it. */
const MAX_QUESTIONS = 32;
const LIST_CHANGED: Readonly<Record<ItemKind, string>> = {
  tool: 'notifications/tools/list_changed',
  prompt: 'notifications/prompts/list_changed',
  resource: 'notifications/resources/list_changed',
  template: 'notifications/resources/list_changed',
};

/** What is known of a client that is asked while none of its requests is open. */
function unrequested(remoteAddress: string | undefined): Credentials {
  return {
    transport: remoteAddress === undefined ? 'stdio' : 'http',
    method: '',
    path: '',
    url: '',
    header: () => undefined,
    headers: () => undefined,
    remoteAddress,
    peerCertificate: undefined,
    body: undefined,
  };
}

/** The conversation with one legacy client. It belongs to one principal and one endpoint and to nobody else. */
export class Session implements Subscriber {
  readonly id: string;
  readonly principalId: string;
  readonly endpoint: Endpoint;
  readonly revision: Revision;
  readonly capabilities: JsonObject;
  readonly clientInfo: JsonObject | undefined;
  logLevel: LogLevel | undefined;
  usedMs: number;
  /** As its last request proved it: the same id, perhaps with other rights. */
  principal: Principal;
  address: string | undefined;
  /** The client's side of each of its requests. */
  readonly caller: Caller;
  readonly uris = new Set<string>();
  /** Calls in flight, so that the client can cancel them. */
  readonly calls = new Bag<Authenticated>();
  #streams: Map<string, EventStream> | undefined;
  #questions: Map<string, (body: string) => void> | undefined;
  #lastId = 0;
  readonly #affinity: Affinity;
  readonly #context: GatewayContext;

  constructor(options: SessionOptions, nowMs: number) {
    this.id = options.id;
    this.principalId = options.principal.id;
    this.principal = options.principal;
    this.address = options.address;
    this.#context = options.context;
    this.endpoint = options.endpoint;
    this.revision = options.revision;
    this.capabilities = options.capabilities;
    this.clientInfo = options.clientInfo;
    this.usedMs = nowMs;
    this.#affinity = this.#newAffinity();
    this.caller = {
      era: 'legacy',
      revision: options.revision,
      capabilities: options.capabilities,
      clientInfo: options.clientInfo,
      logLevel: undefined,
      session: this,
      affinity: this.#affinity,
    };
  }

  /** True where the client can be asked something in the middle of a call. */
  get canBeAsked(): boolean {
    return ['sampling', 'elicitation', 'roots'].some((key) => Object.hasOwn(this.capabilities, key));
  }

  /** The key of the upstream conversations that are kept for this client; per principal where it cannot be asked. */
  get affinity(): Affinity {
    return this.#affinity;
  }

  /** What its client may know of the endpoint. */
  get view(): View {
    return viewFor(this.endpoint.view, this.principal, this.#context.ports.knows);
  }

  /** Another request of it has come. */
  seen(principal: Principal, address: string | undefined): void {
    this.principal = principal;
    this.address = address;
  }

  #newAffinity(): Affinity {
    if (!this.canBeAsked) return { key: this.principalId, capabilities: {} };
    return {
      key: `${this.principalId} ${this.id}`,
      capabilities: this.capabilities,
      onRequest: (request, server) => {
        const { principal } = this;
        const credentials = unrequested(this.address);
        askLegacy({ session: this, principal, credentials, server, send: undefined }, request, this.#context);
      },
      onNotification: (method, text, server) =>
        passQuestionNews({ method, text, server }, this.principal, this.#context, (news) =>
          this.standalone().send(news),
        ),
    };
  }

  /** True while the client holds its stream for news open. */
  get listening(): boolean {
    return this.#streams?.get(STANDALONE)?.attached === true;
  }

  /** A new stream for the answer to one request. */
  openStream(): EventStream {
    this.#streams ??= new Map();
    for (const [id, stream] of this.#streams) {
      if (this.#streams.size < MAX_STREAMS) break;
      if (id !== STANDALONE && stream.done) this.#streams.delete(id);
    }
    const stream = new EventStream((++this.#lastId).toString(36));
    this.#streams.set(stream.id, stream);
    return stream;
  }

  standalone(): EventStream {
    this.#streams ??= new Map();
    let stream = this.#streams.get(STANDALONE);
    if (!stream) this.#streams.set(STANDALONE, (stream = new EventStream(STANDALONE)));
    return stream;
  }

  /** The stream an event id belongs to, and the place in it. */
  findStream(eventId: string): { stream: EventStream; after: number } | undefined {
    const place = readEventId(eventId);
    const stream = place && this.#streams?.get(place.stream);
    return stream ? { stream, after: place.seq } : undefined;
  }

  /** Whether a log message of `level` goes to this client. Before it says what it wants, the server decides. */
  wantsLog(level: string): boolean {
    return this.logLevel === undefined || reachesLevel(level, this.logLevel);
  }

  /**
   * Puts a server's question to the client, on the stream of the call it belongs to.
   *
   * @param respond called once, with raw JSON of `"result":...` or `"error":...`
   * @param send where it goes; undefined for the client's stream of news
   * @returns takes the question back: the client is told, and its answer is none any more
   */
  ask(
    method: string,
    params: string,
    respond: (body: string) => void,
    send: ((text: string) => void) | undefined,
  ): () => void {
    const questions = (this.#questions ??= new Map<string, (body: string) => void>());
    if (questions.size >= MAX_QUESTIONS) {
      respond('"error":{"code":-32603,"message":"The client has too many questions open."}');
      return () => undefined;
    }
    const tell = send ?? ((text: string) => this.standalone().send(text));
    const id = `"sekisho-${++this.#lastId}"`;
    questions.set(id, respond);
    tell(`{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${params}}`);
    return () => {
      if (!questions.delete(id)) return;
      tell(
        `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id},"reason":"The server does not wait any more."}}`,
      );
    };
  }

  /** Takes the client's answer to a question. False where nothing was asked under that id. */
  answer(response: ResponseMessage): boolean {
    const respond = response.idText === undefined ? undefined : this.#questions?.get(response.idText);
    const body = response.members.get(response.ok ? 'result' : 'error');
    if (!respond || !body || response.idText === undefined) return false;
    this.#questions?.delete(response.idText);
    respond(response.text.slice(body.keyStart, body.end));
    return true;
  }

  listChanged(kind: ItemKind): void {
    this.standalone().send(notificationText(LIST_CHANGED[kind]));
  }

  updated(uri: string): void {
    this.standalone().send(notificationText('notifications/resources/updated', { uri }));
  }

  attachStandalone(outlet: Outlet): void {
    this.standalone().attach(outlet);
  }

  /** Ends the session: open streams close, questions get no answer any more. */
  close(): void {
    for (const call of this.calls.items()) {
      call.cancel?.();
      // Over HTTP its request is still open, and would be for ever; its client hears what every later request would.
      if (call.credentials.transport === 'http') call.reply.refuse(404, errorText(call.message.idText, -32600, OVER));
    }
    for (const stream of this.#streams?.values() ?? []) stream.finish();
    for (const respond of this.#questions?.values() ?? [])
      respond('"error":{"code":-32603,"message":"The client has gone."}');
    this.#questions?.clear();
  }
}
