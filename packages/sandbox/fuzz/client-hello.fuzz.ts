import { readServerName } from '../src/network/client-hello.ts';

const name = Buffer.from('example.com');
const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const block = (bytes: Buffer): Buffer => Buffer.concat([u16(bytes.length), bytes]);
const serverName = Buffer.concat([u16(0), block(block(Buffer.concat([Buffer.from([0]), block(name)])))]);
const body = Buffer.concat([
  Buffer.from([3, 3]),
  Buffer.alloc(32),
  Buffer.from([0]),
  block(u16(0x1301)),
  Buffer.from([1, 0]),
  block(Buffer.concat([serverName, u16(43), block(Buffer.from([2, 3, 4]))])),
]);
const handshake = Buffer.concat([Buffer.from([1, 0]), block(body)]);
/** What a browser begins with; the fuzzer takes binary strings too. */
const hello = Buffer.concat([Buffer.from([22, 3, 1]), block(handshake)]);

/** What the first bytes of a connection in a box may come to: a name, none, or more to wait for. */
export const target = {
  name: 'client-hello',
  dictionary: ['\u0016\u0003\u0001', '\0\0', '\0\u000f', 'example.com'],
  seeds: [hello, hello.subarray(0, 40), '\u0016\u0003\u0003\0\u0004\u0001\0\0\0'],
  run(bytes: Buffer): void {
    const found = readServerName(bytes);
    if (!['more', 'none', 'name'].includes(found.state)) throw new Error(`the state ${found.state}`);
    if (found.state === 'name' && !/^[\w.-]{1,8191}$/.test(found.name)) throw new Error('a name that is none');
    if (bytes.equals(hello) && !(found.state === 'name' && found.name === 'example.com'))
      throw new Error('the name was missed');
  },
};
