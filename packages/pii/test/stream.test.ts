import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRules } from '../src/default-rules.ts';
import { createMasker } from '../src/masker.ts';
import { maskBytes, maskTransform } from '../src/streams.ts';

const masker = createMasker({ rules: allRules, maxStringLength: 2048 });
const folder = resolve(import.meta.dirname, 'fixtures/streams');
const fixtures = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);

const inPieces = (pieces: readonly string[], json: boolean): string => {
  const stream = json ? masker.jsonStream() : masker.textStream();
  return pieces.map((piece) => stream.push(piece)).join('') + stream.end();
};

describe('streams', () => {
  it.each(fixtures)('%s: every cut gives the masked whole', (name, text) => {
    const json = name.endsWith('.json');
    const whole = json ? masker.maskJson(text).text : masker.mask(text).text;
    expect(whole).not.toBe(text);
    const step = Math.max(1, Math.floor(text.length / 600));
    for (let cut = 0; cut <= text.length; cut += step) {
      const got = inPieces([text.slice(0, cut), text.slice(cut)], json);
      if (got !== whole) expect({ cut, got }).toEqual({ cut, got: whole });
    }
  });

  it.each(fixtures)('%s: one code unit at a time gives the masked whole', (name, text) => {
    const json = name.endsWith('.json');
    expect(
      inPieces(
        [...Array(text.length).keys()].map((at) => text[at]!),
        json,
      ),
    ).toBe(json ? masker.maskJson(text).text : masker.mask(text).text);
  });

  it('gives the masked whole for any text and any partition', () => {
    const word = fc.constantFrom(
      'jane.doe@acme.com',
      '4111 1111 1111 1111',
      '536-90-4399',
      'password: hunter22!',
      'ghp_016C7e42F292c69C2E7C10c838347Ae178B4',
      'tel +1 (415) 555-2671',
      'jane%40acme.com',
      'GB82 WEST 1234 5698 7654 32',
      '10.20.30.40',
      'postgres://u:p4ssw0rd@h/db',
      'ｊａｎｅ＠ａｃｍｅ．ｃｏｍ',
      '🙂',
      '電話 03-1234-5678',
      'x'.repeat(700),
      'eyJhbGciOiJIUzI1NiJ9.',
      'y1'.repeat(800),
      '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n',
      '-----END PRIVATE KEY-----',
      'ssn,phone\n',
      ' ',
      '\n',
      ',',
      '"',
      '\\',
      'jane\\u0040acme.com',
      '&#64;',
      '%',
      'a@b',
      'key=',
      'Bearer ',
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 40 }),
        fc.array(fc.nat({ max: 4000 }), { maxLength: 12 }),
        (words, cuts) => {
          const text = words.join(' ');
          const places = [...new Set(cuts.map((cut) => Math.min(cut, text.length)))].sort((a, b) => a - b);
          const pieces = [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length));
          expect(inPieces(pieces, false)).toBe(masker.mask(text).text);
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });

  it('gives the masked whole for any JSON and any partition', () => {
    const leaf = fc.oneof(
      fc.constantFrom(
        'jane@acme.com',
        'a "quoted" 4111111111111111',
        'line\nbreak 536-90-4399',
        'ü\u{1f642} jane@acme.com',
        '{"email":"jane@acme.com"}',
        `${'word '.repeat(600)}jane@acme.com\t"x"`,
        'plain',
      ),
      fc.constantFrom(4_111_111_111_111_111, 12, true, null, -1.5e10),
    );
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom('email', 'password', 'note', 'jane@acme.com', 'card'), tie('node'), {
          maxKeys: 4,
        }),
      ),
    })).node;
    fc.assert(
      fc.property(
        tree,
        fc.nat({ max: 2 }),
        fc.array(fc.nat({ max: 6000 }), { maxLength: 8 }),
        (value, indent, cuts) => {
          const text = JSON.stringify(value, null, indent);
          const places = [...new Set(cuts.map((cut) => Math.min(cut, text.length)))].sort((a, b) => a - b);
          const pieces = [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length));
          const whole = masker.maskJson(text).text;
          expect(() => JSON.parse(whole) as unknown).not.toThrow();
          expect(inPieces(pieces, true)).toBe(whole);
        },
      ),
      { numRuns: 300, seed: 11 },
    );
  });

  it('gives out the first bytes before the last ones are in', () => {
    const stream = masker.textStream();
    expect(stream.push('a quiet line of text, nothing to see here. '.repeat(40)).length).toBeGreaterThan(1000);
  });

  it('masks bytes whose characters are cut apart', async () => {
    const text = 'grüße an jane@acme.com 🙂 und 電話 +81 90 1234 5158 ende';
    const bytes = new TextEncoder().encode(text);
    const expected = masker.mask(text).text;
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const source = ReadableStream.from([bytes.slice(0, cut), bytes.slice(cut)]);
      expect(await new Response(source.pipeThrough(maskBytes(masker))).text()).toBe(expected);
    }
    const through = maskTransform(masker);
    for (const byte of bytes) through.write(Uint8Array.of(byte));
    through.end();
    expect(Buffer.concat(await through.toArray()).toString()).toBe(expected);
  });

  it('ends a blocked stream with an error', async () => {
    const strict = createMasker({ rules: allRules, policy: { rules: [{ labels: ['SECRET'], action: 'block' }] } });
    const source = ReadableStream.from([
      new TextEncoder().encode('token ghp_016C7e42F292c69C2E7C10c838347Ae178B4 end'),
    ]);
    await expect(new Response(source.pipeThrough(maskBytes(strict))).text()).rejects.toMatchObject({
      code: 'ERR_PII_BLOCKED',
    });
  });
});
