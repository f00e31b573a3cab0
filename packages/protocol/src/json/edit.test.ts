import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits, changeObject } from './edit.ts';
import { objectMembers } from './walk.ts';

const key = fc.constantFrom('a', 'b', 'c', 'd', '_meta', '__proto__', 'constructor');
/** Values whose text JSON.parse and JSON.stringify would not give back. */
const odd = fc.constantFrom(
  '9007199254740993',
  '-0',
  '1.0',
  '1E+2',
  String.raw`"\u0061\/"`,
  '{ "z":1,  "a":[ ] }',
  '[1,  2]',
  'null',
);

const objectText = fc
  .uniqueArray(fc.tuple(key, odd), { selector: ([name]) => name, maxLength: 7 })
  .map((entries) => `{${entries.map(([name, value]) => `${JSON.stringify(name)} : ${value}`).join(' , ')}}`);

describe('changeObject', () => {
  it('keeps the bytes and the order of every member that does not change', () => {
    fc.assert(
      fc.property(
        objectText,
        fc.dictionary(
          key.filter((name) => name !== '__proto__'),
          fc.option(odd, { nil: undefined }),
          { noNullPrototype: true },
        ),
        (text, changes) => {
          const before = objectMembers(text, 0)!.filter((member) => !Object.hasOwn(changes, member.key));
          const out = changeObject(text, 0, changes);
          JSON.parse(out);
          const after = objectMembers(out, 0)!;
          const kept = after.filter((member) => !Object.hasOwn(changes, member.key));
          expect(kept.map((one) => out.slice(one.keyStart, one.end))).toEqual(
            before.map((one) => text.slice(one.keyStart, one.end)),
          );
          for (const [name, value] of Object.entries(changes)) {
            const found = after.filter((member) => member.key === name);
            expect(found.map((one) => out.slice(one.start, one.end))).toEqual(value === undefined ? [] : [value]);
          }
        },
      ),
    );
  });

  it('makes an object of the changes alone where none stands', () => {
    expect(changeObject('x', 1, { a: '1', b: undefined })).toBe('{"a":1}');
  });
});

describe('applyEdits', () => {
  it('gives the very text back without edits, and takes edits in any order', () => {
    expect(applyEdits('abc', [])).toBe('abc');
    const edits = [
      { start: 2, end: 3, text: 'Z' },
      { start: 0, end: 1, text: '' },
    ];
    expect(applyEdits('abc', edits)).toBe('bZ');
    expect(edits[0]!.start).toBe(2);
  });
});
