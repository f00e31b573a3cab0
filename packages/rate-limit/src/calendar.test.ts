import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { periodAt, periodEndMs } from './calendar.ts';

const instant = fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) });

test('every instant is before the end of its period and not before the end of the one before', () => {
  fc.assert(
    fc.property(instant, fc.constantFrom('day' as const, 'month' as const), (wallMs, kind) => {
      const period = periodAt(kind, wallMs);
      expect(periodEndMs(kind, period)).toBeGreaterThan(wallMs);
      expect(periodEndMs(kind, period - 1)).toBeLessThanOrEqual(wallMs);
    }),
  );
});

test('months end on the first, also in leap years and over the turn of a year', () => {
  const end = (iso: string): string => new Date(periodEndMs('month', periodAt('month', Date.parse(iso)))).toISOString();
  expect(end('2028-02-29T23:59:59.999Z')).toBe('2028-03-01T00:00:00.000Z');
  expect(end('2026-12-31T12:00:00Z')).toBe('2027-01-01T00:00:00.000Z');
  expect(end('2100-02-28T12:00:00Z')).toBe('2100-03-01T00:00:00.000Z');
});
