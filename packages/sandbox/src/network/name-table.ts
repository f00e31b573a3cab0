import type { DomainRule } from '../profile/domains.ts';
import { coversHost, isDeniedDomain } from '../profile/domains.ts';

/** Each name that the box may reach has a loopback address of its own, so that a connection's address says which name was meant. */
export interface NameTable {
  /** The name for a local address, or undefined. */
  hostAt(address: string): string | undefined;
  /** The address for a name that some rule covers; wildcards get theirs when they are first asked for. */
  addressOf(host: string): string | undefined;
  /** Content of the box's hosts file. */
  hostsFile: string;
  exactHosts: readonly string[];
}

/** The box chooses the names under a wildcard: without a bound it could fill our memory with them. */
const MOST_WILDCARD_NAMES = 10_000;
const addressFor = (second: number, index: number): string => `127.${second}.${index >> 8}.${index & 255}`;

export function createNameTable(
  rules: { allowed: readonly DomainRule[]; denied: readonly DomainRule[] },
  openToAll = false,
): NameTable {
  const hosts = new Map<string, string>();
  const addresses = new Map<string, string>();
  const add = (host: string, address: string): string => {
    hosts.set(address, host);
    addresses.set(host, address);
    return address;
  };
  const exactHosts = [...new Set(rules.allowed.filter(({ kind }) => kind === 'exact').map(({ host }) => host))];
  exactHosts.forEach((host, index) => add(host, addressFor(1, index + 1)));
  const wildcards = rules.allowed.filter(({ kind }) => kind === 'wildcard');
  let given = 0;
  return {
    exactHosts,
    hostsFile: `127.0.0.1 localhost sandbox\n::1 localhost\n${exactHosts.map((host) => `${addresses.get(host)} ${host}\n`).join('')}`,
    hostAt: (address) => hosts.get(address),
    addressOf(host) {
      const known = addresses.get(host);
      if (known !== undefined) return known;
      const covered = openToAll
        ? host.includes('.')
        : wildcards.some((rule) => coversHost(rule, host) && !isDeniedDomain(rules.denied, host, rule.port));
      if (!covered || given >= MOST_WILDCARD_NAMES) return undefined;
      given++;
      return add(host, addressFor(2, given));
    },
  };
}
