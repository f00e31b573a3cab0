import type { Dispatcher } from 'undici';
import type { Timed } from './deadline-sweep.ts';
import { LinkError, toLinkError, type LinkErrorCode } from './link-error.ts';
import { bodyKind, type BodyKind } from './media-kind.ts';
import { createSseParser, type SseParser } from './sse-parser.ts';

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** Holds back an answer that comes faster than it can be passed on. What has been read already still arrives. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/**
 * Hears of one request. After `onEnd` or `onError`, of which there is one exactly, and after the abort function was
 * called by the handler's owner and has returned, nothing more comes. What a handler throws ends the exchange.
 */
export interface PostHandler {
  /** The head of the answer. `header` takes a name in small letters. */
  onHead(status: number, header: (name: string) => string | undefined, kind: BodyKind, flow: Flow): void;
  /**
   * A whole JSON body; or the data of one event with the last event id, empty for an event that has an id only; or
   * up to 64 KiB of any other body. The buffer may be kept.
   */
  onMessage(bytes: Buffer, eventId?: string): void;
  /** The pause that the server wishes before a reconnection, in milliseconds. */
  onRetry?(ms: number): void;
  /** An event under another name than `message`: no message of today's transports, and by default ignored. */
  onNamedEvent?(name: string, data: Buffer): void;
  onEnd(): void;
  onError(error: LinkError): void;
}

export interface ExchangeRules {
  now: () => number;
  maxMessageBytes: number;
  /** How long a body that is not a stream may take from its head on, in milliseconds; 0 for ever. */
  bodyTimeoutMs: number;
  /** Called once when the exchange is over. */
  onOver: (exchange: Exchange) => void;
}

/** How much of a body that is neither JSON nor events is shown: enough to know an error by. */
export const OTHER_BODY_BYTES = 64 * 1024;

/** A reason that nobody is told: made once, since an error with its stack costs more than a small request. */
const NOT_WANTED = new Error('nobody waits for this any more');

const firstOf = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(', ') : value;

/** One request and its answer, as undici's dispatch handler: no stream, no promise and no timer of its own. */
export class Exchange implements Dispatcher.DispatchHandler, Timed {
  deadlineAt: number;
  slot = -1;
  readonly #handler: PostHandler;
  readonly #rules: ExchangeRules;
  #controller: Dispatcher.DispatchController | undefined;
  #kind: BodyKind | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #parser: SseParser | undefined;
  #over = false;

  constructor(handler: PostHandler, rules: ExchangeRules, deadlineAt: number) {
    this.#handler = handler;
    this.#rules = rules;
    this.deadlineAt = deadlineAt;
  }

  abort(): void {
    this.fail('ERR_UPSTREAM_ABORTED', 'the request was given up');
  }

  expire(): void {
    const waitedFor = this.#kind === undefined ? 'an answer' : 'the rest of an answer';
    this.fail('ERR_UPSTREAM_TIMEOUT', `the upstream did not send ${waitedFor} in time`);
  }

  fail(code: LinkErrorCode, message: string): void {
    this.#end(new LinkError(code, message, { sent: this.#controller !== undefined }));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Once started is perhaps received, so a client that would start it anew is stopped: no call runs twice.
    const again = this.#controller !== undefined;
    this.#controller = controller;
    if (this.#over) controller.abort(NOT_WANTED);
    else if (again) this.fail('ERR_UPSTREAM_CLOSED', 'the connection was lost after the request was sent');
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (this.#over || status < 200) return;
    const encoding = firstOf(headers['content-encoding']);
    const length = firstOf(headers['content-length']);
    const kind = bodyKind(status, firstOf(headers['content-type']), length);
    if (kind !== 'none' && encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
      this.fail('ERR_UPSTREAM_PROTOCOL', 'the upstream compressed its answer, which was not asked for');
      return;
    }
    if (kind === 'json' && Number(length) > this.#rules.maxMessageBytes) {
      this.#tooLarge();
      return;
    }
    this.#kind = kind;
    const { bodyTimeoutMs, now } = this.#rules;
    // A stream may be silent for as long as it likes.
    this.deadlineAt = kind === 'sse' || bodyTimeoutMs === 0 ? 0 : now() + bodyTimeoutMs;
    if (kind === 'sse') this.#parser = this.#makeParser();
    this.#handler.onHead(status, (name) => firstOf(headers[name]), kind, controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    if (this.#parser) {
      if (!this.#parser.push(chunk)) this.#tooLarge();
      return;
    }
    this.#bytes += chunk.length;
    if (this.#kind === 'json') {
      if (this.#bytes > this.#rules.maxMessageBytes) this.#tooLarge();
      else this.#chunks.push(chunk);
      return;
    }
    if (this.#kind === 'other') this.#chunks.push(chunk);
    if (this.#bytes <= OTHER_BODY_BYTES) return;
    // The rest tells nobody anything, and may never end.
    this.#finish();
    controller.abort(NOT_WANTED);
  }

  onResponseEnd(): void {
    this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end(toLinkError(error, this.#controller !== undefined));
  }

  #makeParser(): SseParser {
    const handler = this.#handler;
    return createSseParser({
      maxEventBytes: this.#rules.maxMessageBytes,
      onEvent: (data, event, id) => {
        if (this.#over) return;
        if (event === undefined || event === '' || event === 'message') handler.onMessage(data, id);
        else handler.onNamedEvent?.(event, data);
      },
      onRetry: (ms) => {
        if (!this.#over) handler.onRetry?.(ms);
      },
    });
  }

  #tooLarge(): void {
    this.fail('ERR_UPSTREAM_TOO_LARGE', `a message of the upstream has more than ${this.#rules.maxMessageBytes} bytes`);
  }

  #finish(): void {
    if (this.#over) return;
    const [only] = this.#chunks;
    if (only) {
      const body = this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks, this.#bytes);
      this.#chunks = [];
      this.#handler.onMessage(this.#kind === 'other' ? body.subarray(0, OTHER_BODY_BYTES) : body);
    }
    this.#end(undefined);
  }

  /** The one way out: whoever comes second finds the exchange over. */
  #end(error: LinkError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#chunks = [];
    this.#rules.onOver(this);
    if (error === undefined) return this.#handler.onEnd();
    this.#controller?.abort(error);
    this.#handler.onError(error);
  }
}
