import type { AuditEvent, AuditLog, Exchange } from '@sekisho/audit';
import { isAuditError } from '@sekisho/audit';
import type { Awaitable, Credentials, ExchangeRecord, Outcome, Recorder, Recording, Refusal } from '@sekisho/core';
import { capturedArguments, capturedResult, type CaptureRule } from './capture.ts';
import { addFacts } from './facts.ts';
import { Identities, sourceOf } from './identities.ts';
import { resultOf } from './result-bytes.ts';
import { intentType, targetOf, terminalOutcome, terminalType } from './names.ts';

export type RecorderOptions = {
  readonly log: AuditLog;
  readonly durability: 'strict' | 'standard' | 'relaxed';
  readonly capture: readonly CaptureRule[];
  /** What is kept of content and of addresses, without the personal data and secrets in it. */
  readonly clean: (text: string) => string;
  /** Told once when records begin to be refused, and once when they are taken again. */
  readonly onTrouble: (error: unknown) => void;
  readonly onRecovered: () => void;
};

/** The record port of the gateway over an audit log: one exchange of the log for each of the gateway. */
export function createAuditRecorder(options: RecorderOptions): Recorder & { close(): Promise<void> } {
  const shared = new Shared(options);
  return {
    open: () => new AuditRecording(shared),
    session: (event, { principal, server, revision }) => {
      const target = server === undefined ? { era: 'legacy' } : { era: 'legacy', server };
      const type = event === 'opened' ? 'session.created' : 'session.revoked';
      const actor = shared.identities.of(principal, NOWHERE);
      const told = { type, outcome: 'ok', actor, target, detail: { revision } } as const;
      options.log.record(told, { durability: 'relaxed' }).catch((error: unknown) => shared.trouble(error));
    },
    close: () => shared.close(),
  };
}

/** A session comes and goes by no one request. */
const NOWHERE: Pick<Credentials, 'header' | 'remoteAddress'> = { header: () => undefined, remoteAddress: undefined };

/** What the recordings of one gateway share. */
class Shared {
  readonly options: RecorderOptions;
  readonly identities = new Identities();
  /** Exchanges with an intent and no end. */
  readonly open = new Set<Exchange>();
  /** True from a refused record to the next one that is taken: in between nothing is sent whose intent is not on disk. */
  failing = false;

  constructor(options: RecorderOptions) {
    this.options = options;
  }

  trouble(error: unknown): Refusal {
    if (!this.failing) this.options.onTrouble(error);
    this.failing = true;
    const seconds = isAuditError(error) ? error.retryAfterSeconds : undefined;
    const code = isAuditError(error) ? error.code : 'ERR_AUDIT_UNKNOWN';
    return { refused: 'record-failed', facts: { 'audit.code': code }, retryAfterMs: (seconds ?? 5) * 1000 };
  }

  fine(): undefined {
    if (!this.failing) return;
    this.failing = false;
    this.options.onRecovered();
  }

  /** What is under way when the gateway stops has no end of its own any more. */
  async close(): Promise<void> {
    const ends = [...this.open].map((exchange) =>
      exchange.finish({ type: 'mcp.cancelled', outcome: 'unknown', detail: { reason: 'the gateway stopped' } }),
    );
    this.open.clear();
    await Promise.allSettled(ends);
  }
}

class AuditRecording implements Recording {
  readonly #shared: Shared;
  #exchange: Exchange | undefined = undefined;
  #strict = false;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** Strict where a tool says that it destroys: what cannot be written down beforehand is not done. */
  #open(exchange: ExchangeRecord): Exchange {
    const { log, durability } = this.#shared.options;
    this.#strict = durability === 'strict' || exchange.target?.annotations?.['destructiveHint'] === true;
    return (this.#exchange ??= log.exchange({ durability: this.#strict ? 'strict' : durability }));
  }

  intent(exchange: ExchangeRecord): Awaitable<Refusal | undefined> {
    const shared = this.#shared;
    const open = this.#open(exchange);
    const event = eventOf(exchange, intentType(exchange), shared);
    if (exchange.arguments !== undefined) event.request = { ...event.request, args: exchange.arguments };
    const capture = capturedArguments(shared.options.capture, exchange, shared.options.clean);
    if (capture) event.capture = capture;
    shared.open.add(open);
    if (this.#strict) {
      return open.intent(event).then(
        () => shared.fine(),
        (error: unknown) => shared.trouble(error),
      );
    }
    const written = open.intent(event);
    // While the disk refuses, an intent that nobody waits for would be lost without a word, and the tool would run.
    return shared.failing && shared.options.durability === 'standard' ? this.#proven(written) : undefined;
  }

  async #proven(written: Promise<void>): Promise<Refusal | undefined> {
    const { log } = this.#shared.options;
    await written;
    try {
      await log.checkpoint();
      return this.#shared.fine();
    } catch (error) {
      return this.#shared.trouble(error);
    }
  }

  end(exchange: ExchangeRecord, outcome: Outcome): Awaitable<Refusal | undefined> {
    const shared = this.#shared;
    const open = this.#exchange ?? this.#open(exchange);
    shared.open.delete(open);
    const event = eventOf(exchange, terminalType(exchange, outcome), shared);
    event.outcome = terminalOutcome(exchange, outcome);
    event.response = responseOf(exchange, outcome);
    addFacts(event, exchange.facts, outcome);
    const capture = capturedResult(shared.options.capture, exchange, outcome, shared.options.clean);
    if (capture) event.capture = capture;
    const written = open.finish(event);
    if (shared.options.durability === 'relaxed' && !this.#strict) return undefined;
    return written.then(
      () => shared.fine(),
      (error: unknown) => shared.trouble(error),
    );
  }
}

/** What both records of an exchange say. Plain assignments: this runs twice for each call. */
function eventOf(exchange: ExchangeRecord, type: AuditEvent['type'], { identities, options }: Shared): AuditEvent {
  const { credentials, principal, idText, requestBytes, trace } = exchange;
  const target = targetOf(exchange);
  // The address of a resource may name a person, or hold a key.
  if (target.uri !== undefined) target.uri = options.clean(target.uri);
  const event: AuditEvent = { type, target };
  if (principal) event.actor = identities.of(principal, credentials);
  else {
    const source = sourceOf(credentials);
    if (source) event.source = source;
  }
  if (idText !== undefined || requestBytes !== undefined) {
    const request: NonNullable<AuditEvent['request']> = {};
    if (idText !== undefined) request.id = idOf(idText);
    if (requestBytes !== undefined) request.bytes = requestBytes;
    event.request = request;
  }
  if (trace !== undefined && TRACEPARENT.test(trace)) event.trace = trace;
  return event;
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const NUMBER = /^-?\d{1,15}$/;

/** Raw JSON of an id: digits as they are, texts without their quotes. */
function idOf(idText: string): string | number {
  if (NUMBER.test(idText)) return Number(idText);
  return idText.startsWith('"') && idText.endsWith('"') ? idText.slice(1, -1) : idText;
}

function responseOf({ facts, idText }: ExchangeRecord, outcome: Outcome): NonNullable<AuditEvent['response']> {
  const { code, bytes, durationMs, answer } = outcome;
  const response: NonNullable<AuditEvent['response']> = { durationMs: Math.round(durationMs * 1000) / 1000 };
  if (code !== undefined) response.code = code;
  if (bytes !== undefined) response.bytes = bytes;
  if (facts?.['tool.is_error'] === true) response.isError = true;
  const result = outcome.result === 'answered' && answer !== undefined ? resultOf(answer, idText, outcome) : undefined;
  if (result) response.result = result;
  return response;
}
