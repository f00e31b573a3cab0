import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';

test('callers take turns, however much one has waiting', () => {
  const queue = new FairQueue<string>(100, 1000);
  for (let i = 0; i < 50; i++) queue.push('mallory', `m${i}`);
  queue.push('alice', 'a0');
  queue.push('bob', 'b0');
  queue.push('alice', 'a1');
  const order = Array.from({ length: 7 }, () => queue.shift());
  expect(order).toEqual(['m0', 'a0', 'b0', 'm1', 'a1', 'm2', 'm3']);
});

test('bounds each caller and all together', () => {
  const queue = new FairQueue<number>(2, 3);
  expect([queue.push('a', 1), queue.push('a', 2), queue.push('a', 3)]).toEqual(['queued', 'queued', 'full']);
  expect(queue.push('b', 4)).toBe('queued');
  // Full: the newcomer displaces the last of the longest line, a caller already in line does not.
  expect(queue.push('b', 5)).toBe('full');
  expect(queue.push('c', 6)).toEqual({ displaced: 2 });
  // Now everybody has one waiting, and displacing it would only move the unfairness.
  expect(queue.push('d', 7)).toBe('full');
  expect(queue.size).toBe(3);
});

test('with no room nothing waits', () => {
  expect(new FairQueue<number>(0, 10).push('a', 1)).toBe('full');
  expect(new FairQueue<number>(10, 0).push('a', 1)).toBe('full');
});

test('loses nothing and invents nothing, and no caller waits for more than one turn of each other', () => {
  const action = fc.record({
    kind: fc.constantFrom('push', 'push', 'shift', 'remove'),
    caller: fc.constantFrom('a', 'b', 'c', 'd'),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
      const queue = new FairQueue<{ caller: string; passed: Set<string> }>(4, 8);
      const waiting = new Set<{ caller: string; passed: Set<string> }>();
      for (const { kind, caller } of actions) {
        if (kind === 'push') {
          const item = { caller, passed: new Set<string>() };
          const pushed = queue.push(caller, item);
          if (pushed !== 'full') waiting.add(item);
          if (typeof pushed === 'object') expect(waiting.delete(pushed.displaced)).toBe(true);
        } else if (kind === 'shift') {
          const item = queue.shift();
          expect(item === undefined).toBe(waiting.size === 0);
          if (item === undefined) continue;
          expect(waiting.delete(item)).toBe(true);
          for (const line of ['a', 'b', 'c', 'd']) {
            const first = [...waiting].find((other) => other.caller === line);
            if (first === undefined || line === item.caller) continue;
            // Whoever heads a line is passed over by each other caller once at most.
            expect(first.passed.has(item.caller)).toBe(false);
            first.passed.add(item.caller);
          }
        } else {
          const item = [...waiting].find((other) => other.caller === caller);
          if (item === undefined) continue;
          queue.remove(caller, item);
          waiting.delete(item);
        }
        expect(queue.size).toBe(waiting.size);
        expect(queue.size).toBeLessThanOrEqual(8);
      }
    }),
  );
});
