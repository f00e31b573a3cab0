import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Agent, fetch as undiciFetch } from 'undici';
import { AuthError } from '../auth-error.ts';
import { createNetworks, type Networks } from './networks.ts';
import { isLoopback, isPublicAddress } from './public-address.ts';

/**
 * Permits `http:` and loopback addresses for the party it is set on. Meant for an authorization server on the developer's own
 * machine and for tests; a symbol, so that no configuration file can say it.
 */
export const allowLoopbackHttp: unique symbol = Symbol('@sekisho/auth.allowLoopbackHttp');

/** The part of `fetch` that is used. Redirects are never followed, whatever it would do by itself. */
export type FetchLike = (url: string, init: FetchInit) => Promise<Response>;

/** What is passed on to a `FetchLike`. */
export interface FetchInit {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly redirect: 'manual';
  readonly signal: AbortSignal;
}

/** Resolves a name to all its addresses; the shape of `dns.lookup` with `all: true`. */
export type Resolve = (
  hostname: string,
  options: { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface GuardedFetchOptions {
  /** Networks (CIDR) that may be reached although they are not public, for an issuer inside the company. Default: none. */
  readonly privateNetworks?: readonly string[];
  readonly [allowLoopbackHttp]?: boolean;
  /** Name resolution. Default: the system's. */
  readonly resolve?: Resolve;
  /** The machine's own addresses, which are refused even when public. Default: those of its network interfaces. */
  readonly ownAddresses?: () => readonly string[];
}

/**
 * A `fetch` that talks to public https hosts only. The address is checked when the connection is made and the connection
 * goes to the very address that was checked, so a name that changes its answer in between gains nothing. One forbidden
 * address among several refuses the name. Does not cap size or time: `createDocumentFetch` does.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): FetchLike {
  const permitted = addressGuard(options);
  const resolve: Resolve = options.resolve ?? systemLookup;
  const agent = new Agent({
    connect: { lookup: checkedLookup(resolve, permitted), timeout: 5000 },
    keepAliveTimeout: 1000,
    connections: 4,
  });
  return async (url, init) => {
    checkUrl(url, permitted, options[allowLoopbackHttp] === true);
    return undiciFetch(url, { ...init, dispatcher: agent });
  };
}

type AddressGuard = (address: string) => boolean;

function addressGuard(options: GuardedFetchOptions): AddressGuard {
  const extra: Networks = createNetworks(options.privateNetworks ?? []);
  const own = options.ownAddresses ?? interfaceAddresses;
  return (address) => {
    if (options[allowLoopbackHttp] === true && isLoopback(address)) return true;
    if (extra.contains(address)) return true;
    return isPublicAddress(address) && !own().includes(address);
  };
}

function interfaceAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((entries) => (entries ?? []).map((entry) => entry.address));
}

/** The URL itself: scheme, no user info, and a literal address, which no name lookup would ever see. */
function checkUrl(text: string, permitted: AddressGuard, loopbackHttp: boolean): void {
  const url = URL.parse(text);
  if (url === null) throw blocked('the URL cannot be read');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const plainHttp = url.protocol === 'http:' && loopbackHttp && isLoopback(host);
  if (url.protocol !== 'https:' && !plainHttp) throw blocked('only https is allowed');
  if (url.username !== '' || url.password !== '') throw blocked('the URL carries user information');
  if (isIP(host) !== 0 && !permitted(host)) throw blocked('the address is not public');
}

type ConnectLookup = (
  hostname: string,
  options: { readonly all?: boolean | undefined },
  callback: (error: Error | null, addresses: LookupAddress[] | string, family?: number) => void,
) => void;

function checkedLookup(resolve: Resolve, permitted: AddressGuard): ConnectLookup {
  return (hostname, options, callback) => {
    resolve(hostname, { all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const first = addresses[0];
      if (first === undefined) return callback(blocked('the name has no address'), []);
      if (!addresses.every(({ address }) => permitted(address)))
        return callback(blocked('the address is not public'), []);
      if (options.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

function blocked(why: string): AuthError {
  return new AuthError('ERR_AUTH_FETCH_BLOCKED', `Outgoing request refused: ${why}.`);
}
