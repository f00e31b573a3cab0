import { Readable } from 'node:stream';

export interface MeteredOptions {
  bytesPerSecond: number;
  /** Sees every chunk before it is passed on. */
  inspect: (chunk: Buffer) => void;
  /** Called when reading pauses because of the rate, not for every pause. */
  onThrottled: (observed: number) => void;
  /** Monotonic time in ms. */
  monotonic: () => number;
}

export interface MeteredStream {
  stream: Readable;
  /** To be called when the writer has ended: takes what is left in the pipe, whether or not somebody reads it. */
  drain: () => void;
}

/**
 * Standard output at no more than a rate. Beyond it nothing is read for a while: the pipe fills and the writer waits, so that nothing is
 * lost and nothing piles up here. A second's worth may pass at once.
 */
export function meterStream(
  source: Readable,
  { bytesPerSecond, inspect, onThrottled, monotonic }: MeteredOptions,
): MeteredStream {
  let credit = bytesPerSecond;
  let at = monotonic();
  let waiting: NodeJS.Timeout | undefined;
  let draining = false;
  const metered = new Readable({
    read() {
      if (waiting === undefined) source.resume();
    },
    destroy(error, done) {
      clearTimeout(waiting);
      source.destroy();
      done(error);
    },
  });
  source.on('data', (chunk: Buffer) => {
    inspect(chunk);
    const now = monotonic();
    credit = Math.min(bytesPerSecond, credit + ((now - at) * bytesPerSecond) / 1000) - chunk.length;
    at = now;
    const wanted = metered.push(chunk);
    if (draining) return;
    if (credit < 0 && waiting === undefined) {
      source.pause();
      onThrottled(bytesPerSecond - credit);
      waiting = setTimeout(
        () => {
          waiting = undefined;
          if (metered.readableFlowing !== false || metered.readableLength === 0) source.resume();
        },
        (-credit * 1000) / bytesPerSecond,
      );
      waiting.unref();
    } else if (!wanted) source.pause();
  });
  source.on('end', () => metered.push(null));
  source.on('error', () => metered.push(null)); // the box was killed: what was written before that has been passed on
  source.on('close', () => {
    if (!metered.readableEnded && !metered.destroyed) metered.push(null);
  });
  source.pause();
  return {
    stream: metered,
    drain() {
      draining = true;
      clearTimeout(waiting);
      source.resume();
    },
  };
}
