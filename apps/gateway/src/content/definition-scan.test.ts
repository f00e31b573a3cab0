import { describe, expect, test } from 'vitest';
import { createDefinitionScan } from './definition-scan.ts';
import { describeHidden } from './hidden-characters.ts';

const tool = (definition: object) => ({
  server: 'it',
  kind: 'tool' as const,
  name: 'search',
  publicName: 'it__search',
  definition: Buffer.from(JSON.stringify(definition)).toString('latin1'),
});

describe('hidden characters', () => {
  test.each([
    ['tags', 'Search\u{E0041}\u{E0042}'],
    ['zero width', 'Sea\u200Brch'],
    ['direction overrides', 'Search \u202Etxt.exe'],
    ['isolates', 'a\u2066b\u2069'],
    ['escape sequences of a terminal', 'Search \u001B[8mhidden\u001B[0m'],
    ['C1 controls', 'a\u009Bb'],
    ['soft hyphens', 'pass\u00ADword'],
    ['fillers', 'a\u3164b'],
    ['variation selectors that carry bytes', 'a\u{E0100}\u{E0101}'],
    ['a byte order mark', '\uFEFFSearch'],
    ['a joiner between Latin letters', 'a\u200Db'],
  ])('%s are found', (_what, text) => {
    expect(describeHidden(text)).toMatch(/^\d+ invisible characters? \(U\+[0-9A-F]{4,6}/);
  });

  test.each([
    'Plain text, with\ttabs\nand lines\r\n.',
    'Grüße, 検索, поиск, بحث, חיפוש',
    'A family 👨‍👩‍👧 and a heart ❤️',
    'नमस्ते क्‍ष, می‌خواهم',
  ])('ordinary writing has none: %j', (text) => {
    expect(describeHidden(text)).toBeUndefined();
  });

  test('are counted by kind', () => {
    expect(describeHidden('a\u200Bb\u200Bc\u{E0041}')).toBe('3 invisible characters (U+200B 2 times, U+E0041)');
  });
});

describe('the definitions of a server', () => {
  test('are looked through in every text and every name, and each finding says where', () => {
    const scan = createDefinitionScan();
    expect(
      scan([
        tool({ name: 'search', description: 'ok' }),
        tool({ description: 'Sea\u200Brch' }),
        tool({ inputSchema: { properties: { q: { description: 'x\u202E' } } } }),
        tool({ inputSchema: { properties: { 'q\u200B': {} } } }),
      ]).map(({ finding }) => finding),
    ).toEqual([
      '1 invisible character (U+200B) in description',
      '1 invisible character (U+202E) in inputSchema.properties.q.description',
      '1 invisible character (U+200B) in a name in inputSchema.properties',
    ]);
  });
});
