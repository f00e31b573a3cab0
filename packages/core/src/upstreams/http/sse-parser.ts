/** Takes a stream of server-sent events apart, as bytes: the data of an event is never decoded here. */
export interface SseParserOptions {
  /**
   * One event. `data` is empty for an event that carries none, which is reported only when it has an id.
   * `event` is its name when it has one; `id` is the last id the stream has named.
   */
  onEvent: (data: Buffer, event: string | undefined, id: string | undefined) => void;
  /** The server's wish for the pause before a reconnection, in milliseconds. */
  onRetry?: (retryMs: number) => void;
  /** Longest event, and longest line, in bytes. Default 64 MiB. */
  maxEventBytes?: number;
}

export interface SseParser {
  /** Read the next piece. False: an event or a line was longer than allowed, and the parser reads no more. */
  push(chunk: Buffer): boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const EMPTY = Buffer.alloc(0);
const NEWLINE = Buffer.from('\n');
/** No server needs a retry above a day, and a number beyond the safe integers is not a time. */
const LONGEST_RETRY_MS = 86_400_000;

export function createSseParser(options: SseParserOptions): SseParser {
  const { onEvent, onRetry, maxEventBytes = 64 * 1024 * 1024 } = options;
  let partial: Buffer[] = [];
  let partialBytes = 0;
  let firstLine = true;
  let skipLf = false; // the last piece ended in CR: an LF at the front of the next belongs to it
  let dead = false;

  let data: Buffer[] = [];
  let dataBytes = 0;
  let hasData = false;
  let event: string | undefined;
  let lastId: string | undefined;
  let newId = false;

  function dispatch(): void {
    const [only] = data;
    if (hasData || newId) {
      onEvent(data.length === 1 && only ? only : joinLines(data), event, lastId);
    }
    data = [];
    dataBytes = 0;
    hasData = false;
    newId = false;
    event = undefined;
  }

  function takeField(name: string, value: Buffer): void {
    if (name === 'data') {
      data.push(value);
      dataBytes += value.length + 1;
      hasData = true;
    } else if (name === 'event') {
      event = value.toString();
    } else if (name === 'id') {
      if (value.includes(0)) return;
      lastId = value.toString();
      newId = true;
    } else if (name === 'retry') {
      const digits = value.toString('latin1');
      if (/^\d+$/.test(digits)) onRetry?.(Math.min(LONGEST_RETRY_MS, Number(digits)));
    }
  }

  function takeLine(whole: Buffer): boolean {
    let line = whole;
    if (firstLine) {
      firstLine = false;
      if (line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf) line = line.subarray(3);
    }
    if (line.length === 0) {
      dispatch();
      return true;
    }
    if (dataBytes + line.length > maxEventBytes) return false;
    const colon = line.indexOf(COLON);
    if (colon === 0 || colon > 5) return true; // a comment, or no field that we know
    if (colon === -1) {
      if (line.length <= 5) takeField(line.toString('latin1'), EMPTY);
      return true;
    }
    const from = line[colon + 1] === SPACE ? colon + 2 : colon + 1;
    takeField(line.toString('latin1', 0, colon), line.subarray(from));
    return true;
  }

  function keep(rest: Buffer): boolean {
    if (rest.length === 0) return true;
    partial.push(rest);
    partialBytes += rest.length;
    return dataBytes + partialBytes <= maxEventBytes;
  }

  function whole(end: Buffer): Buffer {
    if (partialBytes === 0) return end;
    partial.push(end);
    const line = Buffer.concat(partial, partialBytes + end.length);
    partial = [];
    partialBytes = 0;
    return line;
  }

  function read(chunk: Buffer): boolean {
    let at = 0;
    if (skipLf && chunk.length > 0) {
      skipLf = false;
      if (chunk[0] === LF) at = 1;
    }
    // Two running positions, each searched once: the common stream has no CR and pays for one search of it.
    let lf = chunk.indexOf(LF, at);
    let cr = chunk.indexOf(CR, at);
    while (lf !== -1 || cr !== -1) {
      const byCr = cr !== -1 && (lf === -1 || cr < lf);
      const end = byCr ? cr : lf;
      if (!takeLine(whole(chunk.subarray(at, end)))) return false;
      at = end + 1;
      if (byCr) {
        if (at === chunk.length) skipLf = true;
        else if (chunk[at] === LF) at += 1;
        cr = chunk.indexOf(CR, at);
      }
      if (lf !== -1 && lf < at) lf = chunk.indexOf(LF, at);
    }
    return keep(chunk.subarray(at));
  }

  return {
    push(chunk) {
      if (dead) return false;
      dead = !read(chunk);
      return !dead;
    },
  };
}

function joinLines(lines: readonly Buffer[]): Buffer {
  return Buffer.concat(lines.flatMap((line, i) => (i === 0 ? [line] : [NEWLINE, line])));
}
