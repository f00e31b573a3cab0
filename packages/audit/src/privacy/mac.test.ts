import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { macWith } from './mac.ts';

const reference = (key: Uint8Array, content: string | Uint8Array): string =>
  createHmac('sha256', key).update(content).digest('hex');

test('the hash is HMAC-SHA-256, for keys and contents of every length, text and bytes', () => {
  const content = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.uint8Array({ maxLength: 300 }));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 150 }), content, (key, text) => {
      expect(macWith(key)(text)).toBe(reference(key, text));
    }),
  );
});

test('nothing of one content is left in the hash of the next, on both sides of the limit', () => {
  const key = Buffer.alloc(32, 7);
  const mac = macWith(key);
  for (const length of [0, 1, 16_383, 16_384, 16_385, 5461, 5462, 100_000, 3])
    for (const text of ['x'.repeat(length), Buffer.alloc(length, 'y'), 'ü'.repeat(length)])
      expect(mac(text)).toBe(reference(key, text));
});
