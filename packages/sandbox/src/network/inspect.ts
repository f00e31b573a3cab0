import { readServerName } from './client-hello.ts';

/** What the first bytes of a connection say about it. */
export type FirstBytes =
  | { kind: 'more' }
  /** A TLS client; without a name where it sent none that can be read. */
  | { kind: 'tls'; serverName: string | undefined }
  /** An HTTP request; without a host where it sent none, or two. */
  | { kind: 'http'; host: string | undefined }
  | { kind: 'other' };

/** Bytes that are kept while looking. A longer head is taken for something else. */
export const MOST_INSPECTED_BYTES = 32_768;
const TLS_HANDSHAKE = 22;
const REQUEST_LINE = /^[A-Z]{3,20} \S+ HTTP\/1\.[01]\r?\n/;
const REQUEST_BEGINNING = /^[A-Z]{1,20}( \S*( (H(T(T(P(\/(1(\.([01]\r?)?)?)?)?)?)?)?)?)?)?$/;

/** Never throws; the bytes are the box's own choice. */
export function inspectFirstBytes(bytes: Buffer): FirstBytes {
  if (bytes.length === 0) return { kind: 'more' };
  const full = bytes.length >= MOST_INSPECTED_BYTES;
  if (bytes[0] === TLS_HANDSHAKE) {
    const found = readServerName(bytes);
    if (found.state === 'more') return full ? { kind: 'tls', serverName: undefined } : { kind: 'more' };
    return { kind: 'tls', serverName: found.state === 'name' ? found.name : undefined };
  }
  const text = bytes.toString('latin1');
  if (!REQUEST_LINE.test(text)) return !full && REQUEST_BEGINNING.test(text) ? { kind: 'more' } : { kind: 'other' };
  const end = /\r?\n\r?\n/.exec(text);
  if (end === null) return full ? { kind: 'http', host: undefined } : { kind: 'more' };
  const hosts = [...text.slice(0, end.index).matchAll(/\r?\nhost:[ \t]*([^\r\n]*?)[ \t]*(?=\r?\n|$)/gi)].map(
    (match) => match[1]!,
  );
  return { kind: 'http', host: hosts.length === 1 ? hosts[0] : undefined };
}
