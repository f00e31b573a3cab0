import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** All addresses of a name, in the manner of `dns.lookup` with `all: true`. */
export type LookupAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Ranges that lead to this machine, its network or its cloud, or that hide another address inside (GW-31). */
const DENIED = new BlockList();
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carrier-grade NAT; also a cloud's metadata service
  ['127.0.0.0', 8],
  ['168.63.129.16', 32], // a cloud's metadata service in public space
  ['169.254.0.0', 16], // link-local; most clouds' metadata service
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24], // relays of 6to4
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  DENIED.addSubnet(address, prefix, 'ipv4');
}
for (const [address, prefix] of [
  ['::', 96], // unspecified, loopback and the IPv4-compatible form
  ['::ffff:0:0:0', 96], // IPv4-translated
  ['64:ff9b::', 96], // NAT64
  ['64:ff9b:1::', 48], // NAT64 of a local network
  ['100::', 64], // discard
  ['2001::', 23], // Teredo, ORCHID and other protocol assignments
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10], // site-local, deprecated and still routed by some
  ['ff00::', 8],
] as const) {
  DENIED.addSubnet(address, prefix, 'ipv6');
}

function isOwn(address: string): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some((own) => own.address === address));
}

/** Whether an address is not a plain public one. What is no address at all is not public either. */
export function isPrivateAddress(address: string): boolean {
  const [bare = ''] = address.split('%'); // without the zone of a link-local address
  if (isIP(bare) === 0) return true;
  // The list looks through the IPv4-mapped form by itself.
  return DENIED.check(bare, isIPv6(bare) ? 'ipv6' : 'ipv4') || isOwn(bare);
}

export class AddressRefused extends Error {
  readonly code = 'ERR_ADDRESS_REFUSED';
}

/** Both forms in which `net.connect` may ask. */
type Answer = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * A look-up for `net.connect` that refuses private addresses. The socket connects to what is returned here and asks
 * nobody again, so a name that changes its answer in between gains nothing (GW-22). One bad address refuses the name:
 * which of several is dialled is not ours to say.
 */
export function guardedLookup(lookup: LookupAll = systemLookup) {
  return (hostname: string, options: { all?: boolean | undefined }, callback: Answer): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const [first] = addresses;
      if (first === undefined || addresses.some(({ address }) => isPrivateAddress(address))) {
        return callback(new AddressRefused('the name leads to an address that is not public'), []);
      }
      if (options.all === true) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}
