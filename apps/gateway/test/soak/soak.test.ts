import { expect, test } from 'vitest';
import { growth, soak } from './soak.ts';

// Half an hour of it: node --conditions=@sekisho/source apps/gateway/test/soak/main.ts --minutes 30
test.runIf(process.platform === 'linux')(
  'a moment of the soak: no call fails without a reason, everything is on record once, and the record holds',
  { timeout: 240_000 },
  async () => {
    const figures = await soak({ minutes: 0.4 });
    expect(figures.failures).toEqual([]);
    expect(figures.exitCode).toBe(0);
    for (const what of ['crashes', 'reloads', 'rotations', 'revocations'] as const)
      expect(figures[what], what).toBeGreaterThan(0);
    // Every kind of errand had its turn, those that are to be refused too.
    for (const end of ['ok', 'refused']) expect(figures.ends[end], end).toBeGreaterThan(20);
    expect(figures.record.odd).toEqual([]);
    expect(figures.record.ended).toBe(figures.requests);
    expect(figures.verified).toMatchObject({ code: 0, out: expect.stringContaining('intact') });
    // A leak of a call's own size would be far more; half a minute says no more than that.
    expect(growth(figures.memory, 'heap')).toBeLessThan(64 * 1_048_576);
  },
);

test('growth is what the least of the last fifth has over that of the second', () => {
  const at = (heap: number) => ({ heap, resident: 0 });
  expect(growth([9, 9, 3, 5, 8, 8, 8, 8, 6, 9].map(at), 'heap')).toBe(3);
});
