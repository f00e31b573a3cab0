import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRateLimitError } from './errors.ts';
import { keyMaker, type Dimension, type Subject } from './subject.ts';

const by: Dimension[] = ['tenant', 'principal', 'tool'];
const text = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('!', '!!', '#', '1:', '1:a', '', 'a:b'));
const part = fc.option(text, { nil: undefined });
const subject = fc.record({ tenant: part, principal: part, tool: part });

test.each([[by], [by.slice(1)], [by.slice(2)]])('different subjects have different buckets: %j', (dimensions) => {
  const keyOf = keyMaker(dimensions, 'share');
  fc.assert(
    fc.property(subject, subject, (one, other) => {
      const same = dimensions.every((name) => (one as Subject)[name] === (other as Subject)[name]);
      expect(keyOf(one) === keyOf(other)).toBe(same);
    }),
    { numRuns: 2000 },
  );
});

test.each<[Subject, Subject]>([
  [
    { tenant: 'a', principal: 'b:c', tool: '' },
    { tenant: 'a', principal: 'b', tool: 'c:' },
  ],
  [
    { tenant: '', principal: '', tool: ':' },
    { tenant: '', principal: ':', tool: '' },
  ],
  [
    { tenant: '1:a', principal: 'b', tool: 'c' },
    { tenant: '1', principal: 'a1:b', tool: 'c' },
  ],
])('parts cannot be shifted into one another: %j and %j', (one, other) => {
  const keyOf = keyMaker(by, 'skip');
  expect(keyOf(one)).not.toBe(keyOf(other));
});

test('a name of any length makes a key of bounded length, still its own', () => {
  const keyOf = keyMaker(['tool'], 'skip');
  const keys = ['x'.repeat(1e6), `${'x'.repeat(1e6)}y`, 'x'.repeat(96)].map((tool) => keyOf({ tool })!);
  expect(new Set(keys).size).toBe(3);
  for (const key of keys) expect(key.length).toBeLessThanOrEqual(96);
  // Nobody can name himself into the bucket of a long name.
  expect(keyOf({ tool: keys[0]! })).not.toBe(keys[0]);
});

test('a subject without the dimension has no bucket, or one with all its like', () => {
  expect(keyMaker(['principal'], 'skip')({ address: '192.0.2.1' })).toBeUndefined();
  expect(keyMaker(['principal', 'tool'], 'skip')({ principal: 'p' })).toBeUndefined();
  const shared = keyMaker(['principal'], 'share');
  expect(shared({})).toBe(shared({ tool: 't' }));
  expect(shared({})).not.toBe(shared({ principal: '!' }));
});

test('addresses of one IPv6 network share a bucket', () => {
  const keyOf = keyMaker(['address'], 'skip');
  expect(keyOf({ address: '2001:db8::1' })).toBe(keyOf({ address: '2001:db8::2' }));
});

test('what is no string is a failure, not a bucket', () => {
  const wrong = { principal: 7 } as unknown as Subject;
  const failing = (): unknown => keyMaker(['principal'], 'skip')(wrong);
  expect(failing).toThrow(expect.objectContaining({ code: 'ERR_RATE_LIMIT_SUBJECT' }));
  try {
    failing();
  } catch (error) {
    expect(isRateLimitError(error)).toBe(true);
  }
});
