import { expect, expectTypeOf, test } from 'vitest';
import { auditConfigSchema } from './config.ts';
import type { AuditConfig } from './config.ts';
import { resolveSettings, SETTING_RANGES } from './log-options.ts';
import type { AuditLogSettings } from './log-options.ts';

test('the schema and the options name the same settings', () => {
  expectTypeOf<keyof AuditConfig>().toEqualTypeOf<keyof AuditLogSettings>();
  expectTypeOf<{ [K in keyof AuditConfig]-?: NonNullable<AuditConfig[K]> }>().toEqualTypeOf<
    Required<AuditLogSettings>
  >();
  expect(Object.keys(auditConfigSchema.shape).toSorted()).toEqual(
    [...Object.keys(SETTING_RANGES), 'durability'].toSorted(),
  );
});

test.each(Object.entries(SETTING_RANGES))('%s has the same range in both', (name, [least, most]) => {
  for (const value of [least, most]) {
    expect(auditConfigSchema.safeParse({ [name]: value }).success).toBe(true);
    expect(resolveSettings({ [name]: value })).toMatchObject({ [name]: value });
  }
  for (const value of [least - 1, most + 1, least + 0.5, '1', Number.NaN]) {
    expect(auditConfigSchema.safeParse({ [name]: value }).success).toBe(false);
    expect(() => resolveSettings({ [name]: value })).toThrow(TypeError);
  }
});

test('unknown settings and durabilities are refused', () => {
  expect(auditConfigSchema.safeParse({ signer: 'x' }).success).toBe(false);
  expect(auditConfigSchema.safeParse({ durability: 'none' }).success).toBe(false);
  expect(() => resolveSettings({ durability: 'none' } as unknown as AuditLogSettings)).toThrow(TypeError);
  expect(resolveSettings({})).toMatchObject({ durability: 'standard', checkpointEveryRecords: 1024 });
});
