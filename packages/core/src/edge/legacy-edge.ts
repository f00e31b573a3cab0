import { LEGACY_REVISIONS, fault, isFault, isObject, resultText } from '@sekisho/protocol';
import type { BatchMessage, Fault, Message, RequestMessage } from '@sekisho/protocol';
import { CANCELLED, notice } from '../client/notices.ts';
import { viewFor } from '../catalogue/narrow.ts';
import type { Session } from '../client/session.ts';
import type { GatewayContext } from '../context.ts';
import { initialization, negotiate } from '../discovery.ts';
import type { Endpoint } from '../endpoint.ts';
import { metered } from '../metered.ts';
import type { Reply } from '../exchange.ts';
import { runPipeline } from '../pipeline.ts';
import type { Awaitable, Permit, Principal, Refusal, Target } from '../ports.ts';
import { StreamPlace } from '../stream-place.ts';
import { joined } from '../wire.ts';
import { admitted } from './front.ts';
import { authenticated, conclude, refuse, refuseFault } from './refuse.ts';
import { notify, turnAway } from './counted.ts';
import type { Sender } from './counted.ts';
import { afterIntent, openEntry } from '../entry.ts';
import { SSE_HEADERS, jsonHeaders } from './http-exchange.ts';
import type { HttpExchange } from './http-exchange.ts';
import { legacyReply, sseOutlet } from './replies.ts';

/** Streamable HTTP as it was with sessions: 2025-11-25 and earlier. */
export class LegacyEdge {
  readonly #context: GatewayContext;

  constructor(context: GatewayContext) {
    this.#context = context;
  }

  post(http: HttpExchange, endpoint: Endpoint, principal: Principal, message: Message | BatchMessage): Awaitable<void> {
    if (message.kind === 'request' && message.method === 'initialize')
      return this.#counted(http, endpoint, principal, message, (headers) =>
        this.#initialize(http, endpoint, principal, message, headers),
      );
    const session = this.#session(http, endpoint, principal);
    if (isFault(session))
      return this.#counted(http, endpoint, principal, message, (headers) =>
        refuseFault(http, message.kind === 'request' ? { ...session, idText: message.idText } : session, headers),
      );
    if (message.kind === 'batch') return this.#batch(http, session, principal, message);
    if (message.kind === 'response' && session.answer(message)) return taken(http);
    if (message.kind === 'notification' && message.method === CANCELLED) {
      notice(session, message, this.#context);
      return taken(http);
    }
    if (message.kind !== 'request')
      return this.#counted(http, endpoint, principal, message, (headers) => {
        if (message.kind === 'notification') notice(session, message, this.#context);
        return taken(http, headers);
      });
    const place = StreamPlace.for(this.#context, principal, http, endpoint.server);
    const sender = { principal, credentials: http, entry: http.entry };
    return this.#request(session, sender, message, legacyReply(http, this.#context.streams, session, place), place);
  }

  #counted(
    http: HttpExchange,
    { server }: Endpoint,
    principal: Principal,
    message: Message | BatchMessage,
    go: (headers: Permit['headers']) => Awaitable<void>,
  ): Awaitable<void> {
    const method = 'method' in message ? message.method : message.kind;
    const idText = message.kind === 'request' ? message.idText : undefined;
    return metered({ principal, credentials: http, method, server }, this.#context, go, (refusal) =>
      refuse(http, refusal, idText),
    );
  }

  /** The stream for what belongs to no request, or the rest of one that broke. */
  get(http: HttpExchange, endpoint: Endpoint, principal: Principal, headers: Permit['headers']): Awaitable<void> {
    const accept = http.header('accept') ?? '';
    if (!accept.includes('text/event-stream') && !accept.includes('*/*'))
      return refuseFault(http, fault('not-acceptable', 'This is a stream: accept text/event-stream.'));
    if (http.header('mcp-session-id') === undefined)
      return refuseFault(http, fault('method-not-allowed', 'Open a session with POST first.'), { Allow: 'POST' });
    const session = this.#session(http, endpoint, principal);
    if (isFault(session)) return refuseFault(http, session);
    const place = StreamPlace.for(this.#context, principal, http, endpoint.server);
    const full = place?.take();
    if (full) return refuse(http, full);
    // Before the stream opens, like any intent: one that stays open for hours is on record from its beginning.
    return afterIntent(
      http.entry,
      () => this.#stream(http, session, place, headers),
      (refusal) => refuse(http, refusal),
    );
  }

  #stream(http: HttpExchange, session: Session, place: StreamPlace | undefined, headers: Permit['headers']): void {
    // Who left while that was written has no stream to open.
    if (http.gone) return place?.close();
    const lastEventId = http.header('last-event-id');
    const resumed = lastEventId === undefined ? undefined : session.findStream(lastEventId);
    const stream = resumed?.stream ?? session.standalone();
    const fields = { ...SSE_HEADERS, ...headers, 'Mcp-Session-Id': session.id };
    const outlet = sseOutlet(this.#context.streams.begin(http, fields, session), () => {
      place?.close();
      void http.entry?.end({ result: 'answered' });
    });
    // Something on the wire at once, so that the client and what stands between know that the stream is open.
    outlet.comment();
    stream.attach(outlet, resumed?.after);
    http.onGone(() => {
      stream.detach(outlet);
      outlet.end();
    });
  }

  delete(http: HttpExchange, endpoint: Endpoint, principal: Principal, headers: Permit['headers']): Awaitable<void> {
    const session = this.#session(http, endpoint, principal);
    if (isFault(session)) return refuseFault(http, session, headers);
    this.#context.sessions.end(session);
    return conclude(http, { result: 'answered' }, { status: 200, headers });
  }

  #initialize(
    http: HttpExchange,
    endpoint: Endpoint,
    principal: Principal,
    message: RequestMessage,
    headers: Permit['headers'],
  ): Awaitable<void> {
    const denied = this.#context.ports.decide(principal, initializing(endpoint), http.remoteAddress);
    const after = (refusal: Refusal | undefined) =>
      refusal ? refuse(http, refusal, message.idText) : this.#open(http, endpoint, principal, message, headers);
    return denied instanceof Promise ? denied.then(after) : after(denied);
  }

  #open(
    http: HttpExchange,
    endpoint: Endpoint,
    principal: Principal,
    message: RequestMessage,
    headers: Permit['headers'],
  ): Awaitable<void> {
    const session = openSession(message, endpoint, principal, http.remoteAddress, this.#context);
    if (isFault(session)) return refuseFault(http, session, headers);
    const view = viewFor(endpoint.view, principal, this.#context.ports.knows);
    return conclude(
      http,
      { result: 'answered' },
      {
        status: 200,
        headers: jsonHeaders({ ...headers, 'Mcp-Session-Id': session.id }),
        text: resultText(message.idText, initialization(view, session.revision, this.#context)),
      },
    );
  }

  /** The session a request belongs to. One of another principal or endpoint is answered like one that does not exist. */
  #session(http: HttpExchange, endpoint: Endpoint, principal: Principal): Session | Fault {
    const id = http.header('mcp-session-id');
    if (id === undefined)
      return fault('session-required', 'Send the Mcp-Session-Id that "initialize" was answered with.');
    const session = this.#context.sessions.find(id, principal);
    if (http.entry && this.#context.sessions.isForeign(id, principal))
      http.note({ 'session.principal_mismatch': true });
    if (!session || session.endpoint !== endpoint)
      return fault('unknown-session', 'Session not found; begin anew with "initialize".');
    const revision = http.header('mcp-protocol-version');
    if (revision !== undefined && !LEGACY_REVISIONS.includes(revision))
      return fault('unsupported-revision', 'This protocol version is not served.', {
        data: { supported: LEGACY_REVISIONS, requested: revision },
      });
    session.seen(principal, http.remoteAddress);
    return session;
  }

  #request(
    session: Session,
    sender: Sender,
    message: RequestMessage,
    reply: Reply,
    place?: StreamPlace,
  ): Awaitable<void> {
    const { endpoint } = session;
    const { principal, credentials, entry } = sender;
    const x = admitted(message, session.caller, principal, endpoint, credentials, reply, this.#context, entry);
    // Before 2026-07-28 a method that does not exist is answered in band.
    if (isFault(x)) return turnAway(x, message, { ...sender, endpoint, reply }, this.#context);
    x.stream = place;
    return runPipeline(authenticated(x, principal), this.#context);
  }

  /** A batch of 2025-03-26: the answers come together, as one array. */
  async #batch(http: HttpExchange, session: Session, principal: Principal, batch: BatchMessage): Promise<void> {
    if (!session.revision.batches)
      return refuseFault(http, fault('batch', 'Send one message for each request; this revision has no batches.'));
    if (batch.messages.length > MAX_BATCH)
      return refuseFault(http, fault('batch', `A batch holds at most ${MAX_BATCH} messages.`));
    const answers: Promise<string>[] = [];
    for (const message of batch.messages) {
      if (message.kind === 'response') session.answer(message);
      else if (message.kind === 'request') answers.push(this.#collected(session, http, principal, message));
      else await notify(session, message, { principal, credentials: http, entry: undefined }, this.#context);
    }
    // The calls in it have their own records, and go on without the client; this one is of the batch.
    if (http.entry) http.entry.outlivesClient = true;
    if (answers.length === 0) return await taken(http);
    const text = `[${(await Promise.all(answers)).join(',')}]`;
    await conclude(http, { result: 'answered' }, { status: 200, headers: jsonHeaders(), text });
  }

  #collected(
    session: Session,
    credentials: HttpExchange,
    principal: Principal,
    message: RequestMessage,
  ): Promise<string> {
    const entry = openEntry(this.#context, credentials);
    entry?.read({ kind: 'legacy', message });
    if (entry) entry.principal = principal;
    return new Promise((resolve) => {
      const reply: Reply = {
        send: (text) => session.standalone().send(text),
        end: (text, tail) => resolve(joined(text, tail)),
        refuse: (_status, text) => resolve(text),
      };
      void this.#request(session, { principal, credentials, entry }, message, reply);
    });
  }
}

const MAX_BATCH = 100;

/** What is decided on before a session is opened: a method like any other. */
export function initializing({ server }: Endpoint): Target {
  return { method: 'initialize', kind: 'session', server, name: undefined };
}

/** What wants no answer was taken. */
function taken(http: HttpExchange, headers?: Permit['headers']): Awaitable<void> {
  return conclude(http, { result: 'answered' }, { status: 202, headers });
}

/** A new session as `initialize` asks for it. */
export function openSession(
  message: RequestMessage,
  endpoint: Endpoint,
  principal: Principal,
  address: string | undefined,
  context: GatewayContext,
): Session | Fault {
  const { params, idText } = message;
  if (!params || typeof params['protocolVersion'] !== 'string')
    return fault('invalid-params', '"protocolVersion" must be a string.', { idText });
  const { capabilities, clientInfo } = params;
  if (capabilities !== undefined && !isObject(capabilities))
    return fault('invalid-params', '"capabilities" must be an object.', { idText });
  const session = context.sessions.create({
    principal,
    address,
    context,
    endpoint,
    revision: negotiate(params['protocolVersion']),
    capabilities: isObject(capabilities) ? capabilities : {},
    clientInfo: isObject(clientInfo) ? clientInfo : undefined,
  });
  context.subscribers.add(session);
  return session;
}
