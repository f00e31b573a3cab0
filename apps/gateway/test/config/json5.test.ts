import * as fc from 'fast-check';
import JSON5 from 'json5';
import { describe, expect, test } from 'vitest';
import { Json5SyntaxError, pathKey, readJson5 } from '../../src/config/formats/json5-reader.ts';

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

describe('reading JSON5', () => {
  test('agrees with JSON.parse on every JSON text', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        expect(plain(readJson5(text).value)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('agrees with the JSON5 library on what that writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom('"', "'"), (value, quote) => {
        const text = JSON5.stringify(value, { space: 2, quote });
        expect(plain(readJson5(text).value)).toEqual(plain(JSON5.parse(text)));
      }),
    );
  });

  test('either reads any text like the library, or both refuse it', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      "'b'",
      'c',
      '1',
      '-.5',
      '+0x1F',
      'Infinity',
      '// x\n',
      '/* y */',
      'null',
      'true',
      '"\\x41\\u0042\\\n"',
      '1e3',
      '01',
      '"',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const read = attempt(() => readJson5(text).value);
        const expected = attempt(() => JSON5.parse<unknown>(text));
        expect(read.ok).toBe(expected.ok);
        if (read.ok && expected.ok) expect(JSON.stringify(read.value)).toBe(JSON.stringify(expected.value));
      }),
      { numRuns: 2000 },
    );
  });

  test('tells where a key stands, and where it stands again', () => {
    const { offsets, duplicates } = readJson5('{"a": {"b": 1,\n "b": 2}, "c": [1, {"d": 1}]}');
    expect(duplicates).toEqual([{ path: ['a', 'b'], offset: 16, first: 7 }]);
    expect(offsets.get(pathKey(['c', '1', 'd']))).toBe(35);
  });

  test('takes __proto__ as a name like any other', () => {
    const { value } = readJson5('{"__proto__": {"polluted": true}, "constructor": 1}');
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test.each([
    ['', 0, 'empty'],
    ['{', 0, 'never closed'],
    ['{"a": [1, 2', 6, 'never closed'],
    ['{"a" 1}', 5, '":" is expected'],
    ['{"a": 1 "b": 2}', 8, '"," or "}" is expected'],
    ['{"a": yes}', 6, 'between quotes'],
    ['{"a": "x\ny"}', 6, 'never closed by a quote'],
    ['{"a": 1} 2', 9, 'after the end'],
    ['/* x', 0, 'comment is never closed'],
    ['{"a": 012}', 7, 'in a number'],
    ['['.repeat(500), 201, 'deeper'],
  ])('points at the mistake in %j', (text, offset, message) => {
    let thrown: unknown;
    try {
      readJson5(text);
    } catch (caught) {
      thrown = caught;
    }
    expect(thrown).toBeInstanceOf(Json5SyntaxError);
    expect(thrown).toMatchObject({ offset, message: expect.stringContaining(message) });
  });
});

function attempt<Value>(run: () => Value): { ok: true; value: Value } | { ok: false } {
  try {
    return { ok: true, value: run() };
  } catch {
    return { ok: false };
  }
}
