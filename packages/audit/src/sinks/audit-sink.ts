import type { AuditRecord } from '../event.ts';

/** A record on its way out: parsed, and the line as it lies in the log for places that keep evidence. */
export interface OutgoingRecord {
  record: AuditRecord;
  line: string;
}

/**
 * A place that records are copied to. Delivery is at least once and in order: a batch may come again after a failure or a
 * restart, so a sink must recognise a record it has by `seq` (within one chain) or `id`.
 */
export interface AuditSink {
  /** Names the cursor file; `[a-z0-9_-]{1,64}`. */
  readonly name: string;
  /** Resolves once the place has taken the whole batch for good; rejects when it has not, the batch then comes again. */
  send(batch: readonly OutgoingRecord[], signal: AbortSignal): Promise<void>;
  /** Deletes what ties records to a subject, as far as the place can; see `eraseSubject`. Resolves with the number of rows. */
  forget?(subject: { subj: string; refs: readonly string[] }): Promise<number>;
  close?(): Promise<void>;
}
