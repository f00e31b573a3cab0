import { join } from 'node:path';
import { AuditError } from '../audit-error.ts';
import type { AuditRecord } from '../event.ts';
import { openLocation } from '../read/location.ts';
import type { LogLocation } from '../read/location.ts';
import { parseLine, positionAfter, readLines } from '../read/records.ts';
import type { ReadPosition } from '../read/records.ts';
import { listSegments } from '../storage/layout.ts';
import type { AuditSink, OutgoingRecord } from './audit-sink.ts';

export interface SinkPumpOptions extends LogLocation {
  sink: AuditSink;
  /** Records per `send`. Default 500, from 1 to 10,000. */
  batchRecords?: number;
  /** How often to look for new records. Default 250 milliseconds, from 10. */
  pollMs?: number;
  /** First wait after a failure; doubles up to 60 times that. Default 1000 milliseconds, from 10. */
  retryMs?: number;
  /** A `send` that takes longer is aborted and counts as failed. Default 30,000 milliseconds, from 10. */
  timeoutMs?: number;
  /** 0 to 1, spreads retries. Default `Math.random`. */
  random?: () => number;
  /** Records to copy; default all. What is left out still moves the cursor. */
  select?: (record: AuditRecord) => boolean;
}

export interface SinkState {
  name: string;
  /** Records the sink has for good. */
  deliveredSeq: number;
  /** Records in the log that the sink does not have yet, when last looked. */
  lagRecords: number;
  /** Age of the oldest of them in the log's own time, milliseconds; 0 without lag. */
  lagMs: number;
  failures: number;
  consecutiveFailures: number;
  lastError: unknown;
}

export interface SinkPump {
  state(): SinkState;
  /** Delivers all that is in the log now, once; rejects with AuditError ERR_AUDIT_SINK_FAILED on the first failure. */
  drain(): Promise<number>;
  /** Starts delivering in the background, with retries. */
  start(): void;
  /** Stops after the batch under way and closes the sink. */
  stop(): Promise<void>;
}

const NAME = /^[a-z0-9_-]{1,64}$/;
const MAX_BACKOFF_FACTOR = 60;

/**
 * Copies the log to a sink. It reads from the segments, not from memory, so neither a slow place nor a restart loses a
 * record, and the request path never waits for it. The cursor is saved after a batch was taken: after a crash the last
 * batch comes again. Throws TypeError for a name or figure out of range.
 */
export function createSinkPump(options: SinkPumpOptions): SinkPump {
  const { sink, batchRecords = 500, pollMs = 250, retryMs = 1000, timeoutMs = 30_000, random = Math.random } = options;
  if (!NAME.test(sink.name)) throw new TypeError('The name of a sink must match [a-z0-9_-]{1,64}.');
  if (!Number.isInteger(batchRecords) || batchRecords < 1 || batchRecords > 10_000)
    throw new TypeError('"batchRecords" must be an integer from 1 to 10000.');
  for (const [name, value] of Object.entries({ pollMs, retryMs, timeoutMs })) {
    if (!Number.isInteger(value) || value < 10) throw new TypeError(`"${name}" must be an integer of at least 10.`);
  }
  const { fs, layout } = openLocation(options);
  const cursorPath = join(layout.cursors, `${sink.name}.json`);
  const state: SinkState = {
    name: sink.name,
    deliveredSeq: 0,
    lagRecords: 0,
    lagMs: 0,
    failures: 0,
    consecutiveFailures: 0,
    lastError: undefined,
  };
  const stopping = new AbortController();
  let loaded = false;
  let running: Promise<void> | undefined;

  const load = async (): Promise<void> => {
    if (loaded) return;
    await fs.makeDirectory(layout.cursors);
    const bytes = await fs.readFile(cursorPath);
    if (bytes) state.deliveredSeq = (JSON.parse(bytes.toString()) as { next: number }).next;
    loaded = true;
  };

  const deliver = async (batch: readonly OutgoingRecord[], next: number): Promise<void> => {
    try {
      if (batch.length > 0) await sink.send(batch, AbortSignal.timeout(timeoutMs));
    } catch (cause) {
      state.failures += 1;
      state.consecutiveFailures += 1;
      state.lastError = cause;
      throw new AuditError('ERR_AUDIT_SINK_FAILED', `Sink ${sink.name} did not take records.`, { cause });
    }
    state.consecutiveFailures = 0;
    state.lastError = undefined;
    state.deliveredSeq = next;
    await fs.replaceFile(cursorPath, Buffer.from(JSON.stringify({ v: 1, next })));
  };

  let position: ReadPosition | undefined;

  const drain = async (): Promise<number> => {
    await load();
    const firstSeq = (await listSegments(fs, layout))[0]?.firstSeq ?? 0;
    let next = Math.max(state.deliveredSeq, firstSeq);
    let batch: OutgoingRecord[] = [];
    let waiting = 0;
    let delivered = 0;
    let reached: ReadPosition | undefined;
    let oldest: number | undefined;
    let newest = 0;
    let failure: unknown;
    for await (const line of readLines(fs, layout, next, position)) {
      const record = parseLine(line);
      oldest ??= record.t;
      newest = record.t;
      waiting += 1;
      // After a failure the rest is only counted, so that the lag is visible.
      if (failure !== undefined) continue;
      next = line.seq + 1;
      reached = positionAfter(line);
      if (options.select?.(record) ?? true) batch.push({ record, line: line.bytes.toString() });
      if (batch.length < batchRecords) continue;
      try {
        await deliver(batch, next);
        delivered += batch.length;
        batch = [];
        waiting = 0;
        oldest = undefined;
      } catch (error) {
        failure = error;
      }
      if (stopping.signal.aborted) break;
    }
    if (failure === undefined && next > state.deliveredSeq) {
      try {
        await deliver(batch, next);
        delivered += batch.length;
        waiting = 0;
      } catch (error) {
        failure = error;
      }
    }
    state.lagRecords = waiting;
    state.lagMs = waiting > 0 && oldest !== undefined ? newest - oldest : 0;
    if (failure !== undefined) throw failure;
    position = reached ?? position;
    return delivered;
  };

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      stopping.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
      if (stopping.signal.aborted) resolve();
    });

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await drain();
        await wait(pollMs);
      } catch {
        // Kept in the state, counted, and tried again: a sink that is away must not stop the log.
        const factor = Math.min(2 ** (state.consecutiveFailures - 1), MAX_BACKOFF_FACTOR);
        await wait(retryMs * factor * (0.5 + random() / 2));
      }
    }
  };

  return {
    state: () => ({ ...state }),
    drain,
    start() {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      await running;
      await sink.close?.();
    },
  };
}
