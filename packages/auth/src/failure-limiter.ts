import { isIP } from 'node:net';
import { createBoundedCache } from './bounded-cache.ts';
import { plainAddress } from './net/networks.ts';

/** Slows down guessing: counts failed sign-ins of an address and says when it has had its share. */
export interface FailureLimiter {
  /** Seconds until the next attempt of this address is looked at; 0 when it may go ahead. */
  blockedSeconds(address: string): number;
  failed(address: string): void;
}

export interface FailureLimiterOptions {
  /** Failures of one address (IPv6: of its /64) in any window. Default 10. */
  readonly failures?: number;
  /** Window in milliseconds. Default 60000. */
  readonly windowMs?: number;
  /** Addresses remembered at once. Default 20000. */
  readonly addresses?: number;
  readonly now?: () => number;
}

/**
 * Keeps the times of the last failures of each address, so that no window of `windowMs` ever holds more than `failures` of them.
 * An IPv6 caller owns a whole /64 and is counted as one.
 */
export function createFailureLimiter(options: FailureLimiterOptions = {}): FailureLimiter {
  const { failures = 10, windowMs = 60_000, addresses = 20_000, now = Date.now } = options;
  if (!Number.isInteger(failures) || failures < 1) throw new TypeError('"failures" option must be a positive integer');
  if (!Number.isFinite(windowMs) || windowMs < 1000)
    throw new TypeError('"windowMs" option must be at least 1000 milliseconds');
  const times = createBoundedCache<number[]>(addresses);
  return {
    blockedSeconds(address) {
      const recent = times.get(networkOf(address));
      if (recent === undefined || recent.length < failures) return 0;
      const freeAtMs = recent[recent.length - failures]! + windowMs;
      return freeAtMs <= now() ? 0 : Math.ceil((freeAtMs - now()) / 1000);
    },
    failed(address) {
      const key = networkOf(address);
      const recent = times.get(key) ?? [];
      recent.push(now());
      if (recent.length > failures) recent.shift();
      times.set(key, recent);
    },
  };
}

/** What is counted as one caller: an IPv4 address, or the first four groups of an IPv6 address. */
function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  // An embedded IPv4 address stands for two groups.
  const width = left.length + right.length + (plain.includes('.') ? 1 : 0);
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - width) }, () => '0');
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
