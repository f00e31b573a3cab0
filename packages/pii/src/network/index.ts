import type { Family } from '../rule.ts';
import { colonAddresses, ipv4, mac } from './ip.ts';
import { credentialUrl } from './url.ts';

/** IP and MAC addresses, and URLs that carry credentials. */
export const network: Family = [ipv4, colonAddresses, mac, credentialUrl];
