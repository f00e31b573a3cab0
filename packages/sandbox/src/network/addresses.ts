import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * Addresses that a name must not lead to: this machine, private and link-local networks, metadata services, and what embeds an IPv4
 * address in an IPv6 one. Sources: IANA special-purpose registries (RFC 6890 and later), RFC 6598, RFC 4193, RFC 6052, RFC 3056, RFC 4380.
 */
const DENIED_V4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['168.63.129.16', 32], // Azure's metadata and platform service, on a public address
];
// Only 2000::/3 is public; of that, these are not.
const DENIED_V6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const DENIED = new BlockList();
for (const [address, bits] of DENIED_V4) DENIED.addSubnet(address, bits, 'ipv4');
for (const [address, bits] of DENIED_V6) DENIED.addSubnet(address, bits, 'ipv6');
const PUBLIC_V6 = new BlockList();
PUBLIC_V6.addSubnet('2000::', 3, 'ipv6');

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address.replace(/%.*$/, '')));

/** True where a name may lead to this address. Anything that is not an address at all is not public. */
export function isPublicAddress(address: string, own: readonly string[] = ownAddresses()): boolean {
  if (own.includes(address)) return false;
  if (isIPv4(address)) return !DENIED.check(address, 'ipv4');
  // IPv4 in disguise (::ffff:10.0.0.1, ::10.0.0.1, 64:ff9b::a00:1) lies outside 2000::/3.
  return isIPv6(address) && PUBLIC_V6.check(address, 'ipv6') && !DENIED.check(address, 'ipv6');
}
