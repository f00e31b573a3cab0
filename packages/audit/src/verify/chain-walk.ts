import type { AuditRecord, SegmentFields } from '../event.ts';
import { frontierLength } from '../merkle/frontier.ts';
import { digestFromHex } from '../merkle/tree-hash.ts';
import type { Digest } from '../merkle/tree-hash.ts';
import { openCheckpoint } from '../note/checkpoint.ts';
import type { Checkpoint, TrustedKey } from '../note/checkpoint.ts';
import { absorbLine, frontierHex, genesisHead, headRoot } from '../writer/chain.ts';
import type { ChainHead } from '../writer/chain.ts';
import { LOG_STREAM, MAX_LINE_BYTES, parseHead, parseTail } from '../writer/record-tail.ts';
import { gapOf, segmentOf } from './record-shape.ts';
import { StreamCounters } from './counters.ts';
import { parseRecord, readLineFields } from './line-fields.ts';
import type { Finding, FindingCode, Warning, WarningCode } from './findings.ts';

/** At most this many warnings of one run are listed; the log may hold millions of records. */
const MAX_WARNINGS = 1000;

/** Follows the chain record by record; the file handling is elsewhere. */
export class ChainWalk {
  readonly findings: Finding[] = [];
  readonly warnings: Warning[] = [];
  readonly #keys: readonly TrustedKey[];
  readonly #toleranceMs: number;
  #head: ChainHead = genesisHead();
  #expected: Checkpoint[] = [];
  #nextExpected = Number.POSITIVE_INFINITY;
  #counters = new StreamCounters(true);
  #lastTimeMs = 0;
  #stoppedCleanly = false;
  #atSegmentStart = true;
  readonly #purges: { seq: number; before: number }[] = [];
  #newestInside: Checkpoint | undefined;
  #insideBeforeNewest: Checkpoint | undefined;
  segment: SegmentFields | undefined;
  firstSeq = 0;
  records = 0;
  bytes = 0;
  checkpoints = 0;

  constructor(keys: readonly TrustedKey[], toleranceMs: number) {
    this.#keys = keys;
    this.#toleranceMs = toleranceMs;
  }

  get nextSeq(): number {
    return this.#head.size;
  }

  root(): Digest {
    return headRoot(this.#head);
  }

  find(code: FindingCode, message: string, seq?: number): void {
    this.findings.push(seq === undefined ? { code, message } : { code, message, seq });
  }

  warn(code: WarningCode, message: string, seq?: number): void {
    if (this.warnings.length < MAX_WARNINGS)
      this.warnings.push(seq === undefined ? { code, message } : { code, message, seq });
  }

  /** Sets the checkpoints whose roots are compared when the walk reaches their size. */
  expect(checkpoints: readonly Checkpoint[]): void {
    this.#expected = checkpoints.toSorted((a, b) => a.size - b.size);
    this.#advanceExpected();
  }

  #advanceExpected(): void {
    while (this.#expected.length > 0 && this.#expected[0]!.size <= this.#head.size) {
      const { size, root } = this.#expected.shift()!;
      // Below the first record present only signed proofs could tell; the tree that continues from there is compared later.
      if (size < this.#head.size || size === 0) continue;
      if (root !== this.root())
        this.find('fork', `The log has another root at size ${size} than a signed checkpoint.`, size);
    }
    this.#nextExpected = this.#expected[0]?.size ?? Number.POSITIVE_INFINITY;
  }

  beginSegment(firstSeq: number): void {
    this.#atSegmentStart = true;
    if (this.records === 0) {
      this.firstSeq = firstSeq;
      this.#counters = new StreamCounters(firstSeq === 0);
    }
  }

  /** Takes one line; false when it does not fit and the walk has to stop. */
  take(buffer: Buffer, start: number, end: number): boolean {
    if (this.#atSegmentStart && !this.#openSegment(buffer.subarray(start, end))) return false;
    this.#atSegmentStart = false;
    const head = this.#head;
    const expected = `,"seq":${head.size},"prev":"${head.prev}"}`;
    const tailStart = end - expected.length;
    if (end - start > MAX_LINE_BYTES || tailStart <= start || buffer.toString('latin1', tailStart, end) !== expected) {
      this.#explain(buffer.subarray(start, end));
      return false;
    }
    const fields = readLineFields(buffer, start, tailStart);
    if (!fields) return this.#malformed();
    this.#clock(fields.t);
    if (fields.special && !this.#special(buffer.subarray(start, end))) return false;
    if (fields.stream !== LOG_STREAM && !this.#counters.see(fields.stream, fields.n)) {
      this.find('counter_back', `The counter of stream ${fields.stream} went back to ${fields.n}.`, head.size);
    }
    absorbLine(head, buffer, start, end);
    this.records += 1;
    if (head.size >= this.#nextExpected) this.#advanceExpected();
    return true;
  }

  #openSegment(line: Buffer): boolean {
    const record = parseRecord(line);
    const fields = record && segmentOf(record);
    const seq = this.records === 0 ? this.firstSeq : this.#head.size;
    if (!record || !fields || fields.size !== seq || fields.frontier.length !== frontierLength(seq)) {
      this.find('line_malformed', 'A segment does not begin with a usable first record.', seq);
      return false;
    }
    if (this.records === 0 && seq > 0) {
      const nodes = fields.frontier.map(digestFromHex);
      const prev = parseTail(line)?.prev;
      if (nodes.includes(undefined) || prev === undefined) {
        this.find('line_malformed', 'The first record of the log does not state what came before.', seq);
        return false;
      }
      // Not believed but tried: signed checkpoints later on fit only if these hashes are the true ones.
      this.#head = { size: seq, prev, frontier: { size: seq, nodes: nodes as Digest[] } };
      this.#advanceExpected();
    } else if (frontierHex(this.#head).join() !== fields.frontier.join()) {
      this.find('frontier_mismatch', 'A segment states another tree than the records before it make.', seq);
      return false;
    }
    if (this.segment && (this.segment.chain !== fields.chain || this.segment.origin !== fields.origin)) {
      this.find('origin_mismatch', 'A segment belongs to another log.', seq);
      return false;
    }
    if (!this.#keys.some(({ name }) => name === fields.origin)) {
      this.find(
        'origin_mismatch',
        `The log states the origin ${JSON.stringify(fields.origin)}, for which no key was given.`,
        seq,
      );
    }
    this.segment = fields;
    return true;
  }

  #explain(line: Buffer): void {
    const { size, prev } = this.#head;
    const tail = parseTail(line);
    if (!tail || !parseHead(line)) this.find('line_malformed', 'The line does not have the form of a record.', size);
    else if (tail.seq !== size) this.find('sequence_wrong', `Record ${size} was expected, ${tail.seq} is there.`, size);
    else
      this.find(
        'chain_broken',
        `Record ${size} follows a record with the hash ${tail.prev}, the one before it has ${prev}.`,
        size,
      );
  }

  #malformed(): false {
    this.find('line_malformed', 'The line does not have the form of a record.', this.#head.size);
    return false;
  }

  #clock(t: number): void {
    if (t < this.#lastTimeMs - this.#toleranceMs && this.records > 0) {
      this.warn('clock_jump', `The clock went back by ${this.#lastTimeMs - t} ms.`, this.#head.size);
    }
    this.#lastTimeMs = t;
  }

  #special(line: Buffer): boolean {
    const record = parseRecord(line);
    if (!record) return this.#malformed();
    const { type } = record;
    if (type === 'audit.checkpoint') return this.#checkpoint(record);
    if (type === 'audit.started' && record.stream !== 'log') this.#beginRun();
    else if (type === 'audit.stopped') this.#stoppedCleanly = true;
    else if (type === 'audit.clock_jump')
      this.warn('clock_jump', 'The writer noticed that its clock jumped.', record.seq);
    else if (type === 'gdpr.retention_purge')
      this.#purges.push({ seq: record.seq, before: Number(record.detail?.before_seq ?? 0) });
    else if (type === 'gateway.crashed_recovered' && !record.ex)
      this.warn('crash_recovered', 'The log was mended after a crash.', record.seq);
    const gap = gapOf(record);
    if (gap) {
      this.#counters.account(gap);
      this.warn(
        'refused_records',
        `${gap.count} records of stream ${gap.stream} were not taken: ${gap.reason}.`,
        record.seq,
      );
    }
    return true;
  }

  #beginRun(): void {
    this.#endRun();
    this.#counters.reset();
    this.#stoppedCleanly = false;
  }

  #endRun(): void {
    for (const { stream, from, to } of this.#counters.unaccounted()) {
      const message = `Counter values ${from} to ${to} of stream ${stream} are missing.`;
      // A crash can come between a refusal and the record that tells of it; an orderly stop cannot.
      if (this.#stoppedCleanly) this.find('gap', message, this.#head.size);
      else this.warn('gap_in_crashed_run', message, this.#head.size);
    }
  }

  #checkpoint(record: AuditRecord): boolean {
    const opened = openCheckpoint(String(record.note), this.#keys);
    this.checkpoints += 1;
    if (typeof opened === 'string') {
      this.find('checkpoint_invalid', `The checkpoint in the log cannot be trusted: ${opened}.`, record.seq);
      return true;
    }
    if (opened.size !== record.seq || opened.root !== this.root()) {
      this.find(
        'checkpoint_mismatch',
        'The checkpoint in the log states another tree than the records make.',
        record.seq,
      );
    }
    this.#insideBeforeNewest = this.#newestInside;
    this.#newestInside = opened;
    return true;
  }

  /** What can be said only at the end. */
  finish(file: Checkpoint | undefined): void {
    this.#endRun();
    for (const { size } of this.#expected) {
      this.find('truncated', `${size} records were signed, ${this.#head.size} are there.`, this.#head.size);
    }
    // A purge that nobody signed may have been written by whoever removed the segments.
    const purgedBefore = Math.max(
      0,
      ...this.#purges.filter(({ seq }) => seq < (file?.size ?? 0)).map(({ before }) => before),
    );
    if (this.firstSeq > purgedBefore) {
      this.find(
        'segment_missing',
        `Records before ${this.firstSeq} are missing and no signed retention record accounts for them.`,
      );
    }
    if (!file || !this.#newestInside || file.size > this.#newestInside.size) return;
    // The file is replaced right after the record is durable and before the next one is made: one behind is a crash at most.
    if (this.#insideBeforeNewest && file.size <= this.#insideBeforeNewest.size) {
      this.find(
        'checkpoint_replayed',
        `The checkpoint file is of size ${file.size}, the log holds newer ones up to ${this.#newestInside.size}.`,
      );
    } else {
      this.warn('checkpoint_behind', 'The checkpoint file is one behind the log: stopped at that moment, or put back.');
    }
  }
}
