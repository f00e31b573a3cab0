import { join } from 'node:path';
import { digestToHex } from '../merkle/tree-hash.ts';
import { openCheckpoint, parseVerifierKey, splitNotes } from '../note/checkpoint.ts';
import type { Checkpoint, TrustedKey } from '../note/checkpoint.ts';
import { scanLines } from '../read/line-scanner.ts';
import { nodeFileSystem } from '../storage/file-system.ts';
import type { AuditFileSystem } from '../storage/file-system.ts';
import { layoutOf, listSegments } from '../storage/layout.ts';
import type { SegmentName } from '../storage/layout.ts';
import { ChainWalk } from './chain-walk.ts';
import type { Verification } from './findings.ts';

export interface VerifyOptions {
  directory: string;
  /** Verifier keys ("vkey") of the log, from a source other than the log itself. At least one. */
  keys: readonly string[];
  /** Signed checkpoints kept outside: notes, or texts in which notes follow each other. They reveal rollbacks and forks. */
  trusted?: readonly string[];
  /** Clock going back by more is reported. Default 5000 milliseconds. */
  clockToleranceMs?: number;
  /** Called between chunks with the records and bytes done so far, and the bytes in all. */
  onProgress?: (done: { records: number; bytes: number; totalBytes: number }) => void;
  fileSystem?: AuditFileSystem;
}

/** Stops the walk at the first line that does not fit: what follows hangs on it and proves nothing. */
class Stop extends Error {}

async function totalSize(fs: AuditFileSystem, segments: readonly SegmentName[]): Promise<number> {
  let total = 0;
  for (const { path } of segments) total += (await fs.size(path)) ?? 0;
  return total;
}

function readTrusted(texts: readonly string[], keys: readonly TrustedKey[], walk: ChainWalk): Checkpoint[] {
  const bySize = new Map<number, Checkpoint>();
  for (const note of texts.flatMap(splitNotes)) {
    const opened = openCheckpoint(note, keys);
    if (typeof opened === 'string') {
      walk.find('trusted_invalid', `A trusted checkpoint cannot be used: ${opened}.`);
      continue;
    }
    const same = bySize.get(opened.size);
    if (same && same.root !== opened.root)
      walk.find('fork', `Two signed checkpoints of size ${opened.size} have different roots.`);
    bySize.set(opened.size, opened);
  }
  return [...bySize.values()];
}

async function walkSegment(
  fs: AuditFileSystem,
  segment: SegmentName,
  isLast: boolean,
  walk: ChainWalk,
): Promise<boolean> {
  if (segment.firstSeq !== walk.nextSeq) {
    if (walk.nextSeq > 0 || walk.records > 0) {
      walk.find(
        'segment_missing',
        `A segment beginning at ${walk.nextSeq} was expected, the next begins at ${segment.firstSeq}.`,
        walk.nextSeq,
      );
      return false;
    }
  }
  walk.beginSegment(segment.firstSeq);
  let stopped = false;
  const end = await scanLines(fs, segment.path, (buffer, start, stop) => {
    if (!walk.take(buffer, start, stop)) throw new Stop();
  }).catch((error: unknown) => {
    if (!(error instanceof Stop)) throw error;
    stopped = true;
    return { partialBytes: 0, overlong: false, bytes: 0 };
  });
  if (stopped) return false;
  walk.bytes += end.bytes;
  const isEmpty = end.bytes === 0;
  if (end.overlong)
    walk.find('line_malformed', `A line in ${segment.path} is longer than a record can be.`, walk.nextSeq);
  else if (end.partialBytes > 0 || isEmpty) {
    if (isLast)
      walk.warn('torn_tail', `The last write was torn: ${end.partialBytes} bytes without an end.`, walk.nextSeq);
    else walk.find('line_malformed', `Segment ${segment.firstSeq} does not end with a whole line.`, walk.nextSeq);
  }
  return !end.overlong && (isLast || (end.partialBytes === 0 && !isEmpty));
}

/**
 * Checks the log of one replica: chain, tree, signatures, every checkpoint inside and outside, gaps, forks and clock jumps.
 * Reads each byte once. Throws TypeError when no usable key is given; rejects with the system error when files cannot be read.
 * Does not check that lines are sensible JSON beyond what it needs: a signed line is what the writer wrote.
 */
export async function verifyLog(options: VerifyOptions): Promise<Verification> {
  if (options.keys.length === 0) throw new TypeError('"keys" must hold at least one verifier key.');
  const keys = options.keys.map(parseVerifierKey);
  const fs = options.fileSystem ?? nodeFileSystem();
  const layout = layoutOf(options.directory);
  const walk = new ChainWalk(keys, options.clockToleranceMs ?? 5000);
  // The checkpoint is read before the log, so that a log that is being written can only be ahead of it.
  const fileBytes = await fs.readFile(layout.checkpoint);
  const segments = await listSegments(fs, layout);
  for (const name of await fs.list(layout.segments)) {
    if (!segments.some(({ path }) => path === join(layout.segments, name)))
      walk.find('unknown_file', `${name} is not a segment.`);
  }
  const fileCheckpoint = fileBytes && openCheckpoint(fileBytes.toString(), keys);
  if (fileCheckpoint === undefined) walk.find('checkpoint_missing', 'There is no checkpoint file.');
  else if (typeof fileCheckpoint === 'string')
    walk.find('checkpoint_invalid', `The checkpoint file cannot be trusted: ${fileCheckpoint}.`);
  const file = typeof fileCheckpoint === 'object' ? fileCheckpoint : undefined;
  const trusted = readTrusted(options.trusted ?? [], keys, walk);
  walk.expect([...trusted, ...(file ? [file] : [])]);
  if (segments.length === 0) walk.find('no_log', 'There are no segments.');
  const totalBytes = await totalSize(fs, segments);
  for (const [i, segment] of segments.entries()) {
    if (!(await walkSegment(fs, segment, i === segments.length - 1, walk))) break;
    options.onProgress?.({ records: walk.records, bytes: walk.bytes, totalBytes });
  }
  walk.finish(file);
  const sealed =
    file !== undefined && file.size === walk.nextSeq && walk.warnings.every(({ code }) => code !== 'torn_tail');
  const status = walk.findings.length > 0 ? 'broken' : sealed ? 'intact' : 'unsealed';
  return {
    status,
    exitCode: { intact: 0 as const, broken: 1 as const, unsealed: 3 as const }[status],
    origin: walk.segment?.origin,
    chainUid: walk.segment?.chain,
    firstSeq: walk.firstSeq,
    size: walk.nextSeq,
    signedSize: file?.size ?? 0,
    root: digestToHex(walk.root()),
    segments: segments.length,
    checkpoints: walk.checkpoints,
    bytes: walk.bytes,
    findings: walk.findings,
    warnings: walk.warnings,
  };
}
