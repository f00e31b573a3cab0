import { describe, expect, it } from 'vitest';
import { luhn, mod11and10, mod97, verhoeff, weighted } from './checksum.ts';

const everyDigitMatters = (check: (text: string) => boolean, valid: string): void => {
  expect(check(valid)).toBe(true);
  for (let at = 0; at < valid.length; at += 1) {
    const changed = `${valid.slice(0, at)}${(Number(valid[at]) + 1) % 10}${valid.slice(at + 1)}`;
    expect(check(changed), changed).toBe(false);
  }
};

describe('check sums', () => {
  it('Luhn notices any single wrong digit', () => everyDigitMatters(luhn, '4111111111111111'));
  it('Verhoeff notices any single wrong digit', () => everyDigitMatters(verhoeff, '236'));
  it('mod 11,10 notices any single wrong digit', () => everyDigitMatters(mod11and10, '86095742719'));
  it('mod 97 reads letters as two digits', () => expect(mod97('WEST12345698765432GB82')).toBe(1));
  it('weights digits', () => expect(weighted('123', [1, 10, 100])).toBe(321));
});
