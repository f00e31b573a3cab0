import type { AuditEvent, AuditObserver, Durability, Identity, Receipt } from '../event.ts';
import { isDottedType } from '../event-types.ts';
import type { CachedEnvelope, Envelopes } from '../privacy/envelopes.ts';
import { macWith } from '../privacy/mac.ts';
import type { SealedBlobs } from '../privacy/sealed-blobs.ts';
import type { SubjectKeys } from '../privacy/subject-keys.ts';
import type { Committer } from './committer.ts';
import { formatHead } from './record-head.ts';
import type { Mac } from './record-head.ts';

export interface RecorderOptions {
  committer: Committer;
  envelopes: Envelopes;
  blobs: SealedBlobs;
  subjectKeys: SubjectKeys;
  now: () => number;
  monotonicNow: (() => number) | undefined;
  newId: (nowMs: number) => string;
  clockToleranceMs: number;
  /** Time of the last record before this run, 0 for a new log. */
  lastTimeMs: number;
  types: ReadonlySet<string>;
  durability: Durability;
  observers: readonly AuditObserver[];
}

const OUTCOMES = new Set(['ok', 'denied', 'error', 'cancelled', 'unknown']);
const SEVERITIES = new Set(['info', 'notice', 'warning', 'high', 'critical']);
const STREAM = /^[a-z0-9_-]{1,32}$/;
const EXCHANGE_ID = /^[A-Za-z0-9_-]{1,64}$/;
/** Place in the chain and newline: `,"seq":...,"prev":"..."}` with the largest possible number. */
const TAIL_BYTES = 104;
/** Content without a subject is sealed and hashed for this one. */
const UNATTRIBUTED: Identity = { issuer: 'log', subject: 'unattributed' };

const NONE: readonly CachedEnvelope[] = [];

type References = { actor: CachedEnvelope | undefined; source: CachedEnvelope | undefined };

/** Turns events into queued records: identity to reference, content to hash, and the counter of the stream. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #counters = new Map<string, number>();
  readonly #streams = new Map<string, string>();
  readonly #logMac: Mac;
  #lastTimeMs: number;
  #lastMonotonicMs: number | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#logMac = macWith(options.subjectKeys.logMacKey);
    this.#lastTimeMs = options.lastTimeMs;
  }

  /** `onLost` is called once if it turns out that the record will never be in the log. */
  record(
    event: AuditEvent<string>,
    durability: Durability = this.#options.durability,
    onLost?: () => void,
  ): Promise<Receipt> {
    this.#validate(event);
    const { envelopes } = this.#options;
    const source = event.source && envelopes.identityOfSource(event.source);
    const actor = event.actor && envelopes.cached(event.actor);
    const from = source && envelopes.cached(source);
    if (event.capture === undefined && (!event.actor || actor) && (!source || from)) {
      return this.#submit(event, durability, { actor, source: from }, undefined, onLost);
    }
    return this.#prepare(event, durability, source, onLost);
  }

  #validate(event: AuditEvent<string>): void {
    const { type, outcome, severity, stream, exchange } = event;
    if (!this.#options.types.has(type)) {
      const hint = isDottedType(type) ? 'name it in the option "types"' : 'types are dotted and lower case';
      throw new TypeError(`${JSON.stringify(type)} is not a type of this log; ${hint}.`);
    }
    if (outcome !== undefined && !OUTCOMES.has(outcome))
      throw new TypeError(`${JSON.stringify(outcome)} is not an outcome.`);
    if (severity !== undefined && !SEVERITIES.has(severity))
      throw new TypeError(`${JSON.stringify(severity)} is not a severity.`);
    if (stream !== undefined && (!STREAM.test(stream) || stream === 'log')) {
      throw new TypeError('"stream" must match [a-z0-9_-]{1,32} and not be "log".');
    }
    if (
      exchange &&
      (!EXCHANGE_ID.test(exchange.id) || (exchange.phase !== 'intent' && exchange.phase !== 'terminal'))
    ) {
      throw new TypeError('"exchange" must have an id matching [A-Za-z0-9_-]{1,64} and a phase.');
    }
  }

  /** The slow way: a new identity needs its key on disk first, and captured content its blob. */
  async #prepare(
    event: AuditEvent<string>,
    durability: Durability,
    sourceIdentity: Identity | undefined,
    onLost: (() => void) | undefined,
  ): Promise<Receipt> {
    const { envelopes, blobs } = this.#options;
    this.preparing += 1;
    let references: References;
    let blob: { sha256: string; bytes: number } | undefined;
    try {
      const actor = event.actor && (await envelopes.load(event.actor));
      const source = sourceIdentity && (await envelopes.load(sourceIdentity));
      references = { actor, source };
      if (event.capture !== undefined) {
        const owner = actor ?? source ?? (await envelopes.load(UNATTRIBUTED));
        blob = await blobs.save(owner.keys, event.capture);
        // Without a reference to its owner the blob could be neither opened nor erased.
        if (!actor && !source) references = { actor: undefined, source: owner };
      }
    } catch (error) {
      const stream = event.stream ?? this.#streamOf(event.type);
      this.#options.committer.refusals.add(
        stream,
        this.#count(stream),
        durability === 'relaxed' ? 'dropped' : 'identity',
      );
      onLost?.();
      if (durability === 'relaxed') return { id: '', seq: undefined };
      throw error;
    } finally {
      this.preparing -= 1;
    }
    return this.#submit(event, durability, references, blob, onLost);
  }

  /** Events that wait for the key of an identity or for a sealed blob; all others are in the queue when `record` returns. */
  preparing = 0;

  /** Times an observer threw. A broken dashboard must not stop the record. */
  observerErrors = 0;

  #tell(observer: AuditObserver, event: AuditEvent<string>, t: number, id: string): void {
    try {
      observer.observe(event, { t, id });
    } catch {
      this.observerErrors += 1;
    }
  }

  /** The part of the type before the first dot; remembered, since types are few. */
  #streamOf(type: string): string {
    let stream = this.#streams.get(type);
    if (stream === undefined) {
      stream = type.slice(0, type.indexOf('.'));
      this.#streams.set(type, stream);
    }
    return stream;
  }

  #count(stream: string): number {
    const n = this.#counters.get(stream) ?? 0;
    this.#counters.set(stream, n + 1);
    return n;
  }

  #submit(
    event: AuditEvent<string>,
    durability: Durability,
    { actor, source }: References,
    blob: { sha256: string; bytes: number } | undefined,
    onLost?: () => void,
  ): Promise<Receipt> {
    const t = Math.trunc(this.#options.now());
    const id = this.#options.newId(t);
    for (const observer of this.#options.observers) this.#tell(observer, event, t, id);
    const stream = event.stream ?? this.#streamOf(event.type);
    const n = this.#count(stream);
    const owner = actor ?? source;
    const fields = { t, id, stream, n, actorRef: actor?.ref, sourceRef: source?.ref, blob };
    const head = formatHead(event as AuditEvent, fields, owner?.mac ?? this.#logMac);
    // In UTF-16 units: counting bytes would cost a pass over every record. Buffers allow for three bytes per unit.
    const bytes = head.length + TAIL_BYTES;
    const { committer } = this.#options;
    const { exchange } = event;
    const envelopes =
      actor === undefined ? (source?.alone ?? NONE) : source === undefined ? actor.alone : [actor, source];
    let receipt: Promise<Receipt>;
    if (durability === 'relaxed') {
      committer.submit({
        head,
        bytes,
        id,
        stream,
        n,
        exchange,
        envelopes,
        onLost,
        relaxed: true,
        resolve: ignore,
        reject: ignore,
      });
      receipt = Promise.resolve({ id, seq: undefined });
    } else {
      receipt = new Promise((resolve, reject) => {
        committer.submit({ head, bytes, id, stream, n, exchange, envelopes, onLost, relaxed: false, resolve, reject });
      });
    }
    // After the record, so that a run always begins with `audit.started`.
    this.#watchClock(t);
    return receipt;
  }

  /** A clock that was moved makes times in the log worthless as evidence, so the log says where that happened. */
  #watchClock(t: number): void {
    const monotonic = this.#options.monotonicNow?.();
    const before = this.#lastTimeMs;
    const elapsed =
      monotonic === undefined || this.#lastMonotonicMs === undefined ? undefined : monotonic - this.#lastMonotonicMs;
    this.#lastTimeMs = t;
    this.#lastMonotonicMs = monotonic;
    // How long the process was down nobody knows, so between two runs only going back is a jump.
    const drift = elapsed === undefined ? Math.min(0, t - before) : t - before - elapsed;
    if (before === 0 || Math.abs(drift) <= this.#options.clockToleranceMs) return;
    const detail = { from_ms: before, to_ms: t, drift_ms: Math.round(drift) };
    void this.#submit(
      { type: 'audit.clock_jump', severity: 'high', detail },
      'relaxed',
      { actor: undefined, source: undefined },
      undefined,
    );
  }
}

function ignore(): void {}
