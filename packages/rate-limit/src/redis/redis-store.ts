import { hash } from 'node:crypto';
import { RateLimitError } from '../errors.ts';
import {
  roundingUnits,
  type Adjustment,
  type BucketLimit,
  type Charge,
  type Level,
  type Outcome,
  type RateStore,
} from '../store.ts';
import { toScriptRunner, type RedisClient } from './client.ts';
import { adjustScript, takeScript, type Script } from './scripts.ts';

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

  const run = async (script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> => {
    try {
      return await runner.runCached(script.sha, keys, args);
    } catch (cause) {
      // A server that was restarted or flushed has forgotten the script; sending it in full makes it known again.
      if (!(cause instanceof Error) || !cause.message.includes('NOSCRIPT')) throw failure(cause);
    }
    try {
      return await runner.run(script.source, keys, args);
    } catch (cause) {
      throw failure(cause);
    }
  };

  const keysOf = (parts: readonly (Charge | Adjustment)[], scope: string): string[] => {
    const start = `${prefix}{${tagOf(scope)}}`;
    return parts.map(({ key, limit }) => `${start}${limit.rule}:${digests.of(key)}`);
  };

  return {
    shared: true,
    durableBudgets: true,
    take: async (charges, scope) => {
      if (charges.length === 0) return { allowed: true, levels: [] };
      const args: string[] = [];
      for (const { limit, cost } of charges) pushArgs(args, limit, cost, limit.capacity + roundingUnits(limit));
      return toOutcome(await run(takeScript, keysOf(charges, scope), args), charges);
    },
    adjust: async (adjustments, scope) => {
      if (adjustments.length === 0) return;
      const args: string[] = [];
      for (const { limit, delta, period } of adjustments) pushArgs(args, limit, delta, period);
      await run(adjustScript, keysOf(adjustments, scope), args);
    },
  };
}

function pushArgs(args: string[], limit: BucketLimit, units: number, third: number): void {
  const kind = limit.kind === 'rate' ? 0 : limit.kind === 'day' ? 1 : 2;
  args.push(
    String(limit.shadow ? kind + 10 : kind),
    String(units),
    String(third),
    String(limit.unitMs * 1000),
    String(limit.capacity + limit.overdraft),
  );
}

/** A tenant's name may contain a brace, which would end the hash tag early and scatter the keys of one call. */
function tagOf(scope: string): string {
  return /^[\w.-]{1,64}$/.test(scope) ? scope : `#${hash('sha256', scope, 'base64url')}`;
}

function toOutcome(reply: unknown, charges: readonly Charge[]): Outcome {
  if (!Array.isArray(reply) || reply.length !== charges.length * 3 + 1) throw strange();
  const levels: Level[] = [];
  for (let i = 0; i < charges.length; i++) {
    const { limit } = charges[i]!;
    const fits = flag(reply[i * 3 + 1]);
    const amount = number(reply[i * 3 + 2]);
    if (limit.kind === 'rate') {
      levels.push({ fits, used: amount / (limit.unitMs * 1000), period: 0, endsInMs: 0 });
    } else {
      const [period, endsInS] = String(reply[i * 3 + 3]).split(':');
      levels.push({ fits, used: amount, period: number(period), endsInMs: number(endsInS) * 1000 });
    }
  }
  return { allowed: flag(reply[0]), levels };
}

function flag(value: unknown): boolean {
  if (value === 1) return true;
  if (value === 0) return false;
  throw strange();
}

function number(value: unknown): number {
  const result = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof result !== 'number' || !Number.isFinite(result)) throw strange();
  return result;
}

function strange(): RateLimitError {
  return new RateLimitError('ERR_RATE_LIMIT_STORE_REPLY', 'the server answered something else than the script does');
}

function failure(cause: unknown): RateLimitError {
  return new RateLimitError('ERR_RATE_LIMIT_STORE_FAILED', 'the server could not be asked', { cause });
}

/**
 * Digests of keys: names of callers do not belong into a shared database, and all keys are of one length. 128 bits, so
 * that nobody can find a name that shares another's bucket. A digest takes a microsecond, hence the memory of recent ones.
 */
class DigestCache {
  readonly #known = new Map<string, string>();
  readonly #maxKeys: number;

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  of(key: string): string {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const digest = hash('sha256', key, 'base64url').slice(0, 22);
    // Cheaper than keeping an order: hot keys are back within one call each.
    if (this.#known.size >= this.#maxKeys) this.#known.clear();
    this.#known.set(key, digest);
    return digest;
  }
}
