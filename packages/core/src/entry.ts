import { isObject } from '@sekisho/protocol';
import type { BatchMessage, Era, Message } from '@sekisho/protocol';
import type { GatewayContext } from './context.ts';
import { isRefusal } from './ports.ts';
import type {
  Awaitable,
  Credentials,
  ExchangeRecord,
  Facts,
  Outcome,
  Principal,
  Recording,
  Refusal,
  Target,
} from './ports.ts';

/** How an exchange ended, before anybody looked at the clock. */
export type Ending = Omit<Outcome, 'durationMs'>;

type Read = Message | BatchMessage;

const UNRECORDED: Refusal = { refused: 'record-failed' };

/**
 * One exchange on its way to its one terminal event: opened when it is accepted, before a byte of its body is read, and ended
 * once, whatever becomes of it. Made only where somebody records: without a recorder the way of a call has none of this.
 */
export class Entry implements ExchangeRecord {
  readonly credentials: Credentials;
  readonly startedMs: number;
  principal: Principal | undefined = undefined;
  target: Target | undefined = undefined;
  era: Era | undefined = undefined;
  method: string | undefined = undefined;
  idText: string | undefined = undefined;
  requestBytes: number | undefined = undefined;
  /** Set once every filter has seen them. */
  arguments: string | undefined = undefined;
  /** W3C trace context of the caller. */
  trace: string | undefined = undefined;
  facts: Record<string, string | number | boolean> | undefined = undefined;
  /** {@link note} as a function of its own, for ports that know nothing of exchanges. */
  readonly noted = (facts: Facts): void => this.note(facts);
  /** True where the work goes on without its client: calls of legacy sessions. */
  outlivesClient = false;
  readonly #context: GatewayContext;
  readonly #recording: Recording;
  #ended = false;

  constructor(context: GatewayContext, recording: Recording, credentials: Credentials) {
    this.#context = context;
    this.#recording = recording;
    this.credentials = credentials;
    this.startedMs = context.now();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Takes what the body says it is. */
  read({ kind, message }: { readonly kind: Era; readonly message: Read }): void {
    this.era = kind;
    this.method = 'method' in message ? message.method : message.kind;
    if (message.kind !== 'request') return;
    this.idText = message.idText;
    const meta = message.params?.['_meta'];
    const trace = isObject(meta) ? meta['traceparent'] : undefined;
    this.trace = typeof trace === 'string' ? trace : this.credentials.header('traceparent');
  }

  note(facts: Facts): void {
    this.facts = { ...this.facts, ...facts };
  }

  /** States what is about to be done. What comes back is a refusal: it must then not be done. */
  intent(): Awaitable<Refusal | undefined> {
    // Behind its own end an intent would stand open for ever.
    if (this.#ended) return undefined;
    return this.#ask(() => this.#recording.intent(this));
  }

  /** States how it ended; later calls do nothing. What comes back is a refusal: the answer must then not leave. */
  end(ending: Ending): Awaitable<Refusal | undefined> {
    if (this.#ended) return undefined;
    this.#ended = true;
    const outcome = { ...ending, durationMs: this.#context.now() - this.startedMs };
    return this.#ask(() => this.#recording.end(this, outcome));
  }

  /** The client has left before its answer. */
  gone(): void {
    if (!this.outlivesClient) void this.end({ result: 'disconnected' });
  }

  /** A recorder that fails has recorded nothing: that is a refusal, never a pass. */
  #ask(step: () => Awaitable<Refusal | undefined>): Awaitable<Refusal | undefined> {
    try {
      const answer = step();
      return answer instanceof Promise ? answer.catch((error: unknown) => this.#failed(error)) : answer;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(error: unknown): Refusal {
    this.#context.log.error({ error: String(error) }, 'the record failed');
    return UNRECORDED;
  }
}

/** Opens the record of an exchange; undefined where nobody records. */
export function openEntry(context: GatewayContext, credentials: Credentials): Entry | undefined {
  const recorder = context.ports.record;
  return recorder && new Entry(context, recorder.open(credentials), credentials);
}

/** Records an intent, and then does it; `instead` where the record refused. At once where nobody records. */
export function afterIntent(
  entry: Entry | undefined,
  go: () => Awaitable<void>,
  instead: (refusal: Refusal) => Awaitable<void>,
): Awaitable<void> {
  const recorded = entry?.intent();
  if (recorded instanceof Promise) return recorded.then((refusal) => (refusal ? instead(refusal) : go()));
  return isRefusal(recorded) ? instead(recorded) : go();
}

/** Records an end, and then sends; `instead` where the record refused. At once where nobody records. */
export function afterEnd(
  entry: Entry | undefined,
  ending: Ending,
  send: () => void,
  instead: (refusal: Refusal) => void,
): Awaitable<void> {
  const recorded = entry?.end(ending);
  if (recorded instanceof Promise) return recorded.then((refusal) => (refusal ? instead(refusal) : send()));
  return isRefusal(recorded) ? instead(recorded) : send();
}
