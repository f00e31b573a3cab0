import type { Writable } from 'node:stream';

export interface TurnWriter {
  send: (text: string) => void;
  /** Write now what was gathered. */
  flush: () => void;
  /** Drop what was gathered, and all that is sent from now on. */
  stop: () => void;
  bufferedBytes: () => number;
}

/** Gathers the lines of one turn of the event loop into one write: a system call costs more than a message. */
export function createTurnWriter(stream: Writable): TurnWriter {
  let lines: string[] = [];
  let gatheredBytes = 0;
  let stopped = false;
  let turn: NodeJS.Immediate | undefined;

  function flush(): void {
    clearImmediate(turn);
    turn = undefined;
    if (lines.length === 0) return;
    const bytes = Buffer.from(lines.join(''));
    lines = [];
    gatheredBytes = 0;
    if (stream.writable) stream.write(bytes);
  }

  return {
    send(text) {
      if (stopped || !stream.writable) return;
      // In JSON a line break can only stand between two words, where a blank means the same.
      const line = `${/[\r\n]/.test(text) ? text.replaceAll(/[\r\n]/g, ' ') : text}\n`;
      lines.push(line);
      gatheredBytes += Buffer.byteLength(line);
      // Not a microtask: requests that arrive together come in callbacks of their own, and this runs after them all.
      turn ??= setImmediate(flush);
    },
    flush,
    stop() {
      stopped = true;
      clearImmediate(turn);
      lines = [];
      gatheredBytes = 0;
    },
    bufferedBytes: () => gatheredBytes + stream.writableLength,
  };
}
