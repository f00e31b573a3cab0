import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBackoff } from './backoff.ts';

function virtual(random: () => number = () => 0.5) {
  const clock = { at: 0 };
  return { clock, backoff: createBackoff({ now: () => clock.at, random }) };
}

test('the first retry is immediate and the next ones wait longer', () => {
  const { backoff, clock } = virtual(() => 0.999);
  const waits = Array.from({ length: 7 }, () => {
    const wait = backoff.failed();
    clock.at += wait;
    return wait;
  });
  expect(waits[0]).toBe(0);
  expect(waits.slice(1)).toEqual(waits.slice(1).toSorted((a, b) => a - b));
  expect(waits[1]).toBeGreaterThan(0);
});

test('CHK-20: after ten attempts it waits for minutes, and never more than five', () => {
  const { backoff } = virtual(() => 0);
  const waits = Array.from({ length: 40 }, () => backoff.failed());
  expect(Math.max(...waits.slice(0, 9))).toBe(0);
  expect(Math.min(...waits.slice(9))).toBeGreaterThanOrEqual(60_000);
  const late = virtual(() => 0.9999).backoff;
  for (let i = 0; i < 40; i++) expect(late.failed()).toBeLessThanOrEqual(300_000);
});

test('CHK-20: slow failures leave the quick phase after a minute too', () => {
  const { backoff, clock } = virtual(() => 0);
  backoff.failed();
  clock.at += 61_000;
  expect(backoff.failed()).toBeGreaterThanOrEqual(60_000);
});

test('a short success forgives nothing, a minute of success forgives all', () => {
  const { backoff, clock } = virtual();
  for (let i = 0; i < 12; i++) backoff.failed();
  backoff.opened();
  clock.at += 59_999;
  expect(backoff.failed()).toBeGreaterThanOrEqual(60_000);
  expect(backoff.failures).toBe(13);
  backoff.opened();
  clock.at += 60_000;
  expect(backoff.failed()).toBe(0);
  expect(backoff.failures).toBe(1);
});

test('waitMs counts down to the attempt that was allowed', () => {
  const { backoff, clock } = virtual(() => 0.5);
  expect(backoff.waitMs()).toBe(0);
  for (let i = 0; i < 10; i++) backoff.failed();
  const wait = backoff.waitMs();
  expect(wait).toBeGreaterThanOrEqual(60_000);
  clock.at += wait - 1;
  expect(backoff.waitMs()).toBe(1);
  clock.at += 2;
  expect(backoff.waitMs()).toBe(0);
});

const step = fc.record({
  takesMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
  livesMs: fc.option(fc.oneof(fc.integer({ min: 0, max: 59_999 }), fc.integer({ min: 60_000, max: 200_000 })), {
    nil: undefined,
  }),
});

test('CHK-20: in no minute are there more than ten attempts, whatever fails and whatever is drawn', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
      (steps, draws) => {
        const { backoff, clock } = virtual(() => draws.next().value as number);
        const attempts: number[] = [];
        for (const { takesMs, livesMs } of steps) {
          attempts.push(clock.at);
          clock.at += takesMs;
          if (livesMs !== undefined) {
            backoff.opened();
            clock.at += livesMs;
          }
          const wait = backoff.failed();
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(300_000);
          clock.at += wait;
        }
        for (let i = 10; i < attempts.length; i++) {
          expect(attempts[i]! - attempts[i - 10]!).toBeGreaterThanOrEqual(60_000);
        }
      },
    ),
  );
});

test('CHK-20: a server that fails, or flaps, for a day sees hundreds of attempts and not thousands', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30_000 }), fc.integer(), (livesMs, seed) => {
      let state = seed >>> 0;
      const { backoff, clock } = virtual(() => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
      });
      let attempts = 0;
      while (clock.at < 86_400_000) {
        attempts += 1;
        backoff.opened();
        clock.at += livesMs;
        clock.at += backoff.failed();
      }
      expect(attempts).toBeLessThan(700);
    }),
    { numRuns: 30 },
  );
});
