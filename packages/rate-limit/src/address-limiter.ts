import { addressKey } from './address.ts';
import { processClock, type MonotonicClock } from './clock.ts';
import { toAbuseRefusal, type Refusal } from './http/refusal.ts';
import { memoryStore } from './memory-store.ts';
import { roundingUnits, type BucketLimit, type RateStore } from './store.ts';

/** A steady rate with a burst of its own, of requests. */
export interface AddressAllowance {
  /** Requests per `periodMs`. Above 0. */
  readonly amount: number;
  /** Milliseconds, above 0. */
  readonly periodMs: number;
  /** Requests at once, at least 1. */
  readonly burst: number;
}

export interface AddressLimiterOptions {
  /** Requests of any kind from one address, before anybody knows who it is. Default: as many as come. */
  readonly requests?: AddressAllowance;
  /** Failed sign-ins from one address. Use a burst of ten and ten per minute if in doubt. */
  readonly failures: AddressAllowance;
  /**
   * Where replicas tell each other of failed sign-ins. Nothing ever waits for it, and when it is gone each replica
   * still enforces the whole limit by itself. Default: none.
   */
  readonly shared?: RateStore;
  /** Told when `shared` fails. Default: nobody is told. */
  readonly onSharedFailure?: (cause: unknown) => void;
  /** Addresses remembered per kind. Default 100,000; at least 64. */
  readonly maxKeys?: number;
  /** Default `performance.now`. */
  readonly now?: MonotonicClock;
}

export type Admission = { readonly admitted: true } | { readonly admitted: false; readonly refusal: Refusal };

export interface AddressLimiter {
  /** Before any cryptography: a look at two numbers in memory. Charges one request, or nothing when it refuses. */
  admit(address: string): Admission;
  /** After a sign-in failed. Never ignored, whatever the store does. */
  signInFailed(address: string): void;
}

/**
 * The limit that comes before authentication, which costs more than most attacks do: a forged token takes a signature
 * check. IPv6 addresses count by their /64. Always decided in this process, so there is no store that could fail open.
 *
 * It does NOT stop attempts that are already under way when the limit is reached, and does not know whether an address
 * is true; that is for the host, which knows its proxies.
 *
 * @throws TypeError when an allowance is out of its range.
 */
export function createAddressLimiter(options: AddressLimiterOptions): AddressLimiter {
  const { now = processClock, shared, onSharedFailure } = options;
  const requests = options.requests && toLimit('requests-per-address', options.requests);
  const failures = toLimit('sign-in-failures', options.failures);
  const room = options.maxKeys === undefined ? { now } : { now, maxKeys: options.maxKeys };
  // Two stores, so that a flood of addresses that never failed cannot push those that did out of memory.
  const seen = memoryStore(room);
  const failed = memoryStore(room);

  const learn = (key: string): void => {
    if (shared === undefined) return;
    const lost = (cause: unknown): void => onSharedFailure?.(cause);
    const told = (used: number): void => {
      const [mine] = failed.take([{ key, limit: failures, cost: 0 }], '').levels;
      const missing = Math.min(used, failures.capacity) - mine!.used;
      if (missing > 0) failed.adjust([{ key, limit: failures, delta: missing, period: 0 }], '');
    };
    try {
      const answer = shared.take([{ key, limit: failures, cost: 1 }], '');
      if (answer instanceof Promise) answer.then(({ levels }) => told(levels[0]!.used)).catch(lost);
      else told(answer.levels[0]!.used);
    } catch (cause) {
      lost(cause);
    }
  };

  return {
    admit: (address) => {
      const key = addressKey(address);
      const [failure] = failed.take([{ key, limit: failures, cost: 0 }], '').levels;
      const overMs = (failure!.used + 1 - failures.capacity) * failures.unitMs;
      if (overMs > roundingUnits(failures) * failures.unitMs) {
        return { admitted: false, refusal: toAbuseRefusal(failures.rule, overMs) };
      }
      if (requests === undefined) return ADMITTED;
      const outcome = seen.take([{ key, limit: requests, cost: 1 }], '');
      if (outcome.allowed) return ADMITTED;
      const waitMs = (outcome.levels[0]!.used + 1 - requests.capacity) * requests.unitMs;
      return { admitted: false, refusal: toAbuseRefusal(requests.rule, waitMs) };
    },
    signInFailed: (address) => {
      const key = addressKey(address);
      failed.adjust([{ key, limit: failures, delta: 1, period: 0 }], '');
      learn(key);
    },
  };
}

const ADMITTED: Admission = { admitted: true };

function toLimit(name: string, { amount, periodMs, burst }: AddressAllowance): BucketLimit {
  for (const [part, value, least] of [
    ['amount', amount, Number.MIN_VALUE],
    ['periodMs', periodMs, Number.MIN_VALUE],
    ['burst', burst, 1],
  ] as const) {
    if (!(value >= least && value < Infinity))
      throw new TypeError(`${name}.${part} must be at least ${least}, got ${value}`);
  }
  // Attempts that were under way at once may overdraw it, up to another burst.
  return { rule: name, kind: 'rate', capacity: burst, unitMs: periodMs / amount, overdraft: burst, shadow: false };
}
