import * as fc from 'fast-check';
import { connect } from 'node:tls';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isPublicAddress } from './addresses.ts';
import { readServerName } from './client-hello.ts';
import { parseAuthority } from './connect-proxy.ts';
import { inspectFirstBytes } from './inspect.ts';
import { answerQuery, readQuestion } from './name-server.ts';

async function clientHello(servername: string): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', servername });
  client.on('error', () => undefined); // nobody answers it
  const socket = await new Promise<Socket>((resolve) => server.once('connection', resolve));
  const bytes = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
  socket.destroy();
  client.destroy();
  server.close();
  return bytes;
}

describe('the name in a ClientHello', () => {
  it('is found, whole, cut, and split over records', async () => {
    const hello = await clientHello('api.example.test');
    expect(readServerName(hello)).toEqual({ state: 'name', name: 'api.example.test' });
    for (let length = 1; length < hello.length; length += 7)
      expect(readServerName(hello.subarray(0, length)).state).toBe('more');
    const body = hello.subarray(5);
    const record = (part: Buffer): Buffer =>
      Buffer.concat([Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part]);
    expect(readServerName(Buffer.concat([record(body.subarray(0, 50)), record(body.subarray(50))]))).toEqual({
      state: 'name',
      name: 'api.example.test',
    });
  });
  it('never throws, whatever comes', async () => {
    const hello = await clientHello('api.example.test');
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void inspectFirstBytes(Buffer.from(bytes))));
    fc.assert(
      fc.property(
        fc.nat(hello.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(hello.length),
        (at, value, cut) => {
          const changed = Buffer.from(hello.subarray(0, cut));
          if (at < changed.length) changed[at] = value;
          expect(['more', 'none', 'name']).toContain(readServerName(changed).state);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('first bytes', () => {
  const of = (text: string) => inspectFirstBytes(Buffer.from(text, 'latin1'));
  it('of HTTP name one host, or none', () => {
    expect(of('GET / HTTP/1.1\r\nHost: a.test:80\r\n\r\n')).toEqual({ kind: 'http', host: 'a.test:80' });
    expect(of('GET / HTTP/1.1\r\nX: y\r\n\r\n')).toEqual({ kind: 'http', host: undefined });
    expect(of('GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n')).toEqual({ kind: 'http', host: undefined });
  });
  it('wait for more as long as it can still be one', () => {
    for (const text of ['', 'G', 'GET', 'GET /x', 'GET /x HTT', 'GET /x HTTP/1.1', 'GET /x HTTP/1.1\r\nHost: a\r\n'])
      expect(of(text).kind).toBe('more');
    for (const text of ['\0', 'SSH-2.0-x\r\n', 'get / x\n', 'GET /x HTTP/2.0\r\n']) expect(of(text).kind).toBe('other');
  });
});

describe('addresses', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
    '0.0.0.0',
    '168.63.129.16',
    '192.0.0.192',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::',
    '::1',
    'fd00:ec2::254',
    'fe80::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '::10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:0:7f00:1::',
    '2001:db8::1',
    'nonsense',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address, [])).toBe(false);
  });
  it.each(['1.1.1.1', '93.184.216.34', '2606:4700::1111', '2a00:1450::1'])('%s is, unless it is our own', (address) => {
    expect(isPublicAddress(address, [])).toBe(true);
    expect(isPublicAddress(address, [address])).toBe(false);
  });
});

describe('names', () => {
  const query = (host: string, type = 1): Buffer =>
    Buffer.concat([
      Buffer.from([7, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
      ...host.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
      Buffer.from([0, 0, type, 0, 1]),
    ]);
  it('are answered with the address of the box, or do not exist', () => {
    const answers = { addressOf: (host: string) => (host === 'a.test' ? '127.2.0.1' : undefined) };
    const found = answerQuery(query('A.test'), answers)!;
    expect([found[0], found[1], found[3]! & 15, found.readUInt16BE(6)]).toEqual([7, 9, 0, 1]);
    expect([...found.subarray(-4)]).toEqual([127, 2, 0, 1]);
    expect(answerQuery(query('a.test', 28), answers)!.readUInt16BE(6)).toBe(0);
    expect(answerQuery(query('evil.test'), answers)![3]! & 15).toBe(3);
  });
  it('never throw, whatever comes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void readQuestion(Buffer.from(bytes))));
    fc.assert(
      fc.property(fc.nat(30), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const changed = query('some.name.test');
        changed[at] = value;
        answerQuery(changed, { addressOf: () => '127.2.0.1' });
      }),
    );
  });
  it('of a CONNECT are host and port, and nothing else', () => {
    expect(parseAuthority('A.test:443')).toEqual({ host: 'a.test', port: 443 });
    expect(parseAuthority('[::1]:80')).toEqual({ host: '::1', port: 80 });
    for (const text of ['', 'a.test', 'a.test:', 'http://a.test:1', 'a@b:1', 'a.test:1/x', '::1:80'])
      expect(parseAuthority(text)).toBeUndefined();
  });
});
