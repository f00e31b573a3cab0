import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineSplitter } from './line-splitter.ts';

function split(pieces: readonly Buffer[], maxLineBytes = 1000): string[] {
  const lines: string[] = [];
  const splitter = createLineSplitter({ onLine: (line) => lines.push(line.toString()), maxLineBytes });
  for (const piece of pieces) expect(splitter.push(piece)).toBe(true);
  return lines;
}

test('any cutting of the bytes gives the lines of the whole text', () => {
  const text = fc
    .array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('\n', '\r\n', '{"a":1}\n', '\n\n')))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.array(fc.nat(300), { maxLength: 6 }), (whole, places) => {
      const bytes = Buffer.from(whole);
      const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
      const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
      const expected = whole
        .split('\n')
        .slice(0, -1)
        .map((line) => line.replace(/\r$/, ''));
      expect(split(pieces)).toEqual(expected.filter((line) => line !== ''));
    }),
  );
});

test('a line within one piece is not copied', () => {
  const chunk = Buffer.from('{"a":1}\n');
  let line: Buffer | undefined;
  createLineSplitter({ onLine: (bytes) => (line = bytes) }).push(chunk);
  expect(line?.buffer).toBe(chunk.buffer);
});

test.each([
  ['that never ends', 'x'.repeat(20)],
  ['that ends', 'x'.repeat(20) + '\n'],
])('SDK-12: a long line %s ends the splitter and holds no memory', (_name, text) => {
  for (const step of [1, 6, 100]) {
    const lines: string[] = [];
    const splitter = createLineSplitter({ onLine: (line) => lines.push(line.toString()), maxLineBytes: 10 });
    let ok = true;
    for (let at = 0; at < text.length; at += step) ok = splitter.push(Buffer.from(text.slice(at, at + step)));
    expect(ok).toBe(false);
    expect(splitter.pendingBytes).toBe(0);
    expect(splitter.push(Buffer.from('\n{}\n'))).toBe(false);
    expect(lines).toEqual([]);
  }
});

test('a line of just the allowed length passes', () => {
  expect(split([Buffer.from('x'.repeat(10) + '\n')], 10)).toEqual(['x'.repeat(10)]);
  expect(split([Buffer.from('x'.repeat(10)), Buffer.from('\n')], 10)).toEqual(['x'.repeat(10)]);
});
