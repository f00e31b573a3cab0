import { isDeepStrictEqual } from 'node:util';
import {
  addressSchema,
  concurrencySchema,
  rateLimitSchema,
  ruleSchema,
  streamsSchema,
} from '@sekisho/rate-limit/config';
import {
  allowForgetfulBudgets,
  createAddressLimiter,
  createConcurrencyLimiter,
  createRateLimiter,
  createStreamLimiter,
  memoryStore,
} from '@sekisho/rate-limit';
import type { RateLimiterOptions, Rule } from '@sekisho/rate-limit';
import { z } from 'zod';

const failureChoice = z.enum(['local', 'refuse']);

const limits = z
  .strictObject({
    ...rateLimitSchema.shape,
    rules: z.array(ruleSchema.partial({ whenStoreFails: true })).max(32),
    replicas: z.never().optional().describe('Stands in store.redis.'),
  })
  .describe('How often and how much. All rules that apply to a message are charged together, or none is.');

const redis = z.strictObject({
  url: z
    .string()
    .regex(/^rediss?:\/\//, 'a URL that begins with redis:// or rediss:// is needed')
    .describe('Of a Redis or Valkey server. With a password in it write a reference: "${secret:redis-url}".'),
  prefix: z
    .string()
    .max(64)
    .regex(/^[^{}]*$/)
    .optional()
    .describe('In front of every key, at most 64 characters without braces. Default "sekisho:".'),
  replicas: z
    .int()
    .min(1)
    .max(10_000)
    .describe('Gateways that share the store, 1 to 10,000: each keeps this part of a limit while the store is away.'),
});

/** `x-sekisho.rateLimit`: how much and how many at once. */
export const rateLimitSection = z
  .strictObject({
    limits: limits.optional(),
    address: addressSchema
      .optional()
      .describe('Before anybody has signed in. Default: 10 failed sign-ins at once and then 10 a minute.'),
    concurrency: concurrencySchema.optional().describe('Calls under way at servers at one time. Default: no limit.'),
    streams: streamsSchema
      .optional()
      .describe('Streams open at one time. Default: 256 for each principal, 1,024 for each address.'),
    store: z
      .union([z.literal('memory'), z.strictObject({ redis })])
      .optional()
      .describe(
        'memory (default): this process alone; budgets are kept in the state folder. Or Redis, shared by several.',
      ),
    onStoreFailure: failureChoice
      .optional()
      .describe(
        'For rules that do not say it: local counts on in this process, refuse lets nothing through. There is no default.',
      ),
    bytesPerToken: z
      .number()
      .min(0.1)
      .max(1000)
      .optional()
      .describe('Bytes of an answer that count as one token in rules by tokens, 0.1 to 1,000. Default 4.'),
  })
  .check(({ value, issues }) => {
    for (const [path, problem] of problemsOf(value)) {
      issues.push({ code: 'custom', path, message: problem, input: value });
    }
  });

export type RateLimitSection = z.infer<typeof rateLimitSection>;

/**
 * The rules with their choice for a store that fails.
 *
 * @throws TypeError for a rule without that choice: there is none that is right for everybody
 */
export function rulesOf(section: RateLimitSection): readonly Rule[] {
  return (section.limits?.rules ?? []).map((rule) => {
    const whenStoreFails = rule.whenStoreFails ?? section.onStoreFailure;
    if (whenStoreFails === undefined)
      throw new TypeError(
        `rule "${rule.name}" does not say what happens when the store fails; say "onStoreFailure": "local" or "refuse"`,
      );
    return { ...rule, whenStoreFails };
  });
}

/** What of a changed section takes effect at the next start only: where the counts are is decided once. */
export function waitsForRestart(running: RateLimitSection = {}, next: RateLimitSection = {}): readonly string[] {
  const waiting = isDeepStrictEqual(running.store, next.store) ? [] : ['rateLimit.store'];
  return needsBook(next) && !needsBook(running) ? [...waiting, 'rateLimit.limits'] : waiting;
}

/** Whether there are budgets to be kept in the state folder. */
export function needsBook(section: RateLimitSection): boolean {
  return typeof section.store !== 'object' && rulesOf(section).some(({ allow }) => allow.kind !== 'rate');
}

/** The options of the limiter that a file can give. */
export function limiterOptionsOf(section: RateLimitSection): Omit<RateLimiterOptions, 'rules' | 'store'> {
  const { rules: _rules, replicas: _replicas, ...rest } = section.limits ?? { rules: [] };
  return rest;
}

/** What goes beyond single values is found by making the parts once, so that a file that cannot work does not start. */
function problemsOf(section: RateLimitSection): [path: string[], problem: string][] {
  const found: [string[], string][] = [];
  const attempt = (part: string, make: () => unknown): void => {
    try {
      make();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      found.push([[part], error.message]);
    }
  };
  const { address, concurrency, streams } = section;
  const store = memoryStore({ maxKeys: 1 });
  const options = limiterOptionsOf(section);
  attempt('limits', () =>
    createRateLimiter({ ...options, rules: rulesOf(section), store, [allowForgetfulBudgets]: true }),
  );
  if (address) attempt('address', () => createAddressLimiter({ ...address, maxKeys: 1 }));
  if (concurrency) attempt('concurrency', () => createConcurrencyLimiter(concurrency));
  if (streams) attempt('streams', () => createStreamLimiter(streams));
  return found;
}
