import type { AuditFile, AuditFileSystem } from '../storage/file-system.ts';
import type { Layout } from '../storage/layout.ts';
import { segmentPath } from '../storage/layout.ts';

/** The segment that is being written, and how much of it is known to be on disk. */
export interface ActiveSegment {
  firstSeq: number;
  durableBytes: number;
  /** Time of its first record, for rotation by age. */
  startedAtMs: number;
}

/**
 * Writes batches so that after any failure the next attempt starts from what was durable before. After a failed fsync the
 * kernel may have dropped the dirty pages and report success next time, so the file is reopened, cut back to the last
 * durable byte and the data written anew; a second fsync alone would prove nothing.
 */
export class SegmentFile {
  readonly #fs: AuditFileSystem;
  readonly #layout: Layout;
  #segment: ActiveSegment | undefined;
  #file: AuditFile | undefined;
  #needsRepair = false;

  constructor(fs: AuditFileSystem, layout: Layout, segment: ActiveSegment | undefined) {
    this.#fs = fs;
    this.#layout = layout;
    this.#segment = segment;
  }

  get active(): ActiveSegment | undefined {
    return this.#segment;
  }

  /** Appends to the active segment; the caller resolves its callers only after this returns. */
  async append(bytes: Uint8Array): Promise<void> {
    const segment = this.#segment!;
    const file = await this.#ready(segment);
    this.#needsRepair = true;
    await file.write(bytes, segment.durableBytes);
    await file.datasync();
    this.#needsRepair = false;
    segment.durableBytes += bytes.length;
  }

  /** Makes a new segment with these first bytes and, when that is durable, closes the one before. */
  async rotate(firstSeq: number, startedAtMs: number, bytes: Uint8Array): Promise<void> {
    const path = segmentPath(this.#layout, firstSeq);
    // Left over from an attempt that failed: no record of it was ever acknowledged.
    await this.#fs.remove(path);
    const file = await this.#fs.open(path, 'create');
    try {
      await file.write(bytes, 0);
      await file.datasync();
      await this.#fs.syncDirectory(this.#layout.segments);
    } catch (error) {
      await this.#discard(file, path);
      throw error;
    }
    const before = this.#file;
    this.#file = file;
    this.#needsRepair = false;
    this.#segment = { firstSeq, durableBytes: bytes.length, startedAtMs };
    await before?.close();
  }

  async #discard(file: AuditFile, path: string): Promise<void> {
    try {
      await file.close();
      await this.#fs.remove(path);
    } catch {
      // The failure that led here is the one to report; `rotate` removes the leftover before its next attempt.
    }
  }

  async #ready(segment: ActiveSegment): Promise<AuditFile> {
    if (this.#file && !this.#needsRepair) return this.#file;
    const stale = this.#file;
    this.#file = undefined;
    try {
      await stale?.close();
    } catch {
      // A handle that cannot be closed is of no more use either way; the new one decides.
    }
    const file = await this.#fs.open(segmentPath(this.#layout, segment.firstSeq), 'write');
    this.#file = file;
    this.#needsRepair = true;
    await file.truncate(segment.durableBytes);
    return file;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file && this.#needsRepair && this.#segment) await file.truncate(this.#segment.durableBytes);
    await file?.close();
  }
}
