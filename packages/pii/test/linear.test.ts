import { describe, expect, it } from 'vitest';
import { allRules } from '../src/default-rules.ts';
import { createEngine } from '../src/engine.ts';
import { createMasker } from '../src/masker.ts';

const engine = createEngine({ rules: allRules });
const masker = createMasker({ engine });

/** Inputs on which expressions that backtrack, or scans that look back too far, take time that grows faster than the text. */
const probes: readonly string[] = [
  '@',
  'a.@',
  'a@',
  'a.a@b.',
  '1 ',
  '1-',
  '1.',
  '1(',
  '12 ',
  '1234 ',
  '1234-',
  '+1 ',
  'DE44 1234 ',
  'password ',
  'password: ',
  'secret:\n',
  'key=key=',
  'key="',
  'token token ',
  'ab:',
  '0:',
  '::',
  '://a:',
  '://',
  'http://a:b',
  'eyJ',
  'eyJhbGciOi.',
  'sk-',
  'ghp_',
  '-----BEGIN PRIVATE KEY-----',
  '-----BEGIN PRIVATE KEY-----\n',
  '-----END',
  '"',
  "'",
  '/',
  '_',
  '+',
  '(((',
  '%40',
  '%25',
  '&#64;',
  '\\u0040',
  '\\',
  '漢字',
  'é',
  '🙂',
  '\u200b',
  'bearer ',
  'cookie: a=b; ',
  ' -u a:',
  '$2a$',
  'AKIA',
  'a at b dot ',
  'mr. A ',
  'born ',
  'Q2FyZCA0',
  '4a',
  'ssn ',
  'x'.repeat(63),
  '{"a":',
  '[',
  '"a",',
  'passw',
  ';password=',
  'l1O0 ',
];

const timeOf = (run: () => unknown): number => {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

describe('time', () => {
  it.each(probes)('grows no faster than the text for repeated %j', (probe) => {
    const small = probe.repeat(Math.ceil(20_000 / probe.length));
    const large = probe.repeat(Math.ceil(160_000 / probe.length));
    const first = Math.min(
      timeOf(() => masker.mask(small)),
      timeOf(() => masker.mask(small)),
    );
    const second = Math.min(
      timeOf(() => masker.mask(large)),
      timeOf(() => masker.mask(large)),
    );
    // Eight times the text; the square would be 64 times. Below 20 ms the clock says nothing.
    expect(second).toBeLessThan(Math.max(20, first * 8) * 3);
  });

  it('stays linear on ten megabytes of each kind of anchor at once', () => {
    const text = probes.join(' ').repeat(Math.ceil(10_000_000 / probes.join(' ').length));
    const tenth = text.slice(0, 1_000_000);
    const one = timeOf(() => engine.find(tenth));
    expect(timeOf(() => engine.find(text))).toBeLessThan(Math.max(200, one * 10) * 2.5);
  });

  it('is linear in JSON that is deep, wide or broken', () => {
    for (const unit of ['[', '{"a":', '["a",', '"', '1,', '{"k":"\\\\"},', 'null']) {
      const small = unit.repeat(20_000);
      const large = unit.repeat(160_000);
      const first = timeOf(() => masker.maskJson(small));
      expect(
        timeOf(() => masker.maskJson(large)),
        unit,
      ).toBeLessThan(Math.max(30, first * 8) * 3);
    }
  });

  it('holds a bounded part of a long stream', () => {
    const stream = masker.textStream();
    let held = 0;
    const lines = [
      'a line of text without anything. ',
      `${'x1'.repeat(3000)} `,
      'mail jane@acme.com now 4111 1111 1111 1111 ',
      `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7BKcwggSjAgEA\n'.repeat(2000)}`,
      'end (done) ',
      '漢字 🙂 ',
    ];
    for (let round = 0; round < 40; round += 1) {
      for (const line of lines) {
        for (let at = 0; at < line.length; at += 1024) {
          stream.push(line.slice(at, at + 1024));
          held = Math.max(held, stream.held);
        }
      }
    }
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(16_384);
  });
});
