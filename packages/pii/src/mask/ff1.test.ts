import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFf1 } from './ff1.ts';

const key = Buffer.from('2B7E151628AED2A6ABF7158809CF4F3C', 'hex');
const digits = (text: string): number[] => Array.from(text, (char) => Number.parseInt(char, 36));

describe('FF1', () => {
  // Samples 1 to 3 that NIST gives with SP 800-38G.
  it.each([
    ['0123456789', '', 10, '2433477484'],
    ['0123456789', '39383736353433323130', 10, '6124200773'],
    ['0123456789abcdefghi', '3737373770717273373737', 36, 'a9tv40mll9kdu509eum'],
  ])('encrypts %s with tweak %s', (plain, tweak, radix, expected) => {
    const cipher = createFf1(key);
    const out = cipher.encrypt(digits(plain), radix, Buffer.from(tweak, 'hex'));
    expect(out.map((digit) => digit.toString(36)).join('')).toBe(expected);
    expect(cipher.decrypt(out, radix, Buffer.from(tweak, 'hex'))).toEqual(digits(plain));
  });

  it('comes back for any digits of at least six', () => {
    const cipher = createFf1(Buffer.alloc(32, 9));
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 }), { minLength: 6, maxLength: 40 }), (plain) => {
        expect(cipher.decrypt(cipher.encrypt(plain, 10, key), 10, key)).toEqual(plain);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('refuses domains that can be tried out, and wrong keys', () => {
    expect(() => createFf1(key).encrypt([1, 2, 3, 4, 5], 10, key)).toThrow(RangeError);
    expect(() => createFf1(Buffer.alloc(5))).toThrow(TypeError);
  });
});
