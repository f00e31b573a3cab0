import { describe, expect, test } from 'vitest';
import { settled } from '../test/fake-time.ts';
import { createAddressLimiter, type AddressLimiterOptions } from './address-limiter.ts';
import { memoryStore } from './memory-store.ts';
import type { RateStore } from './store.ts';

function limiterOf(more: Partial<AddressLimiterOptions> = {}) {
  const time = { at: 0 };
  const limiter = createAddressLimiter({
    requests: { amount: 600, periodMs: 60_000, burst: 100 },
    failures: { amount: 10, periodMs: 60_000, burst: 10 },
    now: () => time.at,
    ...more,
  });
  return { limiter, time };
}

test('ten thousand wrong keys from one address: ten are looked at, others go on', () => {
  const { limiter } = limiterOf();
  let looked = 0;
  for (let i = 0; i < 10_000; i++) {
    if (!limiter.admit('192.0.2.1').admitted) continue;
    looked++;
    limiter.signInFailed('192.0.2.1');
  }
  expect(looked).toBe(10);
  expect(limiter.admit('192.0.2.1')).toMatchObject({
    admitted: false,
    refusal: { status: 429, policies: ['sign-in-failures'], retryAfterMs: 6000 },
  });
  expect(limiter.admit('192.0.2.2').admitted).toBe(true);
});

test('another address of the same IPv6 network is the same caller, and so is another spelling', () => {
  const { limiter } = limiterOf();
  for (let i = 0; i < 10; i++) limiter.signInFailed(`2001:db8:1:2::${i.toString(16)}`);
  expect(limiter.admit('2001:DB8:1:2:ffff::1').admitted).toBe(false);
  expect(limiter.admit('2001:db8:1:3::1').admitted).toBe(true);
  for (let i = 0; i < 10; i++) limiter.signInFailed('::ffff:192.0.2.1');
  expect(limiter.admit('192.0.2.1').admitted).toBe(false);
});

test('patience is rewarded, at the rate that was set', () => {
  const { limiter, time } = limiterOf();
  for (let i = 0; i < 10; i++) limiter.signInFailed('192.0.2.1');
  time.at += 5990;
  expect(limiter.admit('192.0.2.1').admitted).toBe(false);
  time.at += 10;
  expect(limiter.admit('192.0.2.1').admitted).toBe(true);
});

test('attempts under way at once may overdraw, by one more burst at most', () => {
  const { limiter, time } = limiterOf();
  for (let i = 0; i < 1000; i++) limiter.signInFailed('192.0.2.1');
  time.at += 66_000;
  expect(limiter.admit('192.0.2.1').admitted).toBe(true);
});

test('limits requests of any kind too', () => {
  const { limiter, time } = limiterOf();
  const admitted = (): number =>
    Array.from({ length: 500 }, () => limiter.admit('192.0.2.1')).filter((a) => a.admitted).length;
  expect(admitted()).toBe(100);
  time.at += 1000;
  expect(admitted()).toBe(10);
  expect(limiter.admit('192.0.2.1')).toMatchObject({
    refusal: { policies: ['requests-per-address'], retryAfterMs: 100 },
  });
});

test('a flood of other addresses does not wash a failure away', () => {
  const { limiter } = limiterOf({ maxKeys: 100 });
  for (let i = 0; i < 10; i++) limiter.signInFailed('192.0.2.1');
  for (let i = 0; i < 5000; i++) limiter.admit(`198.51.${i >> 8}.${i & 255}`);
  expect(limiter.admit('192.0.2.1').admitted).toBe(false);
});

describe('with replicas', () => {
  const shared = (): { store: RateStore; state: { down: 'no' | 'throw' | 'reject' } } => {
    const inner = memoryStore({ now: () => 0 });
    const state = { down: 'no' as 'no' | 'throw' | 'reject' };
    const store: RateStore = {
      ...inner,
      shared: true,
      take: (charges, scope) => {
        if (state.down === 'throw') throw new Error('down');
        return state.down === 'reject'
          ? Promise.reject(new Error('down'))
          : Promise.resolve(inner.take(charges, scope));
      },
    };
    return { store, state };
  };

  test('a replica learns of failures elsewhere with its first own', async () => {
    const { store } = shared();
    const [one, two] = [limiterOf({ shared: store }).limiter, limiterOf({ shared: store }).limiter];
    for (let i = 0; i < 10; i++) one.signInFailed('192.0.2.1');
    await settled();
    expect(two.admit('192.0.2.1').admitted).toBe(true);
    two.signInFailed('192.0.2.1');
    await settled();
    expect(two.admit('192.0.2.1').admitted).toBe(false);
  });

  test.each(['throw', 'reject'] as const)('a store that is gone (%s) opens nothing', async (down) => {
    const { store, state } = shared();
    state.down = down;
    const told: unknown[] = [];
    const { limiter } = limiterOf({ shared: store, onSharedFailure: (cause) => told.push(cause) });
    for (let i = 0; i < 10; i++) limiter.signInFailed('192.0.2.1');
    await settled();
    expect(limiter.admit('192.0.2.1').admitted).toBe(false);
    expect(told).toHaveLength(10);
  });
});

test.each([
  { amount: 0, periodMs: 1, burst: 1 },
  { amount: 1, periodMs: 0, burst: 1 },
  { amount: 1, periodMs: 1, burst: 0 },
  { amount: NaN, periodMs: 1, burst: 1 },
])('refuses %j at construction', (allowance) => {
  expect(() => limiterOf({ requests: allowance })).toThrow(TypeError);
  expect(() => limiterOf({ failures: allowance })).toThrow(TypeError);
});
