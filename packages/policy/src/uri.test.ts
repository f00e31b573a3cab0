import { expect, test } from 'vitest';
import { isCanonicalUri } from './uri.ts';
import { pathWithin } from './path-within.ts';
import { createPolicy } from './policy.ts';

const good = [
  'file:///data/a.txt',
  'file:///data/',
  'file:///',
  'https://example.com',
  'https://example.com/a/b?q=..&x=//',
  'memo://insights',
  'urn:isbn:123',
  'test://static/resource/1',
  'file:///{path}',
  'file:///data/a%20b',
  'file:///data/...',
  'db://users/{id}{?fields}',
  'file:///a.b/..c',
  'repo://o/n/contents/%E3%81%82',
  'name',
  'a/b',
];
const bad = [
  'file:///data/../etc/passwd',
  'file:///data/..',
  'file:///./data',
  'file:///data//secret',
  'file:////etc',
  'FILE:///data/a',
  'File:///data/a',
  'file:///data/%2e%2e/etc',
  'file:///data/%2E%2E/etc',
  'file:///data%2fsecret',
  'file:///data%2Fsecret',
  'file:///data\\..\\etc',
  'file:///data%5C..',
  'file:///d%61ta',
  'https://EXAMPLE.com/a',
  'file:///data/a\u0000',
  'file:///data/a%00',
  ' file:///data/a',
  'file:///data/a\n',
  'file:///data/%252e%252e/x',
  'file:///data/%',
  'file:///data/%2',
  'file:///data/%zz',
  'file:///data/%7euser',
  'a/../b',
  '/a//b',
  'file:///data/a\tb',
  'file:///a%0Ab',
];

test.each(good)('%j is canonical', (uri) => expect(isCanonicalUri(uri)).toBe(true));
test.each(bad)('%j is not', (uri) => expect(isCanonicalUri(uri)).toBe(false));

test.each(bad)('no spelling gets around a denial or into an allowance: %j', (resource) => {
  const policy = createPolicy({
    document: { roles: {}, rules: [{ id: 'all', effect: 'allow', roles: ['*'], resources: ['**'] }] },
  });
  const request = { principal: { key: 'a' }, target: { server: 's', method: 'resources/read', resource } };
  expect(policy.decide(request)).toMatchObject({ effect: 'deny', reason: 'malformed', answer: 'unknown' });
  expect(policy.sees(request)).toBe(false);
});

test('a tree ends at whole components', () => {
  const policy = createPolicy({
    document: {
      roles: {},
      rules: [{ id: 'tree', effect: 'allow', roles: ['*'], resources: ['file:///allowed/**', 'memo://*/title'] }],
    },
  });
  const may = (resource: string): boolean =>
    policy.decide({ principal: { key: 'a' }, target: { server: 's', method: 'resources/read', resource } }).effect ===
    'allow';
  expect(['file:///allowed/a', 'file:///allowed/a/b', 'memo://x/title'].map(may)).toEqual([true, true, true]);
  expect(
    ['file:///allowed-evil/a', 'file:///allowed', 'file:///other', 'memo://x/y/title', 'memo://x/titles'].map(may),
  ).toEqual([false, false, false, false, false]);
});

test('a denial is not got around by a query or a fragment, and an allowance does not grow by one', () => {
  const policy = createPolicy({
    document: {
      roles: {},
      rules: [
        { id: 'all', effect: 'allow', roles: ['*'], resources: ['file:///**'] },
        { id: 'one', effect: 'allow', roles: ['*'], resources: ['memo://a'] },
        { id: 'no', effect: 'deny', roles: ['*'], resources: ['file:///secret', 'file:///private/*'] },
      ],
    },
  });
  const effect = (resource: string): string =>
    policy.decide({ principal: { key: 'a' }, target: { server: 's', method: 'resources/read', resource } }).effect;
  for (const tail of ['', '?x', '#x', '?a/b', '#/..', '?']) {
    expect([effect(`file:///secret${tail}`), effect(`file:///private/key${tail}`)]).toEqual(['deny', 'deny']);
  }
  expect([effect('file:///open?x'), effect('memo://a'), effect('memo://a?x')]).toEqual(['allow', 'allow', 'deny']);
});

test.each<[string, string, boolean]>([
  ['/data', '/data', true],
  ['/data/', '/data', true],
  ['/data/a/b', '/data', true],
  ['/data/a', '/data/', true],
  ['/data-secret', '/data', false],
  ['/data/../etc', '/data', false],
  ['/data/./a', '/data', false],
  ['/data//a', '/data', false],
  ['data/a', '/data', false],
  ['/data\\..\\etc', '/data', false],
  ['/data/a\u0000', '/data', false],
  ['--output=/data/x', '/data', false],
  ['', '/data', false],
  ['/anything', '/', true],
])('pathWithin(%j, %j) is %s', (path, base, expected) => expect(pathWithin(path, base)).toBe(expected));
