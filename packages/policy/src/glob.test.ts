import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyOf, covers, globMatcher } from './glob.ts';

/** The plain recursive definition. */
function defined(pattern: string, text: string, separator?: '/'): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] !== '*') return text[0] === pattern[0] && defined(pattern.slice(1), text.slice(1), separator);
  const stars = /^\*+/.exec(pattern)![0].length;
  const rest = pattern.slice(stars);
  for (let i = 0; i <= text.length; i++) {
    if (defined(rest, text.slice(i), separator)) return true;
    if (separator !== undefined && stars === 1 && text[i] === separator) return false;
  }
  return false;
}

const letters = fc.constantFrom('a', 'b', '/', '.');
const pattern = fc
  .array(fc.oneof(letters, fc.constantFrom('*', '**')), { maxLength: 7 })
  .map((parts) => parts.join(''));
const text = fc.array(letters, { maxLength: 9 }).map((parts) => parts.join(''));

test.each([undefined, '/' as const])('matches as defined, with %j as separator', (separator) => {
  fc.assert(
    fc.property(pattern, text, (one, other) => {
      expect(globMatcher(one, separator)(other)).toBe(defined(one, other, separator));
    }),
    { numRuns: 3000 },
  );
});

test('what a pattern covers it matches', () => {
  fc.assert(
    fc.property(pattern, pattern, text, (wide, narrow, one) => {
      if (covers(wide, narrow) && globMatcher(narrow)(one)) expect(globMatcher(wide)(one)).toBe(true);
      if (covers(wide, narrow, '/') && globMatcher(narrow, '/')(one)) expect(globMatcher(wide, '/')(one)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('any of several is each of them', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 4 }), text, (patterns, one) => {
      expect(anyOf(patterns)(one)).toBe(patterns.some((each) => globMatcher(each)(one)));
    }),
  );
});

test('takes no longer for a pattern that was made to be slow', () => {
  const matches = globMatcher(`${'a*'.repeat(30)}b`);
  const start = performance.now();
  expect(matches('a'.repeat(20_000))).toBe(false);
  // A backtracking matcher would not come back in this century.
  expect(performance.now() - start).toBeLessThan(10_000);
});

test('characters that mean something elsewhere mean themselves', () => {
  expect(globMatcher('a.c?[d]+(e)$^|\\')('a.c?[d]+(e)$^|\\')).toBe(true);
  expect(globMatcher('a.*')('abc')).toBe(false);
});
