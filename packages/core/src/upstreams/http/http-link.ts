import { isIP } from 'node:net';
import { getCACertificates } from 'node:tls';
import { buildConnector, Pool } from 'undici';
import { AddressRefused, guardedLookup, isPrivateAddress, type LookupAll } from './address-guard.ts';
import { createDeadlineSweep } from './deadline-sweep.ts';
import { Exchange, type ExchangeRules, type PostHandler } from './exchange.ts';
import { prepareHeaders } from './link-headers.ts';

export type { PostHandler } from './exchange.ts';
export { LinkError } from './link-error.ts';

export interface HttpLinkOptions {
  /** `http:` or `https:`, without user name and password. */
  url: URL | string;
  /** Sent with every request; a header of the request itself goes before one of these. */
  headers?: Readonly<Record<string, string>>;
  /** How many calls are on their way at once; more wait. Streams do not count. Default 128, 1 to 65,536. */
  connections?: number;
  /** Longest wait for a connection, in milliseconds. Default 10,000. */
  connectTimeoutMs?: number;
  /** Longest wait from `post` to the head of the answer, in milliseconds, to a second or so. Default 300,000; 0: none. */
  headersTimeoutMs?: number;
  /** Longest time that a body which is no stream may take from its head on, in milliseconds. Default 120,000; 0: none. */
  bodyTimeoutMs?: number;
  /** Longest JSON body and longest event, in bytes. Default 64 MiB. */
  maxMessageBytes?: number;
  /** Certificates in PEM that are trusted for this upstream besides the public ones. */
  ca?: string | readonly string[];
  /** False refuses addresses that are not public, at every connection anew. Default true: operators write local URLs. */
  allowPrivateAddresses?: boolean;
  /** Finds the addresses of a name. Default: the system's. */
  lookup?: LookupAll;
  /** A clock in milliseconds. Default `performance.now`. */
  now?: () => number;
}

/**
 * Calls share a bounded pool. What answers the server, or listens for hours, goes beside them: a hundred calls that
 * wait for an answer of ours would otherwise hold the very connections that the answer needs. Calls that may have to wait
 * for a person have a larger pool of their own, so that those who wait keep nobody else from calling.
 */
export type Lane = 'call' | 'side' | 'asking';

export interface HttpLink {
  /** Send one message. Returns the function that gives it up: the handler then hears `ERR_UPSTREAM_ABORTED` at once. */
  post(body: string | Uint8Array, headers: readonly string[], handler: PostHandler, lane?: Lane): () => void;
  /** Listen with GET. There is no limit for its head: some servers send that with the first event only. */
  openStream(headers: readonly string[], handler: PostHandler): () => void;
  /** Resolves with the status; rejects with a `LinkError`. */
  delete(headers: readonly string[]): Promise<number>;
  /** End all that is under way (its handlers hear `ERR_UPSTREAM_CLOSED`) and close all connections. */
  close(): Promise<void>;
}

/** Connections for calls in whose middle the server may ask; most of them wait for people. */
const ASKING_CONNECTIONS = 4_096;

/** Moves messages to one URL and back over HTTP/1.1. It follows no redirect, repeats no request and decodes nothing. */
export function createHttpLink(options: HttpLinkOptions): HttpLink {
  const url = checkUrl(options.url);
  const headersTimeoutMs = checkNumber('headersTimeoutMs', options.headersTimeoutMs ?? 300_000, 0, 86_400_000);
  const bodyTimeoutMs = checkNumber('bodyTimeoutMs', options.bodyTimeoutMs ?? 120_000, 0, 86_400_000);
  const maxMessageBytes = checkNumber('maxMessageBytes', options.maxMessageBytes ?? 64 * 1024 * 1024, 1, 2 ** 32);
  const connections = checkNumber('connections', options.connections ?? 128, 1, 65_536);
  const now = options.now ?? (() => performance.now());

  const connect = makeConnector(options);
  const pooled = { connect, allowH2: false, headersTimeout: 0, bodyTimeout: 0 } as const;
  const lanes = {
    call: new Pool(url.origin, { ...pooled, connections }),
    side: new Pool(url.origin, pooled),
    asking: new Pool(url.origin, { ...pooled, connections: ASKING_CONNECTIONS }),
  };
  const path = url.pathname + url.search;
  const base = options.headers ?? {};
  const posting = prepareHeaders(base, {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  });
  const listening = prepareHeaders(base, { accept: 'text/event-stream' });
  const ending = prepareHeaders(base, {});

  // Fine enough for the limits that are set, and coarse enough to cost nothing.
  const shortest = Math.min(...[headersTimeoutMs, bodyTimeoutMs, 4_000].filter((ms) => ms > 0));
  const sweep = createDeadlineSweep<Exchange>(now, Math.max(10, shortest / 4));
  const rules: ExchangeRules = { now, maxMessageBytes, bodyTimeoutMs, onOver: sweep.delete };
  let closing: Promise<void> | undefined;

  interface Request {
    method: string;
    headers: string[];
    body?: string | Uint8Array;
  }
  function start(pool: Pool, request: Request, handler: PostHandler, limitMs: number): () => void {
    const exchange = new Exchange(handler, rules, limitMs === 0 ? 0 : now() + limitMs);
    sweep.add(exchange);
    if (closing) queueMicrotask(() => exchange.fail('ERR_UPSTREAM_CLOSED', 'the link is closed'));
    else pool.dispatch({ path, ...request }, exchange);
    return () => exchange.abort();
  }

  return {
    post: (body, headers, handler, lane = 'call') =>
      start(lanes[lane], { method: 'POST', headers: posting(headers), body }, handler, headersTimeoutMs),
    openStream: (headers, handler) => start(lanes.side, { method: 'GET', headers: listening(headers) }, handler, 0),
    delete: (headers) =>
      new Promise((resolve, reject) => {
        let status = 0;
        const handler: PostHandler = {
          onHead: (code) => {
            status = code;
          },
          onMessage: () => {},
          onEnd: () => resolve(status),
          onError: (error) => (status === 0 ? reject(error) : resolve(status)),
        };
        start(lanes.side, { method: 'DELETE', headers: ending(headers) }, handler, headersTimeoutMs);
      }),
    close: () =>
      (closing ??= (async () => {
        for (const exchange of sweep.items()) exchange.fail('ERR_UPSTREAM_CLOSED', 'the link was closed');
        await Promise.all([lanes.call.destroy(), lanes.side.destroy(), lanes.asking.destroy()]);
      })()),
  };
}

function checkNumber(name: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new TypeError(`"${name}" must be a whole number from ${least} to ${most}`);
  }
  return value;
}

/** The URL as it will be dialled: the parser has turned decimal and octal spellings of an address into the usual one. */
export function checkUrl(given: URL | string): URL {
  const url = URL.parse(String(given));
  if (url === null) throw new TypeError('the URL of an upstream is not a valid absolute URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`an upstream's URL must begin with http: or https:, not ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError("an upstream's URL must not hold a user name or password: use a header");
  }
  return url;
}

function makeConnector(options: HttpLinkOptions): buildConnector.connector {
  const { ca, lookup, allowPrivateAddresses = true } = options;
  const guard = !allowPrivateAddresses;
  const connect = buildConnector({
    timeout: checkNumber('connectTimeoutMs', options.connectTimeoutMs ?? 10_000, 1, 600_000),
    allowH2: false,
    // Said outright: the environment variable that turns verification off for a whole program has no say here.
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ...(typeof ca === 'string' ? [ca] : ca)] }),
    ...(guard ? { lookup: guardedLookup(lookup) } : lookup ? { lookup } : {}),
  } as buildConnector.BuildOptions);
  if (!guard) return connect;
  return (target, callback) => {
    // An address needs no look-up, so the guard of the look-up never sees it.
    if (isIP(target.hostname) !== 0 && isPrivateAddress(target.hostname)) {
      callback(new AddressRefused('the address is not a public one'), null);
    } else connect(target, callback);
  };
}
