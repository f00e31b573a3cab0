import { describe, expect, expectTypeOf, it } from 'vitest';
import { piiConfig, toOptions, uniqueRules } from './config.ts';
import type { PiiConfig } from './config.ts';
import { createMasker } from './masker.ts';
import type { MaskerOptions } from './masker.ts';
import type { Action, Direction } from './mask/policy.ts';

describe('piiConfig', () => {
  it('has defaults that mask', () => {
    const masker = createMasker(toOptions(piiConfig.parse({})));
    expect(masker.mask('jane@acme.com').text).toBe('[EMAIL]');
  });

  it('refuses what it does not know', () => {
    expect(piiConfig.safeParse({ polcy: {} }).success).toBe(false);
    expect(piiConfig.safeParse({ thresholds: { EMAIL: 2 } }).success).toBe(false);
    expect(piiConfig.safeParse({ policy: { rules: [{ labels: ['EMAIL'], action: 'erase' }] } }).success).toBe(false);
    expect(piiConfig.safeParse({ policy: { restore: [{ labels: ['EMAIL'] }] } }).success).toBe(false);
  });

  it('takes single countries, each rule once', () => {
    const rules = uniqueRules(['us', 'world', 'documents']);
    expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
    const masker = createMasker(toOptions(piiConfig.parse({ packs: ['us'] })));
    expect(masker.mask('ssn 536-90-4399, jane@acme.com').text).toBe('ssn [US_SSN], jane@acme.com');
  });

  it('does not drift from the options', () => {
    type Rule = PiiConfig['policy']['rules'][number];
    expectTypeOf<Rule['action']>().toEqualTypeOf<Action>();
    expectTypeOf<Exclude<Rule['direction'], undefined | readonly unknown[]>>().toEqualTypeOf<Direction>();
    expectTypeOf<PiiConfig['numbers']>().toEqualTypeOf<NonNullable<MaskerOptions['numbers']>>();
    expectTypeOf<PiiConfig['placeholders']>().toEqualTypeOf<NonNullable<MaskerOptions['placeholders']>>();
    expectTypeOf<PiiConfig['strictness']>().toEqualTypeOf<NonNullable<MaskerOptions['strictness']>>();
    expectTypeOf<Exclude<keyof PiiConfig, 'packs'>>().toEqualTypeOf<
      Exclude<keyof MaskerOptions, 'rules' | 'engine' | 'hashKey' | 'formatKey' | 'always'>
    >();
    expectTypeOf(toOptions).returns.toExtend<MaskerOptions>();
  });
});
