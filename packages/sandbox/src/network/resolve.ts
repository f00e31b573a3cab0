import { lookup as systemLookup } from 'node:dns/promises';
import type { DomainRule } from '../profile/domains.ts';
import { isPublicAddress } from './addresses.ts';

export type Lookup = (host: string) => Promise<readonly { address: string; family: number }[]>;

export const lookupAll: Lookup = (host) => systemLookup(host, { all: true });

export type Resolution = { addresses: string[] } | { refused: 'lookup-failed' | 'private-address' };

/**
 * The addresses that may be dialled for a rule. Looked up once: whoever dials uses these, because a second look-up could answer
 * something else. A rule that is an address grants just this address on its port, whatever it is, also to names that lead there.
 */
export async function resolveRule(
  rule: DomainRule,
  host: string,
  lookup: Lookup,
  granted: (address: string) => boolean,
): Promise<Resolution> {
  if (rule.kind === 'address') return { addresses: [rule.host] };
  let found: readonly { address: string }[];
  try {
    found = await lookup(host);
  } catch {
    return { refused: 'lookup-failed' }; // the name is in the event; why a resolver failed is not for the box to know
  }
  const addresses = found.map(({ address }) => address);
  const usable = addresses.filter((address) => granted(address) || isPublicAddress(address));
  if (usable.length > 0) return { addresses: usable };
  return { refused: addresses.length > 0 ? 'private-address' : 'lookup-failed' };
}
