import { BlockList, isIP } from 'node:net';

const lists = new Map<string, BlockList>();

/**
 * Whether an address lies in a network in CIDR notation, or is the address given. IPv4 in IPv6 notation counts as IPv4.
 *
 * @throws TypeError when the network is none; an address that is none lies in no network.
 */
export function inNetwork(address: string, network: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  const version = isIP(plain);
  const list = listFor(network);
  return version !== 0 && list.check(plain, version === 6 ? 'ipv6' : 'ipv4');
}

function listFor(network: string): BlockList {
  const known = lists.get(network);
  if (known !== undefined) return known;
  const [base = '', bits, ...more] = network.split('/');
  const version = isIP(base);
  const longest = version === 6 ? 128 : 32;
  const prefix = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN;
  if (version === 0 || more.length > 0 || !(prefix <= longest)) throw new TypeError(`'${network}' is no network`);
  const list = new BlockList();
  list.addSubnet(base, prefix, version === 6 ? 'ipv6' : 'ipv4');
  // Networks are written in policies, not by callers; the bound is for a policy that computes them nevertheless.
  if (lists.size >= 1000) lists.clear();
  lists.set(network, list);
  return list;
}
