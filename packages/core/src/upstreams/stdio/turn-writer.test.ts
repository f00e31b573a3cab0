import { setImmediate as turn } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createTurnWriter } from './turn-writer.ts';

function sink() {
  const writes: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk.toString());
      done();
    },
  });
  return { writes, stream, writer: createTurnWriter(stream) };
}

test('what is sent in one turn, also from callbacks of its own, is one write', async () => {
  const { writes, writer } = sink();
  writer.send('1');
  await Promise.resolve();
  writer.send('2');
  process.nextTick(() => writer.send('é'));
  expect(writes).toEqual([]);
  await turn();
  expect(writes).toEqual(['1\n2\né\n']);
  writer.send('4');
  await turn();
  expect(writes).toEqual(['1\n2\né\n', '4\n']);
});

test('bytes are counted from send until they are taken', async () => {
  const { stream, writer } = sink();
  writer.send('é');
  expect(writer.bufferedBytes()).toBe(3);
  stream.cork();
  await turn();
  expect(writer.bufferedBytes()).toBe(3);
  stream.uncork();
  expect(writer.bufferedBytes()).toBe(0);
});

test('flush does not wait, and stop drops', async () => {
  const { writes, writer } = sink();
  writer.send('1');
  writer.flush();
  expect(writes).toEqual(['1\n']);
  writer.send('2');
  writer.stop();
  writer.send('3');
  await turn();
  expect(writes).toEqual(['1\n']);
  expect(writer.bufferedBytes()).toBe(0);
});

test('a stream that has ended or broken takes nothing and throws nothing', async () => {
  for (const end of [(stream: Writable) => stream.end(), (stream: Writable) => stream.destroy()]) {
    const { writes, writer, stream } = sink();
    writer.send('before');
    end(stream);
    writer.send('after');
    await turn();
    expect(writes).toEqual([]);
    expect(writer.bufferedBytes()).toBe(0);
  }
});
