import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readCallArguments } from '../../src/cli/commands/call.ts';
import { runCommand } from './fake-io.ts';

const stdin = new PassThrough();

describe('the arguments of sekisho call', () => {
  test.each([
    [[], {}],
    [['a=1', 'b=true', 'c=text', 'd='], { a: 1, b: true, c: 'text', d: '' }],
    [['path=/tmp/x=y'], { path: '/tmp/x=y' }],
    [['list=[1,2]', 'o={"k":null}', 'n=null'], { list: [1, 2], o: { k: null }, n: null }],
    [['version=1.2.3'], { version: '1.2.3' }],
    [['{"a": {"b": 1}}'], { a: { b: 1 } }],
  ])('%j', async (words, expected) => {
    expect(await readCallArguments(words, { stdin })).toEqual(expected);
  });

  test('come from standard input too', async () => {
    const input = new PassThrough();
    input.end('{"message": "hi"}');
    expect(await readCallArguments(['-'], { stdin: input })).toEqual({ message: 'hi' });
  });

  test.each([[['word']], [['=1']], [['{"a":']], [['{}', 'a=1']], [['[1]']]])('%j are refused', async (words) => {
    expect(await readCallArguments(words, { stdin })).toBeTypeOf('string');
  });
});

/** A port where nobody listens: one that was free a moment ago. */
async function deadPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return String(port);
}

describe('without a gateway', () => {
  test.each([['list'], ['call', 'a__b']])('%s says how to start one', async (...words) => {
    const port = await deadPort();
    const ran = await runCommand([...words, '--port', port], { cwd: '/' });
    expect(ran).toMatchObject({ code: 4, out: '' });
    expect(ran.err).toContain(`No Sekisho answers at http://127.0.0.1:${port}. Start one with: sekisho`);
  });

  test('call without a tool says how it is used', async () => {
    expect(await runCommand(['call'], { cwd: '/' })).toMatchObject({ code: 2 });
    expect((await runCommand(['list', '--url', 'nonsense'], { cwd: '/' })).err).toContain('is not an address');
  });
});
