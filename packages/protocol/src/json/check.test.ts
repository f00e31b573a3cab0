import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkJson } from './check.ts';
import { readText } from './text.ts';

const limits = { maxDepth: 100 };
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('checkJson', () => {
  it('takes what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => {
        expect(checkJson(JSON.stringify(value), limits)).toBeUndefined();
      }),
    );
  });

  it.each([
    '{"a":1,"a":2}',
    '{"x":{"a":1,"b":2,"a":3}}',
    '[[{"a":{},"a":{}}]]',
    String.raw`{"id":1,"\u0069d":2}`,
    '{"":1,"":2}',
    '{"a":[{"b":1}],"c":{"b":1},"a":0}',
    `{${Array.from({ length: 40 }, (_, i) => `"k${i}":1`).join(',')},"k3":1}`,
    String.raw`{"__proto__":1,"__proto__":2}`,
  ])('refuses two members of one name: %s', (text) => expect(checkJson(text, limits)?.reason).toBe('duplicate-key'));

  it('refuses a repeated name at any depth of any object', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.string(), (depth, key) => {
        const quoted = JSON.stringify(key);
        const text = '{"o":['.repeat(depth) + `{${quoted}:1,"x${key.length}y":2,${quoted}:3}` + ']}'.repeat(depth);
        expect(checkJson(text, { maxDepth: 200 })?.reason).toBe('duplicate-key');
      }),
    );
  });

  it('takes one name in two objects, and names that strings and arrays only show', () => {
    for (const text of ['[{"a":1},{"a":1}]', '{"a":{"a":{"a":1}}}', '{"a":"\\"a\\":","b":["a","a"]}'])
      expect(checkJson(text, limits)).toBeUndefined();
  });

  it('bounds nesting exactly', () => {
    expect(checkJson(nested(100), limits)).toBeUndefined();
    expect(checkJson(nested(101), limits)?.reason).toBe('too-deep');
    expect(checkJson('{"a":'.repeat(1_000_000), limits)?.reason).toBe('too-deep');
  });

  it.each([String.raw`"\ud800"`, String.raw`{"\udc00":1}`, String.raw`["\ud83d\u0041"]`, String.raw`"\uDE00\uD83D"`])(
    'refuses half a pair: %s',
    (text) => expect(checkJson(text, limits)?.reason).toBe('lone-surrogate'),
  );

  it('takes whole pairs and backslashes before a u', () => {
    for (const text of [String.raw`"\ud83d\ude00"`, String.raw`"\\ud800"`, '"\u{1f600}"'])
      expect(checkJson(text, limits)).toBeUndefined();
  });
});

describe('readText', () => {
  const bytes = (text: string, encoding: BufferEncoding): Buffer => Buffer.from(text, encoding);
  const swapped = (text: string): Buffer => bytes(text, 'utf16le').swap16();

  it.each<[string, Buffer]>([
    ['UTF-8 with a mark', bytes('\ufeff{}', 'utf8')],
    ['UTF-16LE', bytes('{}', 'utf16le')],
    ['UTF-16LE with a mark', bytes('\ufeff{}', 'utf16le')],
    ['UTF-16BE', swapped('{}')],
    ['UTF-16BE with a mark', swapped('\ufeff{}')],
    ['UTF-32BE', Buffer.from([0, 0, 0, 0x7b])],
    ['UTF-32LE with a mark', Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0])],
    ['an overlong form', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['a cut sequence', Buffer.from([0x22, 0xe2, 0x82])],
    ['Latin-1', Buffer.from([0x22, 0xe9, 0x22])],
    ['beyond Unicode', Buffer.from([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22])],
  ])('refuses %s', (_, body) =>
    expect(readText(body)).toMatchObject({ kind: 'fault', reason: 'encoding', status: 400, code: -32700 }),
  );

  it('gives well-formed text back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(readText(Buffer.from(JSON.stringify(value)))).toBe(JSON.stringify(value).toWellFormed());
      }),
    );
  });
});
