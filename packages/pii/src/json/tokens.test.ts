import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonReader } from './tokens.ts';

const silent = { text() {}, number() {}, enter() {}, leave() {}, element() {} };
const accepts = (text: string): boolean => {
  const reader = new JsonReader();
  return reader.read(text, 0, true, silent) === text.length && !reader.failed && reader.between;
};

describe('JsonReader', () => {
  it('accepts all that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat({ max: 2 }), (value, indent) => {
        expect(accepts(JSON.stringify(value, null, indent))).toBe(true);
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  it.each([
    '{',
    '[1,',
    '{"a"}',
    '{"a":}',
    '[1 2]',
    '{"a":1,}',
    '[,1]',
    'nope',
    '{1:2}',
    '["a" "b"]',
    '}',
    '[}',
    '{"a":1]',
    '"open',
  ])('does not take %s for JSON', (text) => {
    expect(accepts(text)).toBe(false);
  });

  it('tells keys from values and delimits both', () => {
    const seen: string[] = [];
    const text = '{"k\\"":["v",12,{"x":true}]}';
    new JsonReader().read(text, 0, true, {
      ...silent,
      text: (start, end, escaped, isKey) =>
        void seen.push(`${isKey ? 'key' : 'value'} ${text.slice(start, end)} ${escaped}`),
      number: (start, end) => void seen.push(text.slice(start, end)),
    });
    expect(seen).toEqual(['key k\\" true', 'value v false', '12', 'key x false']);
  });
});
