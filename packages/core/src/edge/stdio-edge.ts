import type { Readable, Writable } from 'node:stream';
import { errorText, fault, isFault, onOneLine, resultText } from '@sekisho/protocol';
import type { BatchMessage, Fault, Message, RequestMessage } from '@sekisho/protocol';
import { viewFor } from '../catalogue/narrow.ts';
import type { Outlet } from '../client/event-log.ts';
import { CANCELLED, cancelledId } from '../client/notices.ts';
import type { Session } from '../client/session.ts';
import type { GatewayContext } from '../context.ts';
import { initialization } from '../discovery.ts';
import type { Endpoint } from '../endpoint.ts';
import { afterEnd, openEntry } from '../entry.ts';
import type { Ending, Entry } from '../entry.ts';
import { canonicalId } from '../exchange.ts';
import type { Admitted, Reply } from '../exchange.ts';
import { metered } from '../metered.ts';
import { runPipeline } from '../pipeline.ts';
import { isRefusal } from '../ports.ts';
import type { Awaitable, Credentials, Refusal } from '../ports.ts';
import { faultEnding, publicFault, publicRefusal, refusalEnding } from '../refusals.ts';
import { joined } from '../wire.ts';
import { createLineSplitter } from '../upstreams/stdio/line-splitter.ts';
import { admitted, modernCaller, readFront } from './front.ts';
import { authenticated } from './refuse.ts';
import { initializing, openSession } from './legacy-edge.ts';
import { notify, turnAway } from './counted.ts';
import type { Sender } from './counted.ts';
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
  url: '',
  header: () => undefined,
  headers: () => undefined,
  remoteAddress: undefined,
  peerCertificate: undefined,
  body: undefined,
};

/** One line as it came: on stdio nothing says who sends it but the line itself. */
interface Sent {
  readonly credentials: Credentials;
  readonly entry: Entry | undefined;
}
const NOBODY_RECORDS: Sent = { credentials: CREDENTIALS, entry: undefined };

class StdioEdge {
  readonly #options: StdioEdgeOptions;
  #session: Session | undefined;
  /** Modern requests in flight, by id: on stdio they are cancelled by a message. */
  readonly #open = new Map<string, Admitted>();
  readonly #gone = new AbortController();

  constructor(options: StdioEdgeOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { input, output, context, maxBodyBytes } = this.#options;
    output.on('error', () => undefined); // The reader has gone: the end of its input says the same.
    const splitter = createLineSplitter({ maxLineBytes: maxBodyBytes, onLine: (line) => this.#take(line) });
    await new Promise<void>((resolve) => {
      input.on('data', (chunk: Buffer) => {
        if (splitter.push(chunk)) return;
        const { entry } = this.#accept();
        const reason = fault('too-large', `A line is longer than ${maxBodyBytes} bytes.`);
        void this.#refuse(entry, reason);
        input.destroy();
        resolve();
      });
      input.once('end', resolve);
      input.once('close', resolve);
      context.closing.addEventListener('abort', () => resolve(), { once: true });
    });
    for (const x of this.#open.values()) x.cancel?.();
    this.#gone.abort();
    if (this.#session) context.sessions.end(this.#session);
  }

  /** One line is one exchange; whatever goes wrong inside ends it without detail, and is on the log. */
  #take(line: Buffer): void {
    if (line.length === 0) return;
    const sent = this.#accept();
    this.#line(line, sent).catch((error: unknown) => {
      const { log } = this.#options.context;
      log.error({ error: error instanceof Error ? error.stack : String(error) }, 'a line failed at the edge');
      const text = errorText(sent.entry?.idText, -32603, 'Internal error.');
      return this.#answer(sent.entry, { result: 'failed', reason: 'internal' }, text);
    });
  }

  /** Opens the record of one line. Without a recorder all lines share one set of credentials, which are empty. */
  #accept(): Sent {
    const { context } = this.#options;
    if (!context.ports.record) return NOBODY_RECORDS;
    const credentials: Credentials = { ...CREDENTIALS, note: (facts) => entry?.note(facts) };
    const entry = openEntry(context, credentials);
    return { credentials, entry };
  }

  async #line(line: Buffer, sent: Sent): Promise<void> {
    const { context, maxDepth } = this.#options;
    const { credentials, entry } = sent;
    if (entry) entry.requestBytes = line.length;
    const front = readFront(line, { maxDepth });
    if (isFault(front)) return await this.#refuse(entry, front);
    entry?.read(front);
    const principal = await context.ports.authenticate(credentials);
    const { message } = front;
    if (isRefusal(principal)) return await this.#unidentified(message, principal, entry);
    if (entry) entry.principal = principal;
    if (message.kind === 'batch') return await this.#refuse(entry, fault('batch', 'Send one message on each line.'));
    const sender = { principal, credentials, entry };
    if (front.kind === 'legacy') return await this.#legacy(message, sender);
    if (message.kind === 'request') return await this.#modern(message, front.revision, sender);
    if (message.kind === 'notification' && message.method === CANCELLED) this.#cancel(message);
    await entry?.end({ result: 'answered' });
  }

  async #modern(message: RequestMessage, revision: string, sender: Sender): Promise<void> {
    const { endpoint, context } = this.#options;
    const { principal, credentials, entry } = sender;
    const caller = modernCaller(message, revision, principal);
    const asked = { ...sender, endpoint, reply: this.#reply() };
    if (isFault(caller)) return await turnAway(caller, message, asked, context);
    const id = canonicalId(message.idText);
    const reply = this.#reply(() => this.#open.delete(id));
    const x = admitted(message, caller, principal, endpoint, credentials, reply, context, entry);
    if (isFault(x)) return await turnAway(x, message, asked, context);
    x.stream = StreamPlace.for(context, principal, credentials, endpoint.server);
    this.#open.set(id, x);
    await runPipeline(authenticated(x, principal), context);
  }

  async #legacy(message: Message, sender: Sender): Promise<void> {
    const { endpoint, context } = this.#options;
    const { principal, credentials, entry } = sender;
    if (message.kind === 'request' && message.method === 'initialize')
      return await this.#counted(message, sender, () => this.#initialize(message, sender));
    const session = this.#session;
    if (!session) return await this.#sessionless(message, sender);
    if (message.kind === 'response') {
      session.answer(message);
      await entry?.end({ result: 'answered' });
    } else if (message.kind === 'notification') await notify(session, message, sender, context);
    else {
      session.seen(principal, undefined);
      const reply = this.#reply();
      const x = admitted(message, session.caller, principal, endpoint, credentials, reply, context, entry);
      if (isFault(x)) return await turnAway(x, message, { ...sender, endpoint, reply }, context);
      await runPipeline(authenticated(x, principal), context);
    }
  }

  async #sessionless(message: Message, sender: Sender): Promise<void> {
    const { entry } = sender;
    if (message.kind !== 'request') {
      if (message.kind === 'notification' && message.method === CANCELLED) this.#cancel(message);
      await entry?.end({ result: 'answered' });
    } else if (message.method === 'ping') {
      const text = resultText(message.idText, '{}');
      await this.#counted(message, sender, () => this.#answer(entry, { result: 'answered' }, text));
    } else {
      const sentence = 'Begin with "initialize", or send the envelope of a newer revision.';
      const reason = fault('session-required', sentence, { idText: message.idText });
      await this.#counted(message, sender, () => this.#refuse(entry, reason));
    }
  }

  #counted(
    { method, idText }: RequestMessage,
    { principal, credentials, entry }: Sender,
    go: () => Awaitable<void>,
  ): Awaitable<void> {
    const { endpoint, context } = this.#options;
    return metered({ principal, credentials, method, server: endpoint.server }, context, go, (refusal) =>
      this.#turnedAway(entry, refusal, idText),
    );
  }

  #initialize(message: RequestMessage, sender: Sender): Awaitable<void> {
    const { endpoint, context } = this.#options;
    const denied = context.ports.decide(sender.principal, initializing(endpoint), undefined);
    // Not awaited without need: what a client sends right behind it must find the session.
    return denied instanceof Promise
      ? denied.then((late) => this.#opened(message, sender, late))
      : this.#opened(message, sender, denied);
  }

  #opened(message: RequestMessage, { principal, entry }: Sender, denied: Refusal | undefined): Awaitable<void> {
    const { endpoint, context } = this.#options;
    if (denied) return this.#turnedAway(entry, denied, message.idText);
    const session = openSession(message, endpoint, principal, undefined, context);
    if (isFault(session)) return this.#refuse(entry, session);
    if (this.#session) context.sessions.end(this.#session);
    this.#session = session;
    session.attachStandalone(this.#outlet());
    const view = viewFor(endpoint.view, principal, context.ports.knows);
    const text = resultText(message.idText, initialization(view, session.revision, context));
    return this.#answer(entry, { result: 'answered' }, text);
  }

  /** What the edge answers by itself: on record first, then told. */
  #answer(entry: Entry | undefined, ending: Ending, text: string): Awaitable<void> {
    return afterEnd(
      entry,
      ending,
      () => this.#write(text),
      (refusal) => this.#write(publicRefusal(refusal, entry?.idText).text),
    );
  }

  #refuse(entry: Entry | undefined, reason: Fault): Awaitable<void> {
    return this.#answer(entry, faultEnding(reason), publicFault(reason).text);
  }

  #turnedAway(entry: Entry | undefined, refusal: Refusal, idText: string): Awaitable<void> {
    const { text, code } = publicRefusal(refusal, idText);
    if (refusal.facts) entry?.note(refusal.facts);
    return this.#answer(entry, refusalEnding(refusal, code), text);
  }

  /** What wants no answer gets none: it is refused all the same, and on record. */
  async #unidentified(message: Message | BatchMessage, refusal: Refusal, entry: Entry | undefined): Promise<void> {
    if (message.kind === 'request') return await this.#turnedAway(entry, refusal, message.idText);
    await entry?.end(refusalEnding(refusal, publicRefusal(refusal, undefined).code));
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
      gone: this.#gone.signal,
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
