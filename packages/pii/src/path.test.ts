import { describe, expect, it } from 'vitest';
import { compilePath, formatPath } from './path.ts';

describe('compilePath', () => {
  it.each([
    ['$.a.b', ['a', 'b'], true],
    ['$.a.b', ['a', 'b', 'c'], false],
    ['$.items[*].email', ['items', 3, 'email'], true],
    ['$.items[0].email', ['items', 3, 'email'], false],
    ['$..email', ['a', 1, 'email'], true],
    ['$..email', ['email'], true],
    ['$..email', ['a', 'emails'], false],
    ['$.a..z', ['a', 'b', 'c', 'z'], true],
    ["$['odd key'].x", ['odd key', 'x'], true],
    ['$.*', ['a'], true],
    ['$.content[*].data', ['content', 0, 'data'], true],
  ] as const)('%s on %j is %s', (pattern, path, expected) => {
    expect(compilePath(pattern)(path)).toBe(expected);
  });

  it('refuses what it cannot read', () => {
    expect(() => compilePath('$.a[')).toThrow(TypeError);
    expect(() => compilePath('$ a')).toThrow(TypeError);
  });

  it('is linear in patterns made of stars', () => {
    const test = compilePath(`$${'..a'.repeat(30)}`);
    expect(test(Array.from({ length: 2000 }, () => 'b'))).toBe(false);
  });

  it('writes paths that it can read again', () => {
    const path = ['a', 0, 'odd key', 'b'];
    expect(compilePath(formatPath(path))(path)).toBe(true);
  });
});
