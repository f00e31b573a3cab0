import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamCounters } from './counters.ts';

test('missing values are told unless the log accounts for exactly them', () => {
  const counters = new StreamCounters(true);
  for (const n of [0, 1, 4, 5, 9]) expect(counters.see('a', n)).toBe(true);
  counters.account({
    stream: 'a',
    ranges: [
      [2, 3],
      [6, 6],
      [8, 8],
    ],
    count: 4,
    reason: 'x',
  });
  expect(counters.unaccounted()).toEqual([{ stream: 'a', from: 7, to: 8 }]);
  expect(counters.see('a', 3)).toBe(false);
  counters.reset();
  expect(counters.unaccounted()).toEqual([]);
});

test('a missing first value is seen, unless retention cut the beginning away', () => {
  const counters = new StreamCounters(true);
  counters.see('a', 2);
  expect(counters.unaccounted()).toEqual([{ stream: 'a', from: 0, to: 1 }]);
  const pruned = new StreamCounters(false);
  pruned.see('a', 2);
  pruned.see('a', 3);
  expect(pruned.unaccounted()).toEqual([]);
});

test('whatever was refused and accounted for is quiet, whatever was not is loud', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('kept', 'refused', 'lost'), { minLength: 1, maxLength: 60 }), (fates) => {
      const counters = new StreamCounters(true);
      for (const [n, fate] of fates.entries()) {
        if (fate === 'refused') counters.account({ stream: 's', ranges: [[n, n]], count: 1, reason: 'x' });
        if (fate === 'kept') counters.see('s', n);
      }
      counters.see('s', fates.length);
      const lost = fates.flatMap((fate, n) => (fate === 'lost' ? [n] : []));
      const told = counters.unaccounted();
      expect(told.length > 0).toBe(lost.length > 0);
      for (const n of lost) expect(told.some(({ from, to }) => from <= n && n <= to)).toBe(true);
    }),
  );
});
