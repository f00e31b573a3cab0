import { hash } from 'node:crypto';
import { AuditError } from '../audit-error.ts';
import type { AuditLog } from '../audit-log.ts';
import type { Identity } from '../event.ts';
import { internalsOf } from '../log-internals.ts';
import { HashTiles } from '../read/hash-tiles.ts';
import { parseLine, readLines } from '../read/records.ts';
import { listSegments } from '../storage/layout.ts';
import type { SegmentName } from '../storage/layout.ts';
import { listLegalHolds } from './legal-hold.ts';

export interface PurgeOptions {
  /** Segments whose newest record is older than this are deleted; milliseconds since 1970-01-01 UTC. */
  beforeMs: number;
  by?: Identity;
}

export interface PurgeResult {
  status: 'purged' | 'nothing' | 'held';
  segments: number;
  records: number;
  blobs: number;
  /** Sequence number of the first record that is left. */
  firstSeq: number;
}

/**
 * Deletes whole old segments. Before, the hashes of their records are kept as durable tiles, so that proofs of what is left and
 * consistency with old checkpoints stay possible, and a signed `gdpr.retention_purge` record says what will be deleted.
 * The verifier accepts a missing beginning only with that record. A hold of any kind keeps everything.
 */
export async function purgeSegments(log: AuditLog<string>, options: PurgeOptions): Promise<PurgeResult> {
  const internals = internalsOf(log);
  const { fs, layout, blobs } = internals;
  const segments = await listSegments(fs, layout);
  const first = segments[0]?.firstSeq ?? 0;
  if ((await listLegalHolds(log)).length > 0)
    return { status: 'held', segments: 0, records: 0, blobs: 0, firstSeq: first };
  const old: SegmentName[] = [];
  for (const segment of segments) {
    if (segment.firstSeq >= internals.activeSegment()) break;
    const facts = await factsOf(fs.readFile(segment.path), segment);
    if (facts.newestMs >= options.beforeMs) break;
    old.push(segment);
  }
  const left = segments[old.length]?.firstSeq ?? first;
  if (old.length === 0) return { status: 'nothing', segments: 0, records: 0, blobs: 0, firstSeq: first };
  await new HashTiles(fs, layout).sync(left, { durable: true });
  const blobHashes: string[] = [];
  const digests: string[] = [];
  for (const segment of old) {
    const bytes = (await fs.readFile(segment.path)) ?? Buffer.alloc(0);
    digests.push(hash('sha256', bytes, 'hex'));
  }
  for await (const line of readLines(fs, layout, first)) {
    if (line.seq >= left) break;
    const { blob } = line.bytes.includes('"blob":{') ? parseLine(line) : {};
    if (blob) blobHashes.push(blob.sha256);
  }
  const actor = options.by ? { actor: options.by } : {};
  const detail = {
    before_seq: left,
    segments: old.length,
    records: left - first,
    blobs: blobHashes.length,
    segments_sha256: hash('sha256', digests.join('\n'), 'hex'),
  };
  await log.record({ type: 'gdpr.retention_purge', outcome: 'ok', ...actor, detail });
  // Signed before anything is gone: a missing segment without a signed reason is what tampering looks like.
  await log.checkpoint();
  for (const { path } of old) await fs.remove(path);
  for (const sha256 of blobHashes) await blobs.remove(sha256);
  await fs.syncDirectory(layout.segments);
  return { status: 'purged', segments: old.length, records: left - first, blobs: blobHashes.length, firstSeq: left };
}

async function factsOf(reading: Promise<Buffer | undefined>, segment: SegmentName): Promise<{ newestMs: number }> {
  const bytes = (await reading) ?? Buffer.alloc(0);
  const end = bytes.lastIndexOf(10);
  const start = end > 0 ? bytes.lastIndexOf(10, end - 1) + 1 : 0;
  if (end < 0) throw new AuditError('ERR_AUDIT_CHAIN_BROKEN', `Segment ${segment.firstSeq} has no whole record.`);
  return { newestMs: parseLine({ seq: segment.firstSeq, bytes: bytes.subarray(start, end) }).t };
}
