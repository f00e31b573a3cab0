import type { AuditFileSystem } from '../storage/file-system.ts';
import { nodeFileSystem } from '../storage/file-system.ts';
import type { AuditSink, OutgoingRecord } from './audit-sink.ts';

/** What a line of a text sink is made of. */
export type LineFormat = (outgoing: OutgoingRecord) => string;

export interface FileSinkOptions {
  /** Default `file`. */
  name?: string;
  path: string;
  /** Default: the line as it is in the log. */
  format?: LineFormat;
  fileSystem?: AuditFileSystem;
}

const LAST_BYTES = 65_536;

/** Appends lines to a file, durably. A batch that comes again after a crash is recognised by its last whole line. */
export function fileSink(options: FileSinkOptions): AuditSink {
  const fs = options.fileSystem ?? nodeFileSystem();
  const format: LineFormat = options.format ?? (({ line }) => line);
  const { path } = options;
  return {
    name: options.name ?? 'file',
    async send(batch) {
      const size = await fs.size(path);
      const file = await fs.open(path, size === undefined ? 'create' : 'write');
      try {
        const tail = Buffer.alloc(Math.min(size ?? 0, LAST_BYTES + 1));
        await file.read(tail, (size ?? 0) - tail.length);
        const wholeBytes = (size ?? 0) - (tail.length - (tail.lastIndexOf(10) + 1));
        const lines = batch.map(format);
        const last = tail
          .subarray(0, tail.lastIndexOf(10) + 1)
          .toString()
          .split('\n')
          .at(-2);
        // Of a batch that was written before its cursor was saved, only what follows is new.
        const known = last === undefined ? -1 : lines.lastIndexOf(last);
        const text = lines
          .slice(known + 1)
          .map((line) => `${line}\n`)
          .join('');
        await file.write(Buffer.from(text), wholeBytes);
        await file.truncate(wholeBytes + Buffer.byteLength(text));
        await file.datasync();
      } finally {
        await file.close();
      }
    },
  };
}

export interface WritableText {
  write(text: string, done: (error?: Error | null) => void): boolean;
}

export interface StdoutSinkOptions {
  /** Default `stdout`. */
  name?: string;
  /** Default `process.stdout`. */
  stream?: WritableText;
  format?: LineFormat;
}

/** Writes lines to a stream, by default standard output. Taken means handed to the stream. */
export function stdoutSink(options: StdoutSinkOptions = {}): AuditSink {
  const stream = options.stream ?? process.stdout;
  const format: LineFormat = options.format ?? (({ line }) => line);
  return {
    name: options.name ?? 'stdout',
    send: (batch) =>
      new Promise((resolve, reject) => {
        const text = batch.map((one) => `${format(one)}\n`).join('');
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      }),
  };
}
