import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from './fold.ts';

const back = (text: string): string => {
  const folded = fold(text);
  return Array.from({ length: folded.text.length }, (_, at) => text[folded.map?.at(at) ?? at]).join('');
};

describe('fold', () => {
  it.each([
    ['ｊａｎｅ＠ａｃｍｅ．ｃｏｍ', 'jane@acme.com'],
    ['4111\u200b1111', '41111111'],
    ['𝟒𝟏', '41'],
    ['٤١', '41'],
    ['a–b\u2009c', 'a-b c'],
    ['jane%40x', 'jane@x'],
    ['jane%2540x', 'jane@x'],
    ['jane&#64;x &#x40; &commat; &amp;', 'jane@x @ @ &'],
    [String.raw`a\u0040b`, 'a@b'],
    ['аcme', 'acme'],
  ])('%s becomes %s', (text, expected) => {
    expect(fold(text).text).toBe(expected);
  });

  it('leaves what it does not know: fractions, ligatures, kana, control escapes', () => {
    for (const text of ['½', 'ﷺ', 'カード番号ー', '%0a', '&#10;', 'grüße', '100% sure'])
      expect(fold(text).text).toBe(text);
  });

  it('keeps positions: every folded character leads to its own', () => {
    expect(back('x＠y')).toBe('x＠y');
    const folded = fold('a\u200b\u200bb%40c');
    expect([0, 1, 2, 3].map((at) => folded.map!.at(at))).toEqual([0, 3, 4, 7]);
  });

  it('folds each piece as it folds the whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        fc.pre(!/[%&\\]/u.test(a));
        expect(fold(a).text + fold(b).text).toBe(fold(a + b).text);
      }),
      { numRuns: 500, seed: 3 },
    );
  });
});
