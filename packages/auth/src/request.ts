/**
 * Where header values come from. A function and a `Headers` object are asked by lower-case name; a record is searched
 * without regard to case, so that two spellings of one name count as two headers.
 *
 * `node:http`'s own `request.headers` silently drops a second `Authorization`; give `headersDistinct` or use the adapter
 * at `@sekisho/auth/node`, otherwise a duplicate cannot be seen here.
 */
export type HeaderSource =
  | ((name: string) => string | readonly string[] | null | undefined)
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** One HTTP request as the gate needs it. No framework type appears here. */
export interface AuthRequest {
  /** HTTP method in upper case. */
  readonly method: string;
  /** Request target: path and query, or an absolute URL. Scheme and host in it are never believed. */
  readonly url: string;
  readonly headers: HeaderSource;
  /** The raw bytes as received, before any parsing. Needed only for DPoP proofs with `content_digest`. */
  readonly body?: Uint8Array | undefined;
  /** Address of the peer as the host established it (behind a trusted proxy: the client's). Without it no failure limit applies. */
  readonly remoteAddress?: string | undefined;
  /** DER bytes of the client certificate, from the TLS socket or from a `Client-Cert` field of a trusted hop (RFC 9440). */
  readonly peerCertificate?: Uint8Array | undefined;
}

/**
 * The value of a header: a string when it came once, an array when it came more often, `undefined` when it did not come.
 * `name` is lower case.
 */
export function headerOf(source: HeaderSource, name: string): string | readonly string[] | undefined {
  if (typeof source === 'function') return single(source(name));
  if (typeof source.get === 'function') return source.get(name) ?? undefined;
  return fromRecord(source as Readonly<Record<string, string | readonly string[] | undefined>>, name);
}

/** As `headerOf`, for headers where only one plain value is of use; more than one reads as the given `repeated` text. */
export function singleHeaderOf(source: HeaderSource, name: string, repeated: string): string | undefined {
  const value = headerOf(source, name);
  return value === undefined || typeof value === 'string' ? value : repeated;
}

function single(value: string | readonly string[] | null | undefined): string | readonly string[] | undefined {
  if (value === null || value === undefined || typeof value === 'string') return value ?? undefined;
  return value.length > 1 ? value : value[0];
}

function fromRecord(
  record: Readonly<Record<string, string | readonly string[] | undefined>>,
  name: string,
): string | readonly string[] | undefined {
  let found: string | readonly string[] | undefined;
  for (const key in record) {
    if (key.length !== name.length || (key !== name && key.toLowerCase() !== name)) continue;
    const value = single(record[key]);
    if (value === undefined) continue;
    found = found === undefined ? value : [found, value].flat();
  }
  return found;
}
