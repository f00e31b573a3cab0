import { describe, expect, test } from 'vitest';
import { createProxyTrust } from './client-address.ts';

const trust = createProxyTrust(['10.0.0.0/8', '192.168.1.5', 'fd00::/8']);

describe('X-Forwarded-For', () => {
  test.each([
    ['from nobody we trust it means nothing', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['from a proxy it names the client', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    [
      'what the client itself wrote stands to the left and is not read',
      '10.0.0.1',
      '127.0.0.1, 198.51.100.1',
      '198.51.100.1',
    ],
    ['two proxies of ours are passed over', '10.0.0.1', '198.51.100.1, 10.2.3.4, 192.168.1.5', '198.51.100.1'],
    ['a chain of proxies alone ends at its far end', '10.0.0.1', '10.9.9.9', '10.9.9.9'],
    ['an address with a port is an address', '10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
    ['IPv6 in brackets too', '10.0.0.1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['a dual-stack socket writes IPv4 in IPv6', '::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['so does a proxy', '10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
    ['a proxy over IPv6', 'fd00::1', '2001:db8::7', '2001:db8::7'],
    ['no header leaves the proxy', '10.0.0.1', undefined, '10.0.0.1'],
    ['what is no address is nobody', '10.0.0.1', 'unknown', undefined],
    ['nor is nothing', '10.0.0.1', '', undefined],
    ['a neighbour of a trusted address is not trusted', '192.168.1.50', '127.0.0.1', '192.168.1.50'],
    ['no socket is nobody', undefined, '127.0.0.1', undefined],
  ])('%s', (_what, peer, forwardedFor, expected) => {
    expect(trust.resolve(peer, false, forwardedFor, undefined).address).toBe(expected);
  });

  test('encryption at the proxy counts only where the proxy is trusted', () => {
    expect(trust.resolve('10.0.0.1', false, '198.51.100.1', 'https').secure).toBe(true);
    expect(trust.resolve('10.0.0.1', true, '198.51.100.1', 'https, http').secure).toBe(false);
    expect(trust.resolve('203.0.113.9', false, undefined, 'https').secure).toBe(false);
  });

  test.each(['10.0.0.0/33', '0.0.0.0/0', '::/0', 'proxy.example', '10.0.0.0/', '', '10.0.0.0/8/8'])(
    '%j is no proxy to trust',
    (entry) => {
      expect(() => createProxyTrust([entry])).toThrow(TypeError);
    },
  );
});
