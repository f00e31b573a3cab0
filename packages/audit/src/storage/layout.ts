import { join } from 'node:path';
import type { AuditFileSystem } from './file-system.ts';

/** Where everything is, below the directory of one replica. */
export interface Layout {
  root: string;
  segments: string;
  /** The newest signed checkpoint, a C2SP signed note. */
  checkpoint: string;
  /** Bytes cut off by crash recovery, kept for whoever wants to look. */
  torn: string;
  blobs: string;
  /** Level-wise hash tiles, kept when segments are purged and made for export. */
  tiles: string;
  exports: string;
  cursors: string;
  index: string;
  lock: string;
}

export function layoutOf(directory: string): Layout {
  return {
    root: directory,
    segments: join(directory, 'segments'),
    checkpoint: join(directory, 'checkpoint'),
    torn: join(directory, 'torn'),
    blobs: join(directory, 'blobs'),
    tiles: join(directory, 'tile'),
    exports: join(directory, 'exports'),
    cursors: join(directory, 'cursors'),
    index: join(directory, 'index.sqlite'),
    lock: join(directory, 'writer.lock'),
  };
}

export interface SegmentName {
  /** Sequence number of the first record. */
  firstSeq: number;
  path: string;
}

const SEQ_DIGITS = 16;
const NAME = /^([0-9]{16})\.jsonl$/;

export function segmentPath(layout: Layout, firstSeq: number): string {
  return join(layout.segments, `${String(firstSeq).padStart(SEQ_DIGITS, '0')}.jsonl`);
}

/** The segments in order. Other files in the folder are ignored here; the verifier reports them. */
export async function listSegments(fs: AuditFileSystem, layout: Layout): Promise<SegmentName[]> {
  const segments: SegmentName[] = [];
  for (const name of await fs.list(layout.segments)) {
    const match = NAME.exec(name);
    if (match) segments.push({ firstSeq: Number(match[1]), path: join(layout.segments, name) });
  }
  return segments;
}
