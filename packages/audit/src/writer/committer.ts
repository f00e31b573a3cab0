import { AuditError, storageError } from '../audit-error.ts';
import type { Receipt } from '../event.ts';
import { buildBatch, maxWriteBytes } from './batch.ts';
import type { BatchContext, BuiltBatch, QueuedRecord } from './batch.ts';
import { BatchBuffer, headRoot } from './chain.ts';
import type { ChainHead } from './chain.ts';
import type { Digest } from '../merkle/tree-hash.ts';
import { RefusalLedger } from './refusals.ts';
import type { SegmentFile } from './segment-file.ts';

export interface CommitterOptions extends BatchContext {
  head: ChainHead;
  open: Set<string>;
  file: SegmentFile;
  maxBatchRecords: number;
  maxBatchBytes: number;
  maxQueueBytes: number;
  maxRelaxedRecords: number;
  maxSegmentBytes: number;
  maxSegmentAgeMs: number;
  ackTimeoutMs: number;
  checkpointEveryRecords: number;
  /** Called after a batch with a checkpoint is durable, with the whole durable tree. Must not throw. */
  onCheckpoint: (size: number, root: Digest) => void;
}

/** What a record around an envelope adds to it; it holds only ASCII. */
const ENVELOPE_OVERHEAD_BYTES = 320;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Group commit: records that arrive while one write is under way share the next write and its fsync. */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #buffer: BatchBuffer;
  readonly refusals = new RefusalLedger();
  readonly #open: Set<string>;
  #head: ChainHead;
  #queue: QueuedRecord[] = [];
  #queuedBytes = 0;
  #relaxedQueued = 0;
  #inFlight: QueuedRecord[] = [];
  #draining: Promise<void> | undefined;
  #checkpointWanted = false;
  #checkpointBlocked = false;
  #lastCheckpoint: number;
  #stalled = false;
  #closed = false;
  #lastError: unknown;
  #lastSignerError: unknown;

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#head = options.head;
    this.#open = options.open;
    this.#lastCheckpoint = options.head.size;
    this.#buffer = new BatchBuffer(maxWriteBytes(options.maxBatchBytes));
  }

  /** Number of durable records. */
  get size(): number {
    return this.#head.size;
  }

  get root(): Digest {
    return headRoot(this.#head);
  }

  /** True from a failed write to the next one that succeeds. */
  get failing(): boolean {
    return this.#lastError !== undefined;
  }

  get state() {
    return {
      queuedBytes: this.#queuedBytes,
      queuedRecords: this.#queue.length + this.#inFlight.length,
      openExchanges: this.#open.size,
      refusedRecords: this.refusals.total,
      unsignedRecords: this.#head.size - this.#lastCheckpoint,
      stalled: this.#stalled,
      lastError: this.#lastError,
      lastSignerError: this.#lastSignerError,
    };
  }

  submit(record: QueuedRecord): void {
    const refusal = this.#refusal(record);
    if (refusal) {
      this.#refuse(record, refusal);
      return;
    }
    this.#queue.push(record);
    this.#queuedBytes += record.bytes;
    if (record.relaxed) this.#relaxedQueued += 1;
    this.#start();
  }

  #refusal(record: QueuedRecord): AuditError | undefined {
    const { maxQueueBytes, maxRelaxedRecords } = this.#options;
    if (this.#closed) return new AuditError('ERR_AUDIT_CLOSED', 'The log is closed.');
    if (this.#stalled) return this.#timeout();
    if (
      this.#queuedBytes + record.bytes > maxQueueBytes ||
      (record.relaxed && this.#relaxedQueued >= maxRelaxedRecords)
    ) {
      return new AuditError('ERR_AUDIT_QUEUE_FULL', 'Records arrive faster than the disk takes them.', {
        retryAfterSeconds: 1,
      });
    }
    return undefined;
  }

  #timeout(): AuditError {
    return new AuditError('ERR_AUDIT_TIMEOUT', 'The disk did not acknowledge in time.', { retryAfterSeconds: 5 });
  }

  #refuse(record: QueuedRecord, error: AuditError): void {
    this.refusals.add(record.stream, record.n, record.relaxed ? 'dropped' : error.code);
    record.onLost?.();
    if (record.relaxed) record.resolve({ id: record.id, seq: undefined });
    else record.reject(error);
  }

  /** Asks for a checkpoint with the next write; writes one by itself when nothing else is waiting. */
  requestCheckpoint(): void {
    this.#checkpointWanted = true;
    this.#start();
  }

  /** While the checkpoint file is being written no further checkpoint is made, so the file is never two behind. */
  set checkpointBlocked(blocked: boolean) {
    this.#checkpointBlocked = blocked;
    if (!blocked && this.#checkpointWanted) this.#start();
  }

  /** Refuses everything from now on. */
  close(): void {
    this.#closed = true;
  }

  /** Resolves when everything submitted so far has been acknowledged or refused. */
  async idle(): Promise<void> {
    while (this.#draining) await this.#draining;
  }

  #start(): void {
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined;
      if (this.#hasWork()) this.#start();
    });
  }

  #hasWork(): boolean {
    return this.#queue.length > 0 || (this.#checkpointWanted && !this.#checkpointBlocked);
  }

  async #drain(): Promise<void> {
    do {
      // One turn of the event loop lets every caller that was just answered hand in its next record, which then shares a write.
      await nextTurn();
      if (!this.#hasWork()) return;
      await this.#commit(this.#take());
    } while (this.#hasWork());
  }

  #take(): QueuedRecord[] {
    const { maxBatchRecords, maxBatchBytes } = this.#options;
    let count = 0;
    let bytes = 0;
    for (const record of this.#queue) {
      let needed = record.bytes;
      for (const { json } of record.envelopes) needed += json.length + ENVELOPE_OVERHEAD_BYTES;
      if (count === maxBatchRecords || (count > 0 && bytes + needed > maxBatchBytes)) break;
      bytes += needed;
      count += 1;
    }
    if (count === this.#queue.length) {
      const all = this.#queue;
      this.#queue = [];
      return all;
    }
    return this.#queue.splice(0, count);
  }

  async #commit(records: QueuedRecord[]): Promise<void> {
    this.#inFlight = records;
    const timer = setTimeout(() => this.#stall(), this.#options.ackTimeoutMs);
    try {
      const batch = await this.#write(records);
      this.#settle(records, batch);
    } catch (cause) {
      this.#lastError = cause;
      const error = storageError(cause, 'writing the log');
      this.#release(records);
      // Those whose wait was ended by a stall have had their answer; they are accounted for all the same.
      if (this.#inFlight.length === 0) {
        for (const record of records) {
          this.refusals.add(record.stream, record.n, error.code);
          record.onLost?.();
        }
      }
      for (const record of this.#inFlight) this.#refuse(record, error);
      // A checkpoint that failed with its batch is not retried by itself: the next record or the timer asks again.
      this.#checkpointWanted = false;
    } finally {
      clearTimeout(timer);
      this.#inFlight = [];
      this.#stalled = false;
    }
  }

  #checkpointDue(adding: number): boolean {
    if (this.#checkpointBlocked) return false;
    return (
      this.#checkpointWanted || this.#head.size + adding - this.#lastCheckpoint >= this.#options.checkpointEveryRecords
    );
  }

  async #write(records: QueuedRecord[]): Promise<BuiltBatch & { gaps: ReturnType<RefusalLedger['pending']> }> {
    const { file, maxSegmentBytes, maxSegmentAgeMs, nowMs } = this.#options;
    const { active } = file;
    const now = nowMs();
    const rotate =
      active !== undefined && (active.durableBytes >= maxSegmentBytes || now - active.startedAtMs >= maxSegmentAgeMs);
    const gaps = this.refusals.pending();
    const batch = await buildBatch(this.#options, this.#head, this.#buffer, {
      records,
      gaps,
      segment: active?.firstSeq,
      rotate,
      checkpoint: this.#checkpointDue(records.length),
      open: this.#open,
    });
    if (batch.segment === active?.firstSeq) await file.append(this.#buffer.bytes());
    else await file.rotate(batch.segment, now, this.#buffer.bytes());
    return { ...batch, gaps };
  }

  #settle(records: QueuedRecord[], batch: BuiltBatch & { gaps: ReturnType<RefusalLedger['pending']> }): void {
    this.#head = batch.head;
    this.#lastError = undefined;
    this.#lastSignerError = batch.signerError;
    this.refusals.settle(batch.gaps);
    for (const envelope of batch.envelopes) envelope.segment = batch.segment;
    this.#release(records);
    const acknowledged = this.#inFlight;
    for (let i = 0; i < records.length; i += 1) {
      const record = records[i]!;
      if (record.exchange?.phase === 'intent') this.#open.add(record.exchange.id);
      else if (record.exchange) this.#open.delete(record.exchange.id);
      if (acknowledged.length > 0) record.resolve({ id: record.id, seq: batch.seqs[i]! } satisfies Receipt);
    }
    if (batch.checkpointSize !== undefined) {
      this.#lastCheckpoint = batch.head.size;
      this.#checkpointWanted = false;
      this.#options.onCheckpoint(batch.head.size, headRoot(batch.head));
    } else if (batch.signerError !== undefined) {
      this.#checkpointWanted = false;
    }
  }

  #release(records: QueuedRecord[]): void {
    for (const record of records) {
      this.#queuedBytes -= record.bytes;
      if (record.relaxed) this.#relaxedQueued -= 1;
    }
  }

  /**
   * The disk hangs: everyone who waits is refused. Records of the write under way may still turn out durable; their callers
   * were told no, which is the safe side. Records not yet handed to the disk are taken back and will be accounted for.
   */
  #stall(): void {
    this.#stalled = true;
    const error = this.#timeout();
    const waiting = this.#queue;
    this.#queue = [];
    this.#release(waiting);
    for (const record of waiting) this.#refuse(record, error);
    for (const record of this.#inFlight) {
      if (record.relaxed) record.resolve({ id: record.id, seq: undefined });
      else record.reject(error);
    }
    this.#inFlight = [];
  }
}
