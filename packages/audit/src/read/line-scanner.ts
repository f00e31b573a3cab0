import type { AuditFileSystem } from '../storage/file-system.ts';
import { MAX_LINE_BYTES } from '../writer/record-tail.ts';

/** Sees one line: `buffer` holds it from `start` to `end`, without its newline; the byte before `start` may be used. */
export type LineVisitor = (buffer: Buffer, start: number, end: number, position: number) => void;

const CHUNK_BYTES = 1024 * 1024;
const RESERVE_BYTES = MAX_LINE_BYTES + 2;

export interface ScanEnd {
  /** Bytes after the last newline. */
  partialBytes: number;
  /** True when a line was longer than any record may be; nothing after it was visited. */
  overlong: boolean;
  bytes: number;
}

/**
 * Visits the lines of a file in order without copying them. The next chunk is read while the current one is visited. What is
 * left of a line at the end of a chunk moves into the reserve in front of the next one.
 */
export async function scanLines(fs: AuditFileSystem, path: string, visit: LineVisitor, fromByte = 0): Promise<ScanEnd> {
  const file = await fs.open(path, 'read');
  try {
    let buffer = Buffer.allocUnsafe(RESERVE_BYTES + CHUNK_BYTES);
    let spare = Buffer.allocUnsafe(RESERVE_BYTES + CHUNK_BYTES);
    let position = fromByte;
    let carried = 0;
    let read = await file.read(buffer.subarray(RESERVE_BYTES), position);
    while (read > 0) {
      const end = RESERVE_BYTES + read;
      const next = file.read(spare.subarray(RESERVE_BYTES), position + read);
      let start = RESERVE_BYTES - carried;
      const base = position - RESERVE_BYTES;
      try {
        for (
          let newline = buffer.indexOf(10, RESERVE_BYTES);
          newline >= 0 && newline < end;
          newline = buffer.indexOf(10, start)
        ) {
          visit(buffer, start, newline, base + start);
          start = newline + 1;
        }
      } catch (error) {
        await next;
        throw error;
      }
      position += read;
      read = await next;
      carried = end - start;
      if (carried > MAX_LINE_BYTES) return { partialBytes: carried, overlong: true, bytes: position };
      buffer.copy(spare, RESERVE_BYTES - carried, start, end);
      [buffer, spare] = [spare, buffer];
    }
    return { partialBytes: carried, overlong: false, bytes: position };
  } finally {
    await file.close();
  }
}
