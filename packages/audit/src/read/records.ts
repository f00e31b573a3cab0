import { AuditError } from '../audit-error.ts';
import type { AuditRecord } from '../event.ts';
import type { AuditFileSystem } from '../storage/file-system.ts';
import { listSegments } from '../storage/layout.ts';
import type { Layout, SegmentName } from '../storage/layout.ts';
import { openLocation } from './location.ts';
import type { LogLocation } from './location.ts';

/** A line of the log as it lies on disk. */
export interface LogLine {
  seq: number;
  /** Without the newline. */
  bytes: Buffer;
  segment: SegmentName;
  /** Where the line begins in its segment. */
  offset: number;
}

const NEWLINE = 10;

/** Segments that hold records from `fromSeq` on. */
async function segmentsFrom(fs: AuditFileSystem, layout: Layout, fromSeq: number): Promise<SegmentName[]> {
  const segments = await listSegments(fs, layout);
  const first = segments.findLastIndex((segment) => segment.firstSeq <= fromSeq);
  return segments.slice(Math.max(0, first));
}

/** Where reading stopped; who reads on from there does not read the segment again from its beginning. */
export interface ReadPosition {
  firstSeq: number;
  seq: number;
  offset: number;
}

/** The position after a line. */
export function positionAfter(line: LogLine): ReadPosition {
  return { firstSeq: line.segment.firstSeq, seq: line.seq + 1, offset: line.offset + line.bytes.length + 1 };
}

const CHUNK_BYTES = 1024 * 1024;

async function* linesOf(fs: AuditFileSystem, segment: SegmentName, from: ReadPosition): AsyncGenerator<LogLine> {
  // Purged between listing and reading.
  if ((await fs.size(segment.path)) === undefined) return;
  const file = await fs.open(segment.path, 'read');
  try {
    let { seq, offset } = from;
    let carried = Buffer.alloc(0);
    let position = offset;
    for (;;) {
      // A new buffer each time: lines handed out stay valid.
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const read = await file.read(chunk, position);
      if (read === 0) return;
      position += read;
      const data = Buffer.concat([carried, chunk.subarray(0, read)]);
      let start = 0;
      for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
        yield { seq, bytes: data.subarray(start, end), segment, offset: offset + start };
        seq += 1;
        start = end + 1;
      }
      offset += start;
      carried = data.subarray(start);
    }
  } finally {
    await file.close();
  }
}

/**
 * The whole lines from `fromSeq` on, in order; half a line at the end (a write under way, or torn) is left out.
 * `known` is where an earlier reading stopped. Does not check the chain: that is what the verifiers are for.
 */
export async function* readLines(
  fs: AuditFileSystem,
  layout: Layout,
  fromSeq = 0,
  known?: ReadPosition,
): AsyncGenerator<LogLine> {
  for (const segment of await segmentsFrom(fs, layout, fromSeq)) {
    const { firstSeq } = segment;
    const from = known?.firstSeq === firstSeq && known.seq === fromSeq ? known : { firstSeq, seq: firstSeq, offset: 0 };
    for await (const line of linesOf(fs, segment, from)) if (line.seq >= fromSeq) yield line;
  }
}

/** Parses a line. Throws AuditError ERR_AUDIT_CHAIN_BROKEN when it is not JSON. */
export function parseLine(line: Pick<LogLine, 'seq' | 'bytes'>): AuditRecord {
  try {
    return JSON.parse(line.bytes.toString()) as AuditRecord;
  } catch (cause) {
    throw new AuditError('ERR_AUDIT_CHAIN_BROKEN', `Record ${line.seq} is not JSON.`, { cause });
  }
}

/** The records from `fromSeq` on, in order. */
export async function* readRecords(location: LogLocation, fromSeq = 0): AsyncGenerator<AuditRecord> {
  const { fs, layout } = openLocation(location);
  for await (const line of readLines(fs, layout, fromSeq)) yield parseLine(line);
}

/** One line by its sequence number, or undefined when it is not (or no longer) there. */
export async function readLine(fs: AuditFileSystem, layout: Layout, seq: number): Promise<Buffer | undefined> {
  for await (const line of readLines(fs, layout, seq)) return line.seq === seq ? line.bytes : undefined;
  return undefined;
}

/** Finds the sequence number of a record by its id, reading from the newest segment backwards. */
export async function findSeq(fs: AuditFileSystem, layout: Layout, id: string): Promise<number | undefined> {
  const needle = Buffer.from(`"id":${JSON.stringify(id)}`);
  for (const segment of (await listSegments(fs, layout)).toReversed()) {
    const bytes = await fs.readFile(segment.path);
    if (!bytes?.includes(needle)) continue;
    let seq = segment.firstSeq;
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      const line = bytes.subarray(start, end);
      // The same text may stand in a detail or an exchange id: only the record's own id counts.
      if (line.includes(needle) && parseLine({ seq, bytes: line }).id === id) return seq;
      seq += 1;
      start = end + 1;
    }
  }
  return undefined;
}

export interface TailOptions {
  /** First record to give. Default: the next that is written. */
  fromSeq?: number;
  /** How often to look for more. Default 200 milliseconds, from 10. */
  pollMs?: number;
  /** Ends the tail. */
  signal?: AbortSignal;
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
    if (signal?.aborted) done();
  });
}

async function endOf(fs: AuditFileSystem, layout: Layout): Promise<number> {
  const last = (await listSegments(fs, layout)).at(-1);
  let seq = last?.firstSeq ?? 0;
  if (last) for await (const line of readLines(fs, layout, last.firstSeq)) seq = line.seq + 1;
  return seq;
}

/** Follows the log as it grows, across segments. Ends when the signal aborts. */
export async function* tailRecords(location: LogLocation, options: TailOptions = {}): AsyncGenerator<AuditRecord> {
  const { fs, layout } = openLocation(location);
  const { signal, pollMs = 200 } = options;
  let seq = options.fromSeq ?? (await endOf(fs, layout));
  let seenBytes = -1;
  let position: ReadPosition | undefined;
  for (;;) {
    if (signal?.aborted) return;
    const last = (await listSegments(fs, layout)).at(-1);
    const size = last ? ((await fs.size(last.path)) ?? 0) + last.firstSeq : 0;
    // Nothing was written since the last look.
    if (size !== seenBytes) {
      for await (const line of readLines(fs, layout, seq, position)) {
        if (signal?.aborted) return;
        seq = line.seq + 1;
        position = positionAfter(line);
        yield parseLine(line);
      }
      seenBytes = size;
    }
    await wait(Math.max(10, pollMs), signal);
  }
}
