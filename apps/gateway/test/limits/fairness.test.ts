import { expect, test } from 'vitest';
import { measureFairness } from '../../bench/fairness.ts';

/**
 * The figure itself (1.2x at most) is measured by the bench on a quiet machine. Here another caller's median may be three times
 * as long beside the abuser as alone, in the best of three rounds; without limits it is thirty times and more.
 */
test('a caller hardly feels another who sends fifty times what it may', { timeout: 120_000 }, async () => {
  const { alone, besideAbuse, abuse } = await measureFairness(3, 1500, false);
  const ratios = besideAbuse.map(({ p50 }, i) => p50 / alone[i]!.p50);
  expect(Math.min(...ratios)).toBeLessThan(3);
  for (const { refused } of [...alone, ...besideAbuse]) expect(refused).toBe(0);
  // It was abuse, and it was held back: what got through is the rate and one burst.
  const told = abuse.map(({ sent, seconds, statuses }) => ({
    seconds,
    sent,
    through: statuses.find(([status]) => status === 200)?.[1] ?? 0,
  }));
  for (const { seconds, sent, through } of told) {
    expect(sent / seconds).toBeGreaterThan(500);
    expect(through).toBeLessThanOrEqual(20 * (seconds + 1) + 10);
  }
});
