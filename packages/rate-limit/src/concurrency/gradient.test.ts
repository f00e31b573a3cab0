import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { GradientLimit } from './gradient.ts';

test('stays within its bounds, whatever happens', () => {
  const event = fc.oneof(
    fc.record({ took: fc.double({ min: 0, max: 1e6, noNaN: true }), underWay: fc.integer({ min: 0, max: 300 }) }),
    fc.constant('dropped' as const),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), (events) => {
      const limit = new GradientLimit({ initial: 30, min: 3, max: 60 });
      for (const one of events) {
        if (one === 'dropped') limit.dropped();
        else limit.completed(one.took, one.underWay);
        expect(limit.limit).toBeGreaterThanOrEqual(3);
        expect(limit.limit).toBeLessThanOrEqual(60);
      }
    }),
  );
});

test('does not grow on calls that did not need it', () => {
  const limit = new GradientLimit({ initial: 20, max: 100 });
  for (let i = 0; i < 500; i++) limit.completed(10, 3);
  expect(limit.limit).toBe(20);
});

/** An upstream that does `servers` calls at once in 10 ms each and lets the rest wait. */
function simulate(servers: number, limit: GradientLimit): number {
  for (let i = 0; i < 400; i++) {
    const underWay = limit.limit;
    limit.completed(10 * Math.max(1, underWay / servers), underWay);
  }
  return limit.limit;
}

test('settles near what the upstream can do at once, far below its bound', () => {
  const settled = simulate(25, new GradientLimit({ initial: 5, max: 10_000 }));
  expect(settled).toBeGreaterThanOrEqual(25);
  expect(settled).toBeLessThan(120);
});
