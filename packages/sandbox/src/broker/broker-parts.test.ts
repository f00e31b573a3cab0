import { X509Certificate } from 'node:crypto';
import { Readable } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAuthority } from './authority.ts';
import {
  type BrokeredValue,
  createScrubber,
  createStreamScanner,
  fillHeader,
  findPlaceholder,
} from './placeholders.ts';

const value: BrokeredValue = {
  variable: 'T',
  placeholder: `skbox${'0123456789'.repeat(4)}`,
  value: 'real-secret-value',
  host: 'a.test',
  port: 443,
  header: 'authorization',
};

describe('the authority of a box', () => {
  it('is a CA, and valid for its time', () => {
    const ca = new X509Certificate(createAuthority(() => Date.UTC(2026, 10, 23)).certificate);
    expect(ca.ca).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(new Date(ca.validFrom).getTime()).toBe(Date.UTC(2026, 10, 22, 23));
  });
  it('makes one context for each host', () => {
    const authority = createAuthority(Date.now);
    expect(authority.contextFor('a.test')).toBe(authority.contextFor('a.test'));
    expect(authority.contextFor('b.test')).not.toBe(authority.contextFor('a.test'));
  });
});

describe('placeholders', () => {
  it('are found in other clothes', () => {
    const { placeholder } = value;
    for (const text of [
      placeholder,
      placeholder.toUpperCase(),
      `${placeholder.slice(0, 20)}.${placeholder.slice(20)}.evil.test`,
      ...['', 'a', 'ab'].map((before) => Buffer.from(`${before}${placeholder}tail`).toString('base64')),
    ])
      expect(findPlaceholder(`x${text}`, [value])).toBe(value);
    expect(findPlaceholder('nothing of the kind', [value])).toBeUndefined();
  });
  it('are found in a stream wherever it is cut, once', () => {
    fc.assert(
      fc.property(fc.nat(80), fc.nat(80), (first, second) => {
        const bytes = Buffer.from(`before ${value.placeholder} after`);
        let found = 0;
        const scan = createStreamScanner([value], () => found++);
        const [a, b] = [Math.min(first, second), Math.max(first, second)];
        for (const part of [bytes.subarray(0, a), bytes.subarray(a, b), bytes.subarray(b)]) scan(part);
        expect(found).toBe(1);
      }),
    );
  });
  it('fill a header, also in Basic credentials, and nothing else', () => {
    expect(fillHeader(`Bearer ${value.placeholder}`, value)).toBe('Bearer real-secret-value');
    expect(fillHeader(`Basic ${Buffer.from(`u:${value.placeholder}`).toString('base64')}`, value)).toBe(
      `Basic ${Buffer.from('u:real-secret-value').toString('base64')}`,
    );
    expect(fillHeader('Bearer other', value)).toBeUndefined();
  });
});

it('the scrubber takes the value out of a stream wherever it is cut, and changes nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('real-secret-value', 'real-', 'x', 'secret', 'real-secret-valu')),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      async (parts, sizes) => {
        const text = parts.join('');
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < text.length; i++)
          chunks.push(Buffer.from(text.slice(at, (at += sizes[i % sizes.length]!))));
        const out = await Readable.from(chunks)
          .pipe(createScrubber([value]))
          .toArray();
        expect(Buffer.concat(out as Buffer[]).toString()).toBe(text.replaceAll(value.value, value.placeholder));
      },
    ),
  );
});
