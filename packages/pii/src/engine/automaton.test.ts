import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileLiterals } from './automaton.ts';

function search(literals: readonly string[], text: string): string[] {
  const { columns, next, hot, literal, outputs, width } = compileLiterals(literals);
  const found: string[] = [];
  let state = 0;
  for (let at = 0; at < text.length; at += 1) {
    state = next[state + columns[text.charCodeAt(at)]!]!;
    expect(state >= hot).toBe(/\d/u.test(text[at]!) || state >= literal);
    if (state >= literal) for (const which of outputs[(state - literal) / width]!) found.push(`${at}:${which}`);
  }
  return found.sort();
}

describe('compileLiterals', () => {
  it('finds what a search for each literal finds', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '1', '_'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.uniqueArray(piece, { minLength: 1, maxLength: 8, selector: (one) => one.toLowerCase() }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'A', '1', '_', ' '), maxLength: 60 }),
        (literals, text) => {
          const expected: string[] = [];
          for (const [which, one] of literals.entries()) {
            for (let at = 0; at + one.length <= text.length; at += 1) {
              if (text.slice(at, at + one.length).toLowerCase() === one.toLowerCase())
                expected.push(`${at + one.length - 1}:${which}`);
            }
          }
          expect(search(literals, text)).toEqual(expected.sort());
        },
      ),
      { numRuns: 400, seed: 5 },
    );
  });

  it('refuses empty and foreign literals', () => {
    expect(() => compileLiterals([''])).toThrow(TypeError);
    expect(() => compileLiterals(['ü'])).toThrow(TypeError);
  });
});
