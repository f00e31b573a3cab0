import { fault, isFault } from '@sekisho/protocol';
import type { Fault, Message } from '@sekisho/protocol';
import type { GatewayContext } from '../context.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Admitted, Authenticated } from '../exchange.ts';
import { runPipeline } from '../pipeline.ts';
import { isRefusal } from '../ports.ts';
import type { Credentials, Principal, Refusal } from '../ports.ts';
import { publicFault, publicRefusal } from '../refusals.ts';
import { admitted, modernCaller, readFront } from './front.ts';
import { jsonHeaders } from './http-exchange.ts';
import type { HttpExchange } from './http-exchange.ts';
import { LegacyEdge } from './legacy-edge.ts';
import { createOriginCheck } from './origin.ts';
import type { OriginOptions } from './origin.ts';
import { modernReply } from './replies.ts';

export interface HttpEdgeOptions extends OriginOptions {
  /** Largest request body, bytes. Default 4,194,304 (4 MiB); range 1,024 to 1,073,741,824. */
  readonly maxBodyBytes?: number;
  /** Deepest nesting of a request. Default 100; range 8 to 10,000. */
  readonly maxDepth?: number;
}

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset=(?:utf-8|"utf-8")[ \t]*)?;?$/i;

/** The HTTP side of the gateway: Streamable HTTP of both eras on each endpoint. */
export class HttpEdge {
  readonly #context: GatewayContext;
  readonly #findEndpoint: (path: string) => Endpoint | undefined;
  readonly #checkOrigin: (http: HttpExchange) => Fault | undefined;
  readonly #legacy: LegacyEdge;
  readonly #maxBodyBytes: number;
  readonly #limits: { readonly maxDepth: number };

  constructor(context: GatewayContext, findEndpoint: (path: string) => Endpoint | undefined, options: HttpEdgeOptions) {
    this.#context = context;
    this.#findEndpoint = findEndpoint;
    this.#checkOrigin = createOriginCheck(options);
    this.#maxBodyBytes = options.maxBodyBytes ?? 4_194_304;
    this.#limits = { maxDepth: options.maxDepth ?? 100 };
    this.#legacy = new LegacyEdge(context);
  }

  /** Serves one request. Never rejects: whatever goes wrong inside is a 500 without detail, and on the log. */
  async handle(http: HttpExchange): Promise<void> {
    try {
      await this.#handle(http);
    } catch (error) {
      this.#context.log.error({ error: error instanceof Error ? error.stack : String(error) }, 'a request failed at the edge');
      http.respond(500, jsonHeaders(), '{"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error."}}');
    }
  }

  async #handle(http: HttpExchange): Promise<void> {
    const foreign = this.#checkOrigin(http);
    if (foreign) return refuseFault(http, foreign);
    const endpoint = this.#findEndpoint(http.path);
    if (!endpoint) return refuseFault(http, fault('unknown-endpoint', 'There is no endpoint here.'));
    if (http.method === 'POST') return await this.#post(http, endpoint);
    if (http.method === 'GET' || http.method === 'DELETE') {
      const principal = await this.#identify(http, undefined);
      if (isRefusal(principal)) return refuse(http, principal);
      return http.method === 'GET' ? this.#legacy.get(http, endpoint, principal) : this.#legacy.delete(http, endpoint, principal);
    }
    const { text } = publicFault(fault('method-not-allowed', 'This endpoint takes POST, GET and DELETE.'));
    http.respond(405, jsonHeaders({ Allow: 'POST, GET, DELETE' }), text);
  }

  async #post(http: HttpExchange, endpoint: Endpoint): Promise<void> {
    const type = http.header('content-type');
    if (type === undefined || !JSON_TYPE.test(type)) return refuseFault(http, fault('media-type', 'Send application/json.'));
    const coding = http.header('content-encoding');
    if (coding !== undefined && coding !== 'identity') return refuseFault(http, fault('media-type', 'Send the body without content coding.'));
    const accept = http.header('accept');
    if (accept !== undefined && !accepts(accept)) return refuseFault(http, fault('not-acceptable', 'Accept application/json and text/event-stream.'));
    // Per address and before any cryptography, so that a flood costs nothing; before the body is read as well.
    const refused = this.#context.ports.admit && (await this.#context.ports.admit(credentialsOf(http, undefined)));
    if (refused) return refuse(http, refused);
    const body = await http.body(this.#maxBodyBytes);
    if (body === 'gone') return;
    if (body === 'too-large') return refuseFault(http, fault('too-large', `The body is larger than ${this.#maxBodyBytes} bytes.`), { Connection: 'close' });
    const header = (name: string) => http.header(name);
    const front = readFront(body, this.#limits, header);
    if (isFault(front)) return refuseFault(http, front);
    const principal = await this.#identify(http, body);
    if (isRefusal(principal)) return refuse(http, principal, idOf(front.message));
    const credentials = credentialsOf(http, body);
    if (front.kind === 'legacy') return await this.#legacy.post(http, endpoint, principal, credentials, front.message);
    return await this.#modern(http, endpoint, principal, credentials, front.message, front.revision, header);
  }

  async #modern(http: HttpExchange, endpoint: Endpoint, principal: Principal, credentials: Credentials, message: Message, revision: string, header: (name: string) => string | undefined): Promise<void> {
    // Nothing that a modern client notifies over HTTP has a meaning: closing the stream cancels.
    if (message.kind !== 'request') return http.respond(202, {});
    const caller = modernCaller(message, revision, principal);
    if (isFault(caller)) return refuseFault(http, caller);
    const x = admitted(message, caller, endpoint, credentials, modernReply(http), this.#context, header);
    if (isFault(x)) return refuseFault(http, x);
    http.onGone(() => x.cancel?.());
    await runPipeline(authenticated(x, principal), this.#context);
  }

  async #identify(http: HttpExchange, body: Uint8Array | undefined): Promise<Principal | Refusal> {
    try {
      return await this.#context.ports.authenticate(credentialsOf(http, body));
    } catch (error) {
      // A failure of authentication is never an identity.
      this.#context.log.error({ error: String(error) }, 'authentication failed to decide');
      return { refused: 'unauthenticated' };
    }
  }
}

/** The same exchange with its sender known. */
export function authenticated(x: Admitted, principal: Principal): Authenticated {
  return Object.assign(x, { principal });
}

function accepts(accept: string): boolean {
  return accept.includes('application/json') || accept.includes('text/event-stream') || accept.includes('*/*') || accept.includes('application/*');
}

function idOf(message: { readonly kind: string }): string | undefined {
  return message.kind === 'request' ? (message as Message & { kind: 'request' }).idText : undefined;
}

function credentialsOf(http: HttpExchange, body: Uint8Array | undefined): Credentials {
  return { transport: 'http', method: http.method, path: http.path, header: (name) => http.header(name), remoteAddress: http.remoteAddress, body };
}

export function refuseFault(http: HttpExchange, reason: Fault, headers?: Readonly<Record<string, string>>): void {
  const { status, text } = publicFault(reason);
  http.respond(status, jsonHeaders(headers), text);
}

function refuse(http: HttpExchange, refusal: Refusal, idText?: string): void {
  const { status, text, headers } = publicRefusal(refusal, idText);
  http.respond(status, jsonHeaders(headers), text);
}
