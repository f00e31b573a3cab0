import { hash } from 'node:crypto';
import { join } from 'node:path';
import { AuditError } from '../audit-error.ts';
import type { AuditRecord, SegmentFields } from '../event.ts';
import { digestFromHex } from '../merkle/tree-hash.ts';
import type { Digest } from '../merkle/tree-hash.ts';
import { openCheckpoint } from '../note/checkpoint.ts';
import type { Checkpoint, TrustedKey } from '../note/checkpoint.ts';
import type { AuditFileSystem } from '../storage/file-system.ts';
import { listSegments } from '../storage/layout.ts';
import type { Layout, SegmentName } from '../storage/layout.ts';
import { absorbLine, headRoot } from './chain.ts';
import type { ChainHead } from './chain.ts';
import { segmentOf } from '../verify/record-shape.ts';
import { parseTail } from './record-tail.ts';

export interface Recovered {
  head: ChainHead;
  chainUid: string;
  origin: string;
  segment: { firstSeq: number; durableBytes: number; startedAtMs: number };
  /** Exchanges with an intent and no terminal record. */
  open: Set<string>;
  lastTimeMs: number;
  /** False when the last run did not end with `audit.stopped`. */
  cleanlyStopped: boolean;
  /** Records after the newest checkpoint file; nothing but the chain has covered them so far. */
  unsigned: number;
  torn: { bytes: number; sha256: string; lines: number } | undefined;
}

function broken(message: string): AuditError {
  return new AuditError('ERR_AUDIT_CHAIN_BROKEN', message);
}

interface Scan {
  head: ChainHead;
  /** End of the last good line. */
  goodBytes: number;
  segment: SegmentFields;
  open: Set<string>;
  startedAtMs: number;
  lastTimeMs: number;
  cleanlyStopped: boolean;
  rootAt: Digest | undefined;
}

function parseRecord(line: Buffer): AuditRecord | undefined {
  try {
    return JSON.parse(line.toString()) as AuditRecord;
  } catch {
    // Half a line is what a crash leaves; the caller decides whether this place may be torn.
    return undefined;
  }
}

function headBefore(first: AuditRecord): ChainHead | undefined {
  const nodes = segmentOf(first)?.frontier.map(digestFromHex);
  if (!nodes || nodes.includes(undefined)) return undefined;
  return { size: first.seq, prev: first.prev, frontier: { size: first.seq, nodes: nodes as Digest[] } };
}

/** Follows the chain through a segment up to the first line that does not fit. */
function scanSegment(bytes: Buffer, firstSeq: number, checkpointSize: number | undefined): Scan | undefined {
  // One byte in front, because the leaf hash is taken in place.
  const buffer = Buffer.concat([Buffer.from('\n'), bytes]);
  let scan: Scan | undefined;
  let start = 1;
  for (;;) {
    const end = buffer.indexOf(10, start);
    if (end < 0) return scan;
    const line = buffer.subarray(start, end);
    const tail = parseTail(line);
    const record = tail && parseRecord(line);
    if (!record) return scan;
    if (!scan) {
      const head = record.seq === firstSeq ? headBefore(record) : undefined;
      if (!head) return undefined;
      const segment = segmentOf(record)!;
      const rootAt = head.size === checkpointSize ? headRoot(head) : undefined;
      scan = {
        head,
        goodBytes: 0,
        segment,
        open: new Set(segment.open),
        startedAtMs: record.t,
        lastTimeMs: 0,
        cleanlyStopped: false,
        rootAt,
      };
    }
    if (tail.seq !== scan.head.size || tail.prev !== scan.head.prev) return scan;
    absorbLine(scan.head, buffer, start, end);
    scan.goodBytes = end;
    scan.lastTimeMs = record.t;
    if (record.ex?.phase === 'intent') scan.open.add(record.ex.id);
    else if (record.ex) scan.open.delete(record.ex.id);
    if (record.type !== 'audit.checkpoint') scan.cleanlyStopped = record.type === 'audit.stopped';
    if (scan.head.size === checkpointSize) scan.rootAt = headRoot(scan.head);
    start = end + 1;
  }
}

async function readCheckpoint(
  fs: AuditFileSystem,
  layout: Layout,
  trusted: readonly TrustedKey[],
): Promise<Checkpoint | undefined> {
  const bytes = await fs.readFile(layout.checkpoint);
  if (!bytes) return undefined;
  const checkpoint = openCheckpoint(bytes.toString(), trusted);
  if (typeof checkpoint === 'string') throw broken(`The checkpoint file cannot be trusted: ${checkpoint}.`);
  return checkpoint;
}

/** Open exchanges a segment could not list are found in the one before it. */
async function addOpenBefore(fs: AuditFileSystem, segments: SegmentName[], last: number, scan: Scan): Promise<void> {
  if (!scan.segment.open_cut) return;
  const closedLater = new Set<string>();
  for (let i = last; i >= 0; i -= 1) {
    const text = (await fs.readFile(segments[i]!.path))?.toString() ?? '';
    const intents: string[] = [];
    let first: AuditRecord | undefined;
    for (const line of text.split('\n')) {
      const record = line === '' ? undefined : parseRecord(Buffer.from(line));
      first ??= record;
      if (record?.ex?.phase === 'intent') intents.push(record.ex.id);
      else if (record?.ex) closedLater.add(record.ex.id);
    }
    for (const id of [...intents, ...(first?.segment?.open ?? [])]) if (!closedLater.has(id)) scan.open.add(id);
    if (first?.segment?.open_cut !== true) return;
  }
}

/**
 * Finds the end of the log after any kind of stop. A crash can tear at most the one write that was under way; its torn bytes
 * are moved aside and reported. Anything else that does not fit is not repaired but refused with ERR_AUDIT_CHAIN_BROKEN,
 * because mending it would destroy the evidence. Undefined means that there is no log yet.
 */
export async function recover(
  fs: AuditFileSystem,
  layout: Layout,
  trusted: readonly TrustedKey[],
  maxTornBytes: number,
): Promise<Recovered | undefined> {
  const segments = await listSegments(fs, layout);
  const checkpoint = await readCheckpoint(fs, layout, trusted);
  const tornParts: { name: string; bytes: Buffer; path: string; keep: number }[] = [];
  for (let i = segments.length - 1; i >= 0; i -= 1) {
    const { path, firstSeq } = segments[i]!;
    const bytes = (await fs.readFile(path)) ?? Buffer.alloc(0);
    const scan = scanSegment(bytes, firstSeq, checkpoint?.size);
    const keep = scan?.goodBytes ?? 0;
    if (keep < bytes.length || !scan) tornParts.push({ name: `${firstSeq}`, bytes: bytes.subarray(keep), path, keep });
    // A crash while a segment was being made leaves one without a whole first line; the log ends in the one before.
    if (!scan && i === segments.length - 1) continue;
    if (!scan) throw broken(`Segment ${firstSeq} does not begin with a usable record.`);
    checkScan(scan, checkpoint, tornParts, maxTornBytes);
    await addOpenBefore(fs, segments, i, scan);
    const torn = await moveAside(fs, layout, tornParts);
    return {
      head: scan.head,
      chainUid: scan.segment.chain,
      origin: scan.segment.origin,
      segment: { firstSeq, durableBytes: keep, startedAtMs: scan.startedAtMs },
      open: scan.open,
      lastTimeMs: scan.lastTimeMs,
      cleanlyStopped: scan.cleanlyStopped,
      unsigned: scan.head.size - (checkpoint?.size ?? 0),
      torn,
    };
  }
  if (checkpoint && checkpoint.size > 0) throw broken('There is a checkpoint but no log.');
  await moveAside(fs, layout, tornParts);
  return undefined;
}

function checkScan(
  scan: Scan,
  checkpoint: Checkpoint | undefined,
  torn: { bytes: Buffer }[],
  maxTornBytes: number,
): void {
  const tornBytes = torn.reduce((sum, part) => sum + part.bytes.length, 0);
  // A size that the good records do not reach leaves no root to compare, which is a difference as well.
  if (checkpoint && checkpoint.size >= scan.segment.size && scan.rootAt !== checkpoint.root) {
    throw broken(`The ${scan.head.size} good records do not make the root that was signed for ${checkpoint.size}.`);
  }
  if (tornBytes > maxTornBytes) {
    throw broken(`${tornBytes} bytes at the end do not fit the chain; a crash tears at most ${maxTornBytes}.`);
  }
}

async function moveAside(
  fs: AuditFileSystem,
  layout: Layout,
  parts: { name: string; bytes: Buffer; path: string; keep: number }[],
): Promise<Recovered['torn']> {
  if (parts.length === 0) return undefined;
  const all = Buffer.concat(parts.toReversed().map((part) => part.bytes));
  const sha256 = hash('sha256', all, 'hex');
  if (all.length > 0) {
    await fs.makeDirectory(layout.torn);
    await fs.replaceFile(join(layout.torn, `${parts.at(-1)!.name}-${sha256.slice(0, 16)}.bin`), all);
  }
  for (const { path, keep } of parts) {
    if (keep === 0) {
      await fs.remove(path);
      continue;
    }
    const file = await fs.open(path, 'write');
    try {
      await file.truncate(keep);
      await file.datasync();
    } finally {
      await file.close();
    }
  }
  await fs.syncDirectory(layout.segments);
  if (all.length === 0) return undefined;
  return {
    bytes: all.length,
    sha256,
    lines: all
      .toString('latin1')
      .split('\n')
      .filter((line) => line !== '').length,
  };
}
