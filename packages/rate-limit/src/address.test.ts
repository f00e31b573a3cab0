import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressKey } from './address.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:8080', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:C000:0201', '192.0.2.1'],
  ['[::ffff:192.0.2.1]:443', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::9]:8443', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
])('%s counts as %s', (address, key) => expect(addressKey(address)).toBe(key));

describe('what is no address', () => {
  test.each([
    '',
    'unknown',
    '1:2:3',
    '::1::2',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'g::',
    '::1.2.3',
    '::1.2.3.256',
    '::1.2.3.4.5',
  ])('%j is its own key', (text) => expect(addressKey(text)).toBe(text));
});

test('all spellings of a network have one key, and two networks have two', () => {
  const group = fc.integer({ min: 0, max: 0xffff });
  fc.assert(
    fc.property(fc.tuple(group, group, group, group), fc.tuple(group, group, group, group), (net, host) => {
      fc.pre(net.some((part) => part !== 0));
      const long = [...net, ...host].map((part) => part.toString(16).padStart(4, '0')).join(':');
      const short = `${net.map((part) => part.toString(16)).join(':')}::${(host[3] || 1).toString(16)}`;
      expect(addressKey(long)).toBe(addressKey(short.toUpperCase()));
      expect(addressKey(long)).not.toBe(
        addressKey([net[0] ^ 1, ...net.slice(1), ...host].map((part) => part.toString(16)).join(':')),
      );
    }),
  );
});
