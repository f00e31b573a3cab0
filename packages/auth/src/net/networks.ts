import { BlockList, isIP } from 'node:net';

/** A set of networks that an address can be in. Parsing is Node's, not ours: octal, hex and mapped forms are its business. */
export interface Networks {
  /** Whether `address` (IPv4 or IPv6 text, a zone id is ignored) is inside. Text that is no address is inside nothing. */
  contains(address: string): boolean;
}

/**
 * Makes a set from CIDR texts such as `10.0.0.0/8`, `fd00::/8` or a single address.
 *
 * @throws TypeError when an entry is not a network.
 */
export function createNetworks(entries: readonly string[]): Networks {
  const list = new BlockList();
  for (const entry of entries) addNetwork(list, entry);
  return {
    contains(address) {
      const bare = withoutZone(address);
      const family = isIP(bare);
      return family !== 0 && list.check(bare, family === 4 ? 'ipv4' : 'ipv6');
    },
  };
}

function addNetwork(list: BlockList, entry: string): void {
  const [address = '', bits, more] = entry.split('/');
  const family = isIP(address);
  const widest = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? widest : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (family === 0 || more !== undefined || prefix < 0 || prefix > widest) {
    throw new TypeError(`"${entry}" is not a network in CIDR notation`);
  }
  list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
}

/** `::ffff:192.0.2.1` as `192.0.2.1`; everything else unchanged, without its zone id. */
export function plainAddress(address: string): string {
  const bare = withoutZone(address);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  return mapped ?? bare;
}

function withoutZone(address: string): string {
  const percent = address.indexOf('%');
  return percent === -1 ? address : address.slice(0, percent);
}
