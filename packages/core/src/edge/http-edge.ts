import { fault, isFault } from '@sekisho/protocol';
import type { Fault, HeaderReader, Message, RequestMessage } from '@sekisho/protocol';
import type { GatewayContext } from '../context.ts';
import type { Endpoint } from '../endpoint.ts';
import { openEntry } from '../entry.ts';
import { metered } from '../metered.ts';
import { runPipeline } from '../pipeline.ts';
import { isRefusal } from '../ports.ts';
import type { Awaitable, Permit, Principal, Refusal } from '../ports.ts';
import { admitted, modernCaller, readFront } from './front.ts';
import { jsonHeaders } from './http-exchange.ts';
import type { BodyRead, HttpExchange } from './http-exchange.ts';
import { LegacyEdge } from './legacy-edge.ts';
import { createOriginCheck } from './origin.ts';
import type { OriginOptions } from './origin.ts';
import { authenticated, conclude, refuse, refuseFault } from './refuse.ts';
import { modernReply } from './replies.ts';
import { StreamPlace } from '../stream-place.ts';

export interface HttpEdgeOptions extends OriginOptions {
  /** Largest request body, bytes. Default 4,194,304 (4 MiB); range 1,024 to 1,073,741,824. */
  readonly maxBodyBytes?: number;
  /** Deepest nesting of a request. Default 100; range 8 to 10,000. */
  readonly maxDepth?: number;
  /**
   * Headers of every response, errors and streams included, besides `X-Content-Type-Options` and `Cache-Control`.
   * Only the `node:http` listener writes them; a web-standard host adds its own. Default: none.
   */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /** More headers that depend on the request, names and values in turn, such as those of CORS. Default: none. */
  readonly extraHeaders?: (header: HeaderReader) => readonly string[];
  /** Addresses and networks (`10.0.0.0/8`) of the proxies whose `X-Forwarded-For` and `-Proto` are believed. Default: nobody's. */
  readonly trustedProxies?: readonly string[];
}

/** Where endpoints are. */
export interface Endpoints {
  find(path: string): Endpoint | undefined;
  /** Whether a path could be one of a server's. What does not exist there must answer like what is hidden. */
  isBelow(path: string): boolean;
}

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset=(?:utf-8|"utf-8")[ \t]*)?;?$/i;

/** The HTTP side of the gateway: Streamable HTTP of both eras on each endpoint. */
export class HttpEdge {
  readonly #context: GatewayContext;
  readonly #endpoints: Endpoints;
  readonly #checkOrigin: (http: HttpExchange) => Fault | undefined;
  readonly #legacy: LegacyEdge;
  readonly #maxBodyBytes: number;
  readonly #limits: { readonly maxDepth: number };

  constructor(context: GatewayContext, endpoints: Endpoints, options: HttpEdgeOptions) {
    this.#context = context;
    this.#endpoints = endpoints;
    this.#checkOrigin = createOriginCheck(options);
    this.#maxBodyBytes = options.maxBodyBytes ?? 4_194_304;
    this.#limits = { maxDepth: options.maxDepth ?? 100 };
    this.#legacy = new LegacyEdge(context);
  }

  /** Serves one request. Never throws: whatever goes wrong inside is a 500 without detail, and on the log. */
  handle(http: HttpExchange): void {
    // On record from here on, whatever becomes of it.
    const entry = openEntry(this.#context, http);
    if (entry) {
      http.entry = entry;
      http.onGone(() => entry.gone());
    }
    this.#guard(http, () => this.#admit(http));
  }

  /** Runs one step; steps wait only where a port makes them. */
  #guard(http: HttpExchange, step: () => Awaitable<void>): void {
    try {
      const done = step();
      if (done) done.catch((error: unknown) => this.#failed(http, error));
    } catch (error) {
      this.#failed(http, error);
    }
  }

  #failed(http: HttpExchange, error: unknown): void {
    this.#context.log.error(
      { error: error instanceof Error ? error.stack : String(error) },
      'a request failed at the edge',
    );
    const text = '{"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error."}}';
    void conclude(http, { result: 'failed', reason: 'internal' }, { status: 500, headers: jsonHeaders(), text });
  }

  #admit(http: HttpExchange): Awaitable<void> {
    const foreign = this.#checkOrigin(http);
    if (foreign) return refuseFault(http, foreign);
    const endpoint = this.#endpoints.find(http.path);
    if (!endpoint && !this.#endpoints.isBelow(http.path)) return refuseFault(http, noEndpoint());
    // Per address and before any cryptography, so that a flood costs nothing; before the body is read as well.
    const refused = this.#context.ports.admit?.(http);
    if (refused instanceof Promise)
      return refused.then((late) => (late ? refuse(http, late) : this.#route(http, endpoint)));
    return refused ? refuse(http, refused) : this.#route(http, endpoint);
  }

  /** Nothing of a request is judged before its sender is known, not even its method: only its size, since a proof may bind its body. */
  #route(http: HttpExchange, endpoint: Endpoint | undefined): Awaitable<void> {
    if (http.method === 'POST')
      return http.readBody(this.#maxBodyBytes, (body) => this.#guard(http, () => this.#received(http, endpoint, body)));
    return this.#identified(http, endpoint, (principal, known) =>
      this.#counted(http, known, principal, http.method, undefined, (headers) => {
        if (http.method === 'GET') return this.#legacy.get(http, known, principal, headers);
        if (http.method === 'DELETE') return this.#legacy.delete(http, known, principal, headers);
        const reason = fault('method-not-allowed', 'This endpoint takes POST, GET and DELETE.');
        return refuseFault(http, reason, { ...headers, Allow: 'POST, GET, DELETE' });
      }),
    );
  }

  #received(http: HttpExchange, endpoint: Endpoint | undefined, body: BodyRead): Awaitable<void> {
    if (body === 'gone') return http.entry?.gone();
    if (body === 'too-large')
      return refuseFault(http, fault('too-large', `The body is larger than ${this.#maxBodyBytes} bytes.`), {
        Connection: 'close',
      });
    if (http.entry) http.entry.requestBytes = body.length;
    return this.#identified(http, endpoint, (principal, known) => this.#post(http, known, principal, body));
  }

  #post(http: HttpExchange, endpoint: Endpoint, principal: Principal, body: Uint8Array): Awaitable<void> {
    const type = http.header('content-type');
    if (type === undefined || !(type === 'application/json' || JSON_TYPE.test(type)))
      return refuseFault(http, fault('media-type', 'Send application/json.'));
    const coding = http.header('content-encoding');
    if (coding !== undefined && coding !== 'identity')
      return refuseFault(http, fault('media-type', 'Send the body without content coding.'));
    const accept = http.header('accept');
    if (accept !== undefined && !accepts(accept))
      return refuseFault(http, fault('not-acceptable', 'Accept application/json and text/event-stream.'));
    const { header, entry } = http;
    const front = readFront(body, this.#limits, header);
    if (isFault(front)) return refuseFault(http, front);
    entry?.read(front);
    return front.kind === 'legacy'
      ? this.#legacy.post(http, endpoint, principal, front.message)
      : this.#modern(http, endpoint, principal, front.message, front.revision);
  }

  #modern(
    http: HttpExchange,
    endpoint: Endpoint,
    principal: Principal,
    message: Message,
    revision: string,
  ): Awaitable<void> {
    // Nothing that a modern client notifies over HTTP has a meaning: closing the stream cancels.
    if (message.kind !== 'request') {
      const method = message.kind === 'notification' ? message.method : 'response';
      return this.#counted(http, endpoint, principal, method, undefined, (headers) =>
        conclude(http, { result: 'answered' }, { status: 202, headers }),
      );
    }
    const caller = modernCaller(message, revision, principal);
    if (isFault(caller)) return this.#turnAway(http, endpoint, principal, message, caller);
    const place = StreamPlace.for(this.#context, principal, http, endpoint.server);
    const reply = modernReply(http, this.#context.streams, principal, place);
    const x = admitted(message, caller, principal, endpoint, http, reply, this.#context, http.entry);
    if (isFault(x)) return this.#turnAway(http, endpoint, principal, message, x);
    x.stream = place;
    http.onGone(() => x.cancel?.());
    return runPipeline(authenticated(x, principal), this.#context);
  }

  /** A request that comes to nothing counts like any other, or asking for nothing would be free. */
  #turnAway(
    http: HttpExchange,
    endpoint: Endpoint,
    principal: Principal,
    { method, idText }: RequestMessage,
    reason: Fault,
  ): Awaitable<void> {
    return this.#counted(http, endpoint, principal, method, idText, (headers) => refuseFault(http, reason, headers));
  }

  #counted(
    http: HttpExchange,
    endpoint: Endpoint,
    principal: Principal,
    method: string,
    idText: string | undefined,
    go: (headers: Permit['headers']) => Awaitable<void>,
  ): Awaitable<void> {
    return metered({ principal, credentials: http, method, server: endpoint.server }, this.#context, go, (refusal) =>
      refuse(http, refusal, idText),
    );
  }

  /** Goes on with the principal that authentication proved. A failure of authentication is never an identity. */
  #identified(
    http: HttpExchange,
    endpoint: Endpoint | undefined,
    serve: (principal: Principal, endpoint: Endpoint) => Awaitable<void>,
  ): Awaitable<void> {
    const after = (who: Principal | Refusal): Awaitable<void> => {
      if (isRefusal(who)) return refuse(http, who);
      if (http.entry) http.entry.principal = who;
      return endpoint && !this.#isHidden(endpoint, who) ? serve(who, endpoint) : this.#nowhere(http, who);
    };
    let who: Awaitable<Principal | Refusal>;
    try {
      who = this.#context.ports.authenticate(http);
    } catch (error) {
      return after(this.#undecided(error));
    }
    return who instanceof Promise ? who.catch((error: unknown) => this.#undecided(error)).then(after) : after(who);
  }

  /** Trying names counts like any other request. */
  #nowhere(http: HttpExchange, principal: Principal): Awaitable<void> {
    return metered(
      { principal, credentials: http, method: http.method, server: undefined },
      this.#context,
      (headers) => refuseFault(http, noEndpoint(), headers),
      (refusal) => refuse(http, refusal),
    );
  }

  /** The endpoint of a server that this principal must not know of is none. */
  #isHidden({ server }: Endpoint, principal: Principal): boolean {
    const { knows } = this.#context.ports;
    return server !== undefined && knows !== undefined && !knows(principal, server);
  }

  #undecided(error: unknown): Refusal {
    this.#context.log.error({ error: String(error) }, 'authentication failed to decide');
    return { refused: 'unauthenticated' };
  }
}

function noEndpoint(): Fault {
  return fault('unknown-endpoint', 'There is no endpoint here.');
}

function accepts(given: string): boolean {
  const accept = given.toLowerCase();
  return (
    accept.includes('application/json') ||
    accept.includes('text/event-stream') ||
    accept.includes('*/*') ||
    accept.includes('application/*')
  );
}
