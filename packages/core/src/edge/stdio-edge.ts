import type { Readable, Writable } from 'node:stream';
import { errorText, fault, isFault, onOneLine, resultText } from '@sekisho/protocol';
import type { Message, RequestMessage } from '@sekisho/protocol';
import { viewFor } from '../catalogue/narrow.ts';
import type { Outlet } from '../client/event-log.ts';
import { cancelledId } from '../client/notices.ts';
import type { Session } from '../client/session.ts';
import type { GatewayContext } from '../context.ts';
import { initialization } from '../discovery.ts';
import type { Endpoint } from '../endpoint.ts';
import { canonicalId } from '../exchange.ts';
import type { Admitted, Reply } from '../exchange.ts';
import { metered } from '../metered.ts';
import { runPipeline } from '../pipeline.ts';
import { isRefusal } from '../ports.ts';
import type { Awaitable, Credentials, Principal, Refusal } from '../ports.ts';
import { publicFault, publicRefusal } from '../refusals.ts';
import { joined } from '../wire.ts';
import { createLineSplitter } from '../upstreams/stdio/line-splitter.ts';
import { admitted, modernCaller, readFront } from './front.ts';
import { authenticated } from './refuse.ts';
import { initializing, openSession } from './legacy-edge.ts';
import { notify, turnAway } from './counted.ts';
import { StreamPlace } from '../stream-place.ts';

export interface StdioEdgeOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly endpoint: Endpoint;
  readonly context: GatewayContext;
  readonly maxBodyBytes: number;
  readonly maxDepth: number;
}

/** The gateway as a stdio server: one client, one line for each message, either era. Resolves when the client has gone. */
export async function serveLines(options: StdioEdgeOptions): Promise<void> {
  const edge = new StdioEdge(options);
  await edge.run();
}

const CREDENTIALS: Credentials = {
  transport: 'stdio',
  method: '',
  path: '',
  header: () => undefined,
  remoteAddress: undefined,
  body: undefined,
};

class StdioEdge {
  readonly #options: StdioEdgeOptions;
  #session: Session | undefined;
  /** Modern requests in flight, by id: on stdio they are cancelled by a message. */
  readonly #open = new Map<string, Admitted>();

  constructor(options: StdioEdgeOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { input, output, context, maxBodyBytes } = this.#options;
    output.on('error', () => undefined); // The reader has gone: the end of its input says the same.
    const splitter = createLineSplitter({ maxLineBytes: maxBodyBytes, onLine: (line) => void this.#line(line) });
    await new Promise<void>((resolve) => {
      input.on('data', (chunk: Buffer) => {
        if (splitter.push(chunk)) return;
        this.#write(publicFault(fault('too-large', `A line is longer than ${maxBodyBytes} bytes.`)).text);
        input.destroy();
        resolve();
      });
      input.once('end', resolve);
      input.once('close', resolve);
      context.closing.addEventListener('abort', () => resolve(), { once: true });
    });
    for (const x of this.#open.values()) x.cancel?.();
    if (this.#session) context.sessions.end(this.#session);
  }

  async #line(line: Buffer): Promise<void> {
    if (line.length === 0) return;
    const { context, maxDepth } = this.#options;
    const front = readFront(line, { maxDepth });
    if (isFault(front)) return this.#write(publicFault(front).text);
    const principal = await context.ports.authenticate(CREDENTIALS);
    const { message } = front;
    if (isRefusal(principal))
      return message.kind === 'request' ? this.#write(publicRefusal(principal, message.idText).text) : undefined;
    if (message.kind === 'batch')
      return this.#write(publicFault(fault('batch', 'Send one message on each line.')).text);
    if (front.kind === 'legacy') return await this.#legacy(message, principal);
    if (message.kind === 'request') return await this.#modern(message, front.revision, principal);
    if (message.kind === 'notification' && message.method === 'notifications/cancelled') this.#cancel(message);
  }

  async #modern(message: RequestMessage, revision: string, principal: Principal): Promise<void> {
    const { endpoint, context } = this.#options;
    const caller = modernCaller(message, revision, principal);
    const sender = { principal, credentials: CREDENTIALS, endpoint, reply: this.#reply() };
    if (isFault(caller)) return await turnAway(caller, message, sender, context);
    const id = canonicalId(message.idText);
    const x = admitted(
      message,
      caller,
      principal,
      endpoint,
      CREDENTIALS,
      this.#reply(() => this.#open.delete(id)),
      context,
    );
    if (isFault(x)) return await turnAway(x, message, sender, context);
    x.stream = StreamPlace.for(context, principal, CREDENTIALS, endpoint.server);
    this.#open.set(id, x);
    await runPipeline(authenticated(x, principal), context);
  }

  async #legacy(message: Message, principal: Principal): Promise<void> {
    const { endpoint, context } = this.#options;
    if (message.kind === 'request' && message.method === 'initialize')
      return await this.#counted(message, principal, () => this.#initialize(message, principal));
    if (message.kind === 'notification' && message.method === 'notifications/cancelled' && !this.#session)
      return this.#cancel(message);
    const session = this.#session;
    if (!session) {
      if (message.kind !== 'request') return;
      const text =
        message.method === 'ping'
          ? resultText(message.idText, '{}')
          : errorText(message.idText, -32600, 'Begin with "initialize", or send the envelope of a newer revision.');
      return await this.#counted(message, principal, () => this.#write(text));
    }
    if (message.kind === 'response') session.answer(message);
    else if (message.kind === 'notification')
      await notify(session, message, { principal, credentials: CREDENTIALS }, context);
    else {
      session.seen(principal, undefined);
      const reply = this.#reply();
      const x = admitted(message, session.caller, principal, endpoint, CREDENTIALS, reply, context);
      if (isFault(x))
        return await turnAway(x, message, { principal, credentials: CREDENTIALS, endpoint, reply }, context);
      await runPipeline(authenticated(x, principal), context);
    }
  }

  #counted({ method, idText }: RequestMessage, principal: Principal, go: () => Awaitable<void>): Awaitable<void> {
    const { endpoint, context } = this.#options;
    return metered({ principal, credentials: CREDENTIALS, method, server: endpoint.server }, context, go, (refusal) =>
      this.#write(publicRefusal(refusal, idText).text),
    );
  }

  #initialize(message: RequestMessage, principal: Principal): Awaitable<void> {
    const { endpoint, context } = this.#options;
    const denied = context.ports.decide(principal, initializing(endpoint), undefined);
    // Not awaited without need: what a client sends right behind it must find the session.
    return denied instanceof Promise
      ? denied.then((late) => this.#opened(message, principal, late))
      : this.#opened(message, principal, denied);
  }

  #opened(message: RequestMessage, principal: Principal, denied: Refusal | undefined): void {
    const { endpoint, context } = this.#options;
    if (denied) return this.#write(publicRefusal(denied, message.idText).text);
    const session = openSession(message, endpoint, principal, undefined, context);
    if (isFault(session)) return this.#write(publicFault(session).text);
    if (this.#session) context.sessions.end(this.#session);
    this.#session = session;
    session.attachStandalone(this.#outlet());
    const view = viewFor(endpoint.view, principal, context.ports.knows);
    this.#write(resultText(message.idText, initialization(view, session.revision, context)));
  }

  #cancel(message: Message & { kind: 'notification' }): void {
    const id = cancelledId(message);
    const x = id === undefined ? undefined : this.#open.get(id);
    if (id === undefined || !x) return;
    this.#open.delete(id);
    x.cancel?.();
  }

  #outlet(): Outlet {
    return {
      send: (text) => this.#write(text),
      prime: () => undefined,
      comment: () => undefined,
      end: () => undefined,
    };
  }

  #reply(done: () => void = () => undefined): Reply {
    return {
      send: (text) => this.#write(text),
      end: (text, tail) => {
        done();
        this.#write(joined(text, tail));
      },
      refuse: (_status, text) => {
        done();
        this.#write(text);
      },
    };
  }

  #write(text: string): void {
    this.#options.output.write(`${onOneLine(text)}\n`, 'latin1');
  }
}
