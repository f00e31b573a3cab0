import { hash } from 'node:crypto';
import { RateLimitError } from '../errors.ts';
import type { Adjustment, Charge, Outcome, RateStore } from '../store.ts';
import { toScriptRunner, type RedisClient } from './client.ts';
import { DigestCache } from './digest-cache.ts';
import { adjustScript, takeRatesScript, takeScript, type Script } from './scripts.ts';
import { adjustArgs, isPlainRate, ratesArgs, takeArgs, toOutcome, toRatesOutcome } from './wire.ts';

export interface RedisStoreOptions {
  /** A connected client. Let it fail fast (no queue of commands while disconnected), for the limiter does not wait. */
  readonly client: RedisClient;
  /** In front of every key; no braces, at most 64 characters. Default `sekisho:`. */
  readonly prefix?: string;
}

export interface RedisStore extends RateStore {
  take(charges: readonly Charge[], scope: string): Promise<Outcome>;
  adjust(adjustments: readonly Adjustment[], scope: string): Promise<void>;
}

/**
 * Buckets in Redis 5 or later, or Valkey: one round trip for any number of buckets, on the server's clock.
 *
 * A key is `<prefix>{<scope>}<rule>:<digest>`. All keys of one scope are on one node of a cluster; who is limited cannot
 * be read from them except by trying names. Whether `day` and `month` counters survive a restart of the server is up to
 * its persistence settings.
 *
 * Both methods reject with {@link RateLimitError} `ERR_RATE_LIMIT_STORE_FAILED` when the server cannot be asked and
 * `ERR_RATE_LIMIT_STORE_REPLY` when it answers something else than the script. They do NOT time out; a limiter sees to that.
 *
 * @throws TypeError when an option makes no sense.
 */
export function redisStore(options: RedisStoreOptions): RedisStore {
  const { prefix = 'sekisho:' } = options;
  if (!/^[^{}]{0,64}$/.test(prefix)) throw new TypeError('prefix must be at most 64 characters without braces');
  const runner = toScriptRunner(options.client);
  const digests = new DigestCache(10_000);

  const run = (script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> =>
    runner.runCached(script.sha, keys, args).catch((cause: unknown) => {
      // A server that was restarted or flushed has forgotten the script; sending it in full makes it known again.
      if (!(cause instanceof Error) || !cause.message.includes('NOSCRIPT')) throw failure(cause);
      return runner.run(script.source, keys, args).catch((again: unknown) => {
        throw failure(again);
      });
    });

  const keysOf = (parts: readonly (Charge | Adjustment)[], scope: string): string[] => {
    const start = `${prefix}{${tagOf(scope)}}`;
    return parts.map(({ key, limit }) => `${start}${limit.rule}:${digests.of(key)}`);
  };

  return {
    shared: true,
    durableBudgets: true,
    take: async (charges, scope) => {
      if (charges.length === 0) return { allowed: true, levels: [] };
      const keys = keysOf(charges, scope);
      if (charges.every(isPlainRate)) {
        return toRatesOutcome(await run(takeRatesScript, keys, ratesArgs(charges)), charges);
      }
      return toOutcome(await run(takeScript, keys, takeArgs(charges)), charges);
    },
    adjust: async (adjustments, scope) => {
      if (adjustments.length === 0) return;
      await run(adjustScript, keysOf(adjustments, scope), adjustArgs(adjustments));
    },
  };
}

/**
 * A tenant's name may contain a brace, which would end the hash tag early and scatter the keys of one call. An empty tag
 * would be none, hence a dash, with which no other tag begins.
 */
function tagOf(scope: string): string {
  if (scope === '') return '-';
  return /^\w[\w.-]{0,63}$/.test(scope) ? scope : `#${hash('sha256', scope, 'base64url')}`;
}

function failure(cause: unknown): RateLimitError {
  return new RateLimitError('ERR_RATE_LIMIT_STORE_FAILED', 'the server could not be asked', { cause });
}
