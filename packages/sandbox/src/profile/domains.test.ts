import { describe, expect, it } from 'vitest';
import { coversHost, findRule, parseDomain } from './domains.ts';

describe('parseDomain', () => {
  it.each([
    ['api.example.com', 'exact', 'api.example.com', 443],
    ['API.Example.com.', 'exact', 'api.example.com', 443],
    ['api.example.com:8443', 'exact', 'api.example.com', 8443],
    ['bücher.example', 'exact', 'xn--bcher-kva.example', 443],
    ['*.example.com', 'wildcard', 'example.com', 443],
    ['*.example.com:80', 'wildcard', 'example.com', 80],
    ['10.0.0.5:5432', 'address', '10.0.0.5', 5432],
    ['[::1]:8080', 'address', '::1', 8080],
  ])('%s', (text, kind, host, port) => {
    expect(parseDomain(text)).toMatchObject({ kind, host, port, text });
  });
  it.each([
    '',
    '*',
    '*.com',
    '*.*.com',
    'a.*.com',
    'ex*mple.com',
    'https://a.com',
    'a.com/path',
    'user@a.com',
    'a.com:0',
    'a.com:65536',
    'a.com:x',
    'localhost',
    'x.localhost:80',
    '127.1',
    '0x7f000001',
    '2130706433',
    '1.2.3',
    'a..b',
    '-a.com',
    'a b.com',
    '[1.2.3.4]:80',
    '::1',
    'a.com?x',
    'a.com#x',
  ])('refuses %s', (text) => {
    expect(() => parseDomain(text)).toThrow(expect.objectContaining({ code: 'ERR_SANDBOX_PROFILE_INVALID' }));
  });
});

describe('coverage', () => {
  const wild = parseDomain('*.example.com');
  it('a wildcard covers what is below it, at any depth, and nothing beside it', () => {
    for (const host of ['a.example.com', 'a.b.example.com']) expect(coversHost(wild, host)).toBe(true);
    for (const host of ['example.com', 'evilexample.com', 'example.com.evil.test', '.example.com', 'example.co'])
      expect(coversHost(wild, host)).toBe(false);
  });
  it('denied wins, with or without a port', () => {
    const rules = (denied: string[]) => ({ allowed: [wild], denied: denied.map(parseDomain) });
    expect(findRule(rules([]), 'a.example.com', 443)).toBe(wild);
    expect(findRule(rules([]), 'a.example.com', 80)).toBeUndefined();
    expect(findRule(rules(['a.example.com']), 'a.example.com', 443)).toBeUndefined();
    expect(findRule(rules(['*.a.example.com']), 'x.a.example.com', 443)).toBeUndefined();
    expect(findRule(rules(['a.example.com:80']), 'a.example.com', 443)).toBe(wild);
  });
});
