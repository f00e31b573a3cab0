import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { guardedLookup, isPrivateAddress, type LookupAll } from './address-guard.ts';

describe('GW-31: every form of an address that is not public', () => {
  test.each([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '0.1.2.3',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '192.88.99.1',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '::ffff:a9fe:a9fe',
    '::ffff:0:7f00:1',
    '::10.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:0:53aa::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2002:a00:1::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'feff::1',
    'ff02::1',
    '',
    'localhost',
    '1.2.3',
    '2130706433',
    '0x7f.1',
    '127.0.0.1 ',
  ])('%s', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });
  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '192.0.1.1',
    '2606:4700::1111',
    '2a00:1450::1',
    '::ffff:8.8.8.8',
  ])('%s is public', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
  test("the machine's own addresses are not public, whatever they are", () => {
    const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    expect(own.length).toBeGreaterThan(0);
    for (const { address } of own) expect(isPrivateAddress(address)).toBe(true);
  });
});

describe('the guarded look-up', () => {
  const answer =
    (...addresses: string[]): LookupAll =>
    (_name, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  const ask = (lookup: LookupAll, all: boolean) =>
    new Promise((resolve) => {
      guardedLookup(lookup)('name.test', { all }, (error, address, family) =>
        resolve({ code: (error as { code?: string } | null)?.code, address, family }),
      );
    });

  test('passes public addresses on, in both forms', async () => {
    expect(await ask(answer('8.8.8.8', '2606:4700::1111'), true)).toMatchObject({
      code: undefined,
      address: [{ address: '8.8.8.8' }, { address: '2606:4700::1111' }],
    });
    expect(await ask(answer('8.8.8.8', '1.1.1.1'), false)).toEqual({ code: undefined, address: '8.8.8.8', family: 4 });
  });
  test.each([
    ['one bad address', ['10.0.0.1']],
    ['a good and a bad address', ['8.8.8.8', '169.254.169.254']],
    ['no address', []],
  ])('refuses %s', async (_name, addresses) => {
    expect(await ask(answer(...addresses), true)).toMatchObject({ code: 'ERR_ADDRESS_REFUSED', address: [] });
    expect(await ask(answer(...addresses), false)).toMatchObject({ code: 'ERR_ADDRESS_REFUSED', address: [] });
  });
  test('fails closed when the resolver fails', async () => {
    const failing: LookupAll = (_name, _options, callback) =>
      callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []);
    expect(await ask(failing, true)).toMatchObject({ code: 'ENOTFOUND', address: [] });
  });
});
