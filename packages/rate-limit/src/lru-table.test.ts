import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LruTable } from './lru-table.ts';

test('behaves like a list in the order of use', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 14 }), fc.integer({ min: 0, max: 100 })), { maxLength: 120 }),
      (room, actions) => {
        const table = new LruTable(
          room,
          () => false,
          () => {},
        );
        // A Map that is deleted from and set again is the plain way of doing the same.
        const model = new Map<string, number>();
        for (const [number, value] of actions) {
          const key = `é${number}漢`;
          const slot = table.find(key);
          expect(slot >= 0 ? table.valueAt(slot) : undefined).toBe(model.get(key));
          if (slot >= 0) table.setAt(slot, value);
          else table.insert(key, value);
          model.delete(key);
          model.set(key, value);
          if (model.size > room) model.delete(model.keys().next().value!);
          expect(table.size).toBe(model.size);
        }
      },
    ),
  );
});

test('grows to its bound and then stays', () => {
  const table = new LruTable(
    5000,
    () => true,
    () => expect.unreachable('nothing in use was evicted'),
  );
  for (let i = 0; i < 12_000; i++) if (table.find(`k${i}`) < 0) table.insert(`k${i}`, i);
  expect(table.size).toBe(5000);
  expect(table.find('k6999')).toBe(-1);
  for (let i = 7000; i < 12_000; i++) expect(table.valueAt(table.find(`k${i}`))).toBe(i);
});
