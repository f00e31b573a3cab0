/** Cuts a stream of bytes into lines without looking at anything but line ends. */
export interface LineSplitterOptions {
  /** One line without its end (LF or CRLF). Empty lines are left out. */
  onLine: (line: Buffer) => void;
  /** Longest line in bytes. Default 64 MiB. */
  maxLineBytes?: number;
}

export interface LineSplitter {
  /** Read the next piece. False: a line was longer than allowed, and the splitter reads no more. */
  push(chunk: Buffer): boolean;
  /** Bytes of a line whose end has not come. */
  readonly pendingBytes: number;
}

const LF = 0x0a;
const CR = 0x0d;

export function createLineSplitter({ onLine, maxLineBytes = 64 * 1024 * 1024 }: LineSplitterOptions): LineSplitter {
  let pieces: Buffer[] = [];
  let pendingBytes = 0;
  let dead = false;

  /** The pieces are joined once, at the end of the line: a long line costs one copy and not one for each piece. */
  function whole(end: Buffer): Buffer {
    if (pendingBytes === 0) return end;
    pieces.push(end);
    const line = Buffer.concat(pieces, pendingBytes + end.length);
    pieces = [];
    pendingBytes = 0;
    return line;
  }

  function read(chunk: Buffer): boolean {
    let at = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, at)) {
      if (pendingBytes + end - at > maxLineBytes) return false;
      const line = whole(chunk.subarray(at, end));
      at = end + 1;
      const length = line.at(-1) === CR ? line.length - 1 : line.length;
      if (length > 0) onLine(length === line.length ? line : line.subarray(0, length));
    }
    if (at < chunk.length) {
      pieces.push(at === 0 ? chunk : chunk.subarray(at));
      pendingBytes += chunk.length - at;
    }
    return pendingBytes <= maxLineBytes;
  }

  return {
    push(chunk) {
      if (dead) return false;
      dead = !read(chunk);
      if (dead) {
        pieces = [];
        pendingBytes = 0;
      }
      return !dead;
    },
    get pendingBytes() {
      return pendingBytes;
    },
  };
}
