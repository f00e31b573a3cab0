import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import type { Masker, MaskStream } from './masker.ts';
import type { Where } from './mask/policy.ts';
import { PiiError } from './error.ts';

export interface StreamOptions {
  /** Default `text`. */
  readonly format?: 'text' | 'json';
  readonly where?: Where;
}

const open = (masker: Masker, options: StreamOptions): MaskStream =>
  options.format === 'json' ? masker.jsonStream(options.where) : masker.textStream(options.where);

// What was given out cannot be called back, so a blocked stream ends with an error at the first such finding.
const blocked = (): PiiError => new PiiError('ERR_PII_BLOCKED', 'The stream holds something that the policy blocks');

/**
 * A web stream that masks UTF-8 bytes. Bytes that are no UTF-8 come out as U+FFFD. Errors with ERR_PII_BLOCKED at the
 * first finding whose action is `block`.
 */
export function maskBytes(masker: Masker, options: StreamOptions = {}): TransformStream<Uint8Array, Uint8Array> {
  const stream = open(masker, options);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const encoder = new TextEncoder();
  return new TransformStream({
    transform(chunk, controller) {
      const out = stream.push(decoder.decode(chunk, { stream: true }));
      if (stream.blocked) throw blocked();
      if (out !== '') controller.enqueue(encoder.encode(out));
    },
    flush(controller) {
      const out = stream.push(decoder.decode()) + stream.end();
      if (stream.blocked) throw blocked();
      if (out !== '') controller.enqueue(encoder.encode(out));
    },
  });
}

/** A web stream that masks strings, such as the deltas of a model. */
export function maskStrings(masker: Masker, options: StreamOptions = {}): TransformStream<string, string> {
  const stream = open(masker, options);
  return new TransformStream({
    transform(chunk, controller) {
      const out = stream.push(chunk);
      if (stream.blocked) throw blocked();
      if (out !== '') controller.enqueue(out);
    },
    flush(controller) {
      const out = stream.end();
      if (stream.blocked) throw blocked();
      if (out !== '') controller.enqueue(out);
    },
  });
}

/** A Node.js Transform that masks bytes or strings; gives out UTF-8. Destroyed with ERR_PII_BLOCKED as `maskBytes` is. */
export function maskTransform(masker: Masker, options: StreamOptions = {}): Transform {
  const stream = open(masker, options);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const answer = (out: string, done: TransformCallback): void => {
    if (stream.blocked) done(blocked());
    else if (out === '') done();
    else done(null, out);
  };
  return new Transform({
    decodeStrings: false,
    transform(chunk: Uint8Array | string, _encoding, done) {
      answer(stream.push(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })), done);
    },
    flush(done) {
      answer(stream.push(decoder.decode()) + stream.end(), done);
    },
  });
}
