import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTail } from './tail.ts';

test('the end of what was pushed, in whatever pieces', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 30, unit: 'binary-ascii' }), { maxLength: 200 }),
      fc.nat(50),
      (pieces, maxBytes) => {
        const tail = createTail(maxBytes);
        for (const piece of pieces) tail.push(Buffer.from(piece));
        const all = pieces.join('');
        expect(tail.text()).toBe(all.slice(Math.max(0, all.length - maxBytes)));
      },
    ),
  );
});

test('it does not begin in the middle of a character', () => {
  const tail = createTail(5);
  tail.push(Buffer.from('日本'));
  expect(tail.text()).toBe('本');
});

test('a size that is no size is misuse', () => {
  expect(() => createTail(-1)).toThrow(TypeError);
  expect(() => createTail(1.5)).toThrow(TypeError);
});
