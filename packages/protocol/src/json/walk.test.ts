import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrayElements, findMember, objectMembers, readMembers, valueEnd } from './walk.ts';

const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 8 });
const layout = fc.constantFrom<string | number | undefined>(undefined, 1, '\t', '\r\n '.slice(2));

describe('walking valid JSON', () => {
  it('finds the members that JSON.parse finds, with the text of their values', () => {
    fc.assert(
      fc.property(object, layout, (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        const members = objectMembers(text, 0)!;
        expect(members.map(({ key }) => key)).toEqual(Object.keys(JSON.parse(text) as object));
        for (const { key, start, end } of members) {
          expect(JSON.parse(text.slice(start, end))).toEqual((JSON.parse(text) as Record<string, unknown>)[key]);
        }
      }),
    );
  });

  it('finds the elements of arrays, and where any value ends', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), layout, (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        expect(arrayElements(text, 0)!.map(({ start, end }) => JSON.parse(text.slice(start, end)) as unknown)).toEqual(
          JSON.parse(text),
        );
        expect(valueEnd(`${text}, "rest"`, 0)).toBe(text.length);
      }),
    );
  });

  it('reads escaped keys as what they stand for', () => {
    expect(findMember(String.raw`{"\u0069d":1,"x":2}`, 0, 'id')).toMatchObject({ key: 'id', keyStart: 1 });
    expect(findMember(String.raw`{"a\"b":1}`, 0, 'a"b')).toBeDefined();
  });
});

describe('walking other text', () => {
  it.each([
    '',
    '{',
    '{"',
    '{"a',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a" 1}',
    '{1:2}',
    '[',
    '5',
    String.raw`{"\x":1}`,
    String.raw`{"\u12":1}`,
  ])('finds no object in %j', (text) => expect(objectMembers(text, 0)).toBeUndefined());

  it('neither throws nor hangs, whatever the text', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      String.raw`\u`,
      ' ',
      '1',
      'a',
      'null',
      '"id"',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        for (const open of ['{', '[', '']) {
          objectMembers(open + text, 0);
          arrayElements(open + text, 0);
          expect(readMembers(open + text, 0, [])).toBeLessThanOrEqual(open.length + text.length);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
