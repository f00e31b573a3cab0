import type { Receipt } from '../event.ts';
import type { GapFields, SegmentFields } from '../event.ts';
import type { CachedEnvelope } from '../privacy/envelopes.ts';
import type { Signer } from '../note/signer.ts';
import { signCheckpoint } from '../note/checkpoint.ts';
import { copyHead, frontierHex, headRoot } from './chain.ts';
import type { BatchBuffer, ChainHead } from './chain.ts';
import { formatSelfHead } from './record-head.ts';
import { MAX_LINE_BYTES } from './record-tail.ts';

/** A record that waits to be written. */
export interface QueuedRecord {
  head: string;
  /** Size of the line in UTF-16 units; it takes up to three times as many bytes. */
  bytes: number;
  id: string;
  stream: string;
  n: number;
  /** Of the actor and of the source: must be in the same segment. */
  envelopes: readonly CachedEnvelope[];
  exchange: { id: string; phase: 'intent' | 'terminal' } | undefined;
  relaxed: boolean;
  /** Called once if the record will never be in the log. */
  onLost: (() => void) | undefined;
  resolve: (receipt: Receipt) => void;
  reject: (error: unknown) => void;
}

/** Ids of open exchanges a segment states at most; more would not fit a record. */
const MAX_OPEN_LISTED = 400;

export interface BatchContext {
  chainUid: string;
  signer: Signer;
  nowMs: () => number;
  newId: (nowMs: number) => string;
}

export interface BatchRequest {
  records: readonly QueuedRecord[];
  gaps: readonly GapFields[];
  /** Sequence number of the first record of the segment written to. */
  segment: number | undefined;
  rotate: boolean;
  checkpoint: boolean;
  open: ReadonlySet<string>;
}

export interface BuiltBatch {
  head: ChainHead;
  firstSeq: number;
  seqs: number[];
  envelopes: CachedEnvelope[];
  segment: number;
  checkpointSize: number | undefined;
  /** The signer's failure; the records are written without a checkpoint then. */
  signerError: unknown;
}

function segmentFields(context: BatchContext, head: ChainHead, open: ReadonlySet<string>): SegmentFields {
  return {
    chain: context.chainUid,
    origin: context.signer.name,
    size: head.size,
    frontier: frontierHex(head),
    open: [...open].slice(0, MAX_OPEN_LISTED),
    open_cut: open.size > MAX_OPEN_LISTED,
  };
}

/**
 * Lays out one write: what was refused before, a new segment's first record if due, each record with the envelope it
 * needs, and a checkpoint if due. Works on a copy of the chain head, so a failed write leaves no trace.
 */
export async function buildBatch(
  context: BatchContext,
  from: ChainHead,
  buffer: BatchBuffer,
  request: BatchRequest,
): Promise<BuiltBatch> {
  const head = copyHead(from);
  const firstSeq = head.size;
  const now = context.nowMs();
  const self = (type: string, members: string): void =>
    buffer.append(head, formatSelfHead(now, type, context.newId(now), members));
  buffer.reset();
  const segment = request.rotate || request.segment === undefined ? firstSeq : request.segment;
  if (segment === firstSeq) {
    // The first record of a chain states the same as that of a later segment; only its type differs.
    const type = firstSeq === 0 ? 'audit.started' : 'audit.segment_rotated';
    self(type, `,"segment":${JSON.stringify(segmentFields(context, head, request.open))}`);
  }
  for (const gap of request.gaps) {
    self(gap.reason === 'dropped' ? 'audit.dropped' : 'audit.gap', `,"sev":"high","gap":${JSON.stringify(gap)}`);
  }
  const seqs: number[] = [];
  const sealedHere = new Set<CachedEnvelope>();
  for (const record of request.records) {
    for (const envelope of record.envelopes) {
      if (envelope.segment === segment || sealedHere.has(envelope)) continue;
      self('actor.envelope', `,"envelope":${envelope.json}`);
      sealedHere.add(envelope);
    }
    seqs.push(head.size);
    buffer.append(head, record.head);
  }
  let checkpointSize: number | undefined;
  let signerError: unknown;
  if (request.checkpoint && head.size > 0) {
    try {
      const note = await signCheckpoint(context.signer, head.size, headRoot(head));
      checkpointSize = head.size;
      self('audit.checkpoint', `,"note":${JSON.stringify(note)}`);
    } catch (error) {
      // Records matter more than their seal: they are written, and the seal is tried again.
      signerError = error;
    }
  }
  return { head, firstSeq, seqs, envelopes: [...sealedHere], segment, checkpointSize, signerError };
}

/** Room beyond the records: a segment's first record, gap records and a checkpoint. */
const BATCH_OVERHEAD_BYTES = 4 * MAX_LINE_BYTES;

/** Most bytes that one write can have, and so the most that a crash can tear; records are estimated in UTF-16 units. */
export function maxWriteBytes(maxBatchBytes: number): number {
  return 3 * maxBatchBytes + BATCH_OVERHEAD_BYTES;
}
