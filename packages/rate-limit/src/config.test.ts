import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { AddressLimiterOptions } from './address-limiter.ts';
import type { ConcurrencyLimiterOptions } from './concurrency/concurrency-limiter.ts';
import type { StreamRule } from './concurrency/stream-limiter.ts';
import { addressSchema, concurrencySchema, rateLimitSchema, streamsSchema } from './config.ts';
import type { AddressConfig, ConcurrencyConfig, RateLimitConfig, StreamsConfig } from './config.ts';
import { createRateLimiter, type RateLimiterOptions } from './limiter.ts';
import { memoryStore } from './memory-store.ts';
import type { Rule } from './rule.ts';

/** What cannot be written in a file. */
type Code = 'store' | 'now' | 'wallNow' | 'schedule' | 'onEvent' | 'shared' | 'onSharedFailure' | symbol;
type Written<T> = Omit<T, Extract<keyof T, Code>>;
type WrittenRule = Omit<Rule, 'cost'> & { readonly cost?: number };

test('options and configuration are the same in both directions', () => {
  type Options = Omit<Written<RateLimiterOptions>, 'rules'> & { readonly rules: readonly WrittenRule[] };
  expectTypeOf<RateLimitConfig>().toExtend<Options>();
  expectTypeOf<keyof RateLimitConfig>().toEqualTypeOf<keyof Options>();
  expectTypeOf<keyof RateLimitConfig['rules'][number]>().toEqualTypeOf<keyof WrittenRule>();
  expectTypeOf<ConcurrencyConfig>().toExtend<Written<ConcurrencyLimiterOptions>>();
  expectTypeOf<keyof ConcurrencyConfig>().toEqualTypeOf<keyof Written<ConcurrencyLimiterOptions>>();
  expectTypeOf<keyof ConcurrencyConfig['rules'][number]>().toEqualTypeOf<
    keyof ConcurrencyLimiterOptions['rules'][number]
  >();
  expectTypeOf<StreamsConfig['rules'][number]>().toExtend<StreamRule>();
  expectTypeOf<keyof StreamsConfig['rules'][number]>().toEqualTypeOf<keyof StreamRule>();
  expectTypeOf<AddressConfig>().toExtend<Written<AddressLimiterOptions>>();
  expectTypeOf<keyof AddressConfig>().toEqualTypeOf<keyof Written<AddressLimiterOptions>>();
});

const rule = {
  name: 'per-key',
  by: ['apiKey', 'tool'],
  allow: { kind: 'rate', amount: 60, periodMs: 60_000, burst: 10 },
  whenStoreFails: 'local',
};

test('what a file says goes into a limiter as it is', async () => {
  const config = rateLimitSchema.parse(JSON.parse(JSON.stringify({ rules: [rule], warnAt: 0.5 })));
  const limiter = createRateLimiter({ ...config, store: memoryStore() });
  expect(await limiter.take({ apiKey: 'k', tool: 't' })).toMatchObject({ allowed: true, remaining: 9 });
});

test.each<[string, object]>([
  ['a rule without a choice for a failing store', { rules: [{ ...rule, whenStoreFails: undefined }] }],
  ['a rate without a burst', { rules: [{ ...rule, allow: { kind: 'rate', amount: 1, periodMs: 1 } }] }],
  ['a budget with a burst', { rules: [{ ...rule, allow: { kind: 'day', amount: 1, burst: 1 } }] }],
  ['a misspelt option', { rules: [{ ...rule, mod: 'shadow' }] }],
  ['an unknown dimension', { rules: [{ ...rule, by: ['planet'] }] }],
  ['a name that would break a header', { rules: [{ ...rule, name: 'a";b' }] }],
  ['the permission to forget budgets', { rules: [], allowForgetfulBudgets: true }],
])('refuses %s', (_what, config) => {
  expect(rateLimitSchema.safeParse(config).success).toBe(false);
});

test('every schema can be published as JSON Schema', () => {
  for (const schema of [rateLimitSchema, concurrencySchema, streamsSchema, addressSchema]) {
    expect(z.toJSONSchema(schema)).toMatchObject({ type: 'object', additionalProperties: false });
  }
});
