import { describe, expect, test } from 'vitest';
import type { Decision } from '../decision.ts';
import { allowForgetfulBudgets, createRateLimiter } from '../limiter.ts';
import { memoryStore } from '../memory-store.ts';
import type { Rule } from '../rule.ts';
import { toFields } from './fields.ts';
import { toReply, toRefusalReply } from './reply.ts';
import { toAbuseRefusal, toJsonRpcError, toOverloadRefusal, toProblemDetails, toRefusal } from './refusal.ts';

const rule = (name: string, amount: number, periodMs: number, burst: number, more: Partial<Rule> = {}): Rule => ({
  name,
  by: ['principal'],
  allow: { kind: 'rate', amount, periodMs, burst },
  whenStoreFails: 'local',
  ...more,
});

function takerOf(...rules: Rule[]) {
  const time = { at: 0 };
  const store = memoryStore({ now: () => time.at, wallNow: () => Date.UTC(2026, 10, 23, 23) });
  const limiter = createRateLimiter({ rules, store, [allowForgetfulBudgets]: true });
  return { time, take: (tool?: string) => limiter.take({ principal: 'p', tool }) as Decision };
}

describe('RateLimit fields', () => {
  test('name the policies and what is left of each', () => {
    const { take } = takerOf(rule('per-key', 60, 60_000, 10), rule('per-hour', 1000, 3_600_000, 100));
    take();
    expect(toFields(take())).toEqual({
      'RateLimit-Policy': '"per-key";q=60;w=60, "per-hour";q=1000;w=3600',
      RateLimit: '"per-key";r=8;t=1, "per-hour";r=98;t=4',
    });
  });

  test('list the violated alone in a denial, and never ask to come back before', () => {
    const { take, time } = takerOf(rule('per-key', 10, 60_000, 2), rule('per-hour', 1000, 3_600_000, 100));
    take();
    take();
    time.at += 500;
    expect(toFields(take())).toEqual({
      'RateLimit-Policy': '"per-key";q=10;w=60, "per-hour";q=1000;w=3600',
      RateLimit: '"per-key";r=0;t=6',
      'Retry-After': '6',
    });
  });

  test('keep Retry-After at a second or more', () => {
    const { take } = takerOf(rule('fast', 100, 1000, 1));
    take();
    expect(toFields(take())).toMatchObject({ RateLimit: '"fast";r=0;t=1', 'Retry-After': '1' });
  });

  test('say nothing of shadow rules, of tokens, or of how busy others are', () => {
    const shared = rule('all-together', 60, 60_000, 2, { by: ['tool'] });
    const { take } = takerOf(
      rule('mine', 60, 60_000, 10),
      rule('trial', 60, 60_000, 5, { mode: 'shadow' }),
      rule('tokens', 60, 60_000, 5, { unit: 'tokens' }),
      shared,
    );
    expect(toFields(take('x'))).toEqual({ 'RateLimit-Policy': '"mine";q=60;w=60', RateLimit: '"mine";r=9;t=1' });
    take('x');
    expect(toFields(take('x'))).toMatchObject({
      'RateLimit-Policy': '"mine";q=60;w=60, "all-together";q=60;w=60',
      RateLimit: '"all-together";r=0;t=1',
    });
  });

  test('know bytes, budgets and windows of less than a second', () => {
    const { take } = takerOf(
      rule('bytes', 1e6, 60_000, 1e6, { unit: 'bytes', cost: 1000 }),
      rule('day', 1, 1, 1, { allow: { kind: 'day', amount: 500 } }),
      rule('quick', 5, 200, 5),
    );
    expect(toFields(take())).toEqual({
      'RateLimit-Policy': '"bytes";q=1000000;w=60;qu="content-bytes", "day";q=500;w=86400, "quick";q=25;w=1',
      RateLimit: '"bytes";r=999000;t=1, "day";r=499;t=3600, "quick";r=4;t=1',
    });
  });

  test('are absent when no rule applies, and have no Retry-After when waiting does not help', () => {
    const { take } = takerOf(rule('heavy', 5, 60_000, 5, { cost: () => 6, match: { tools: ['heavy'] } }));
    expect(toFields(take('light'))).toEqual({});
    expect(toFields(take('heavy'))).toEqual({ 'RateLimit-Policy': '"heavy";q=5;w=60', RateLimit: '"heavy";r=5' });
  });
});

describe('a refusal', () => {
  test('is 429 with the policies in the way, the longest wait first', () => {
    const { take } = takerOf(
      rule('short', 60, 60_000, 1),
      rule('long', 1, 60_000, 1),
      rule('trial', 1, 60_000, 1, { mode: 'shadow' }),
    );
    take();
    const refusal = toRefusal(take());
    expect(toProblemDetails(refusal)).toEqual({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'The quota of this policy is used up',
      status: 429,
      'violated-policies': ['long', 'short'],
    });
    expect(toJsonRpcError(refusal)).toEqual({
      code: 429,
      message: 'The quota of this policy is used up',
      data: { retryAfterMs: 60_000, policy: 'long' },
    });
  });

  test('is 503 when a limit cannot be checked, or too much is under way', () => {
    const time = { at: 0 };
    const store = memoryStore({
      now: () => time.at,
      budgets: {
        load: () => undefined,
        save: () => {
          throw new Error('disk full');
        },
      },
    });
    const exact = rule('money', 1, 1, 1, { allow: { kind: 'day', amount: 5 }, whenStoreFails: 'refuse' });
    const decision = createRateLimiter({ rules: [exact], store }).take({ principal: 'p' }) as Decision;
    expect(toReply(decision)).toMatchObject({ status: 503, fields: { 'Retry-After': '1' } });
    const overload = toRefusalReply(toOverloadRefusal('upstream', 1500), 7);
    expect(overload).toMatchObject({ status: 503, fields: { 'Retry-After': '2', 'Content-Type': 'application/json' } });
    expect(JSON.parse(overload.body)).toEqual({
      jsonrpc: '2.0',
      id: 7,
      error: { code: 503, message: 'Too many calls are under way', data: { retryAfterMs: 1500, policy: 'upstream' } },
    });
  });

  test('of an address speaks of abnormal usage', () => {
    const reply = toRefusalReply(toAbuseRefusal('sign-in-failures', 6000));
    expect(reply).toMatchObject({
      status: 429,
      fields: { 'Retry-After': '6', 'Content-Type': 'application/problem+json' },
    });
    expect(JSON.parse(reply.body)).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected',
    });
  });

  test('never says to come back at once', () => {
    expect(toRefusalReply(toOverloadRefusal('a', 0)).fields['Retry-After']).toBe('1');
  });

  test('uses no code that belongs to the specification or to JSON-RPC', () => {
    const codes = [toAbuseRefusal('a', 1), toOverloadRefusal('a', 1)].map((refusal) => toJsonRpcError(refusal).code);
    for (const code of codes) expect(code < -32_768 || code > -32_000).toBe(true);
  });

  test('is not made of an allowance', () => {
    const { take } = takerOf(rule('r', 1, 1000, 1));
    expect(() => toRefusal(take())).toThrow(TypeError);
  });
});
