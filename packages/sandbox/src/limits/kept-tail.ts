import { Readable } from 'node:stream';

/** The end of what a command wrote to standard error, for the diagnosis when it fails. */
export interface KeptTail {
  stream: Readable;
  /** The last bytes as text. */
  text: () => string;
}

const MOST_KEPT_BYTES = 65_536;
const MOST_WAITING_BYTES = 2 ** 20;

/**
 * Always reads, so that a command never waits for somebody to read its complaints; what nobody takes is dropped beyond 1 MiB, and the last
 * 64 KiB are kept in any case.
 */
export function keepTail(source: Readable, inspect: (chunk: Buffer) => void): KeptTail {
  const kept: Buffer[] = [];
  let bytes = 0;
  const stream = new Readable({
    read() {
      // chunks are pushed as they come
    },
  });
  source.on('data', (chunk: Buffer) => {
    inspect(chunk);
    kept.push(chunk.length > MOST_KEPT_BYTES ? chunk.subarray(-MOST_KEPT_BYTES) : chunk);
    bytes += kept.at(-1)!.length;
    while (bytes - kept[0]!.length >= MOST_KEPT_BYTES) bytes -= kept.shift()!.length;
    if (stream.readableLength < MOST_WAITING_BYTES && !stream.destroyed) stream.push(chunk);
  });
  const end = (): void => {
    if (!stream.destroyed) stream.push(null);
  };
  source.once('end', end);
  source.once('error', end); // the command was killed: what it wrote before that is there
  return { stream, text: () => Buffer.concat(kept).toString('utf8').slice(-MOST_KEPT_BYTES) };
}
