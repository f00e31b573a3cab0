import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createInputPrompt } from '../../src/cli/prompt.ts';
import type { InputDefinition } from '../../src/config/inputs.ts';

const key: InputDefinition = {
  id: 'key',
  type: 'promptString',
  description: 'The key\u001B[2J',
  password: true,
  options: [],
};
const region: InputDefinition = {
  id: 'region',
  type: 'pickString',
  description: 'Region',
  password: false,
  default: 'eu',
  options: ['eu', 'us'],
};

function terminal(isTTY: boolean): {
  stdin: PassThrough & { isTTY: boolean };
  stderr: PassThrough & { isTTY: boolean };
  shown: () => string;
} {
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: () => undefined });
  const stderr = Object.assign(new PassThrough(), { isTTY });
  let text = '';
  stderr.on('data', (chunk: Buffer) => (text += String(chunk)));
  return { stdin, stderr, shown: () => text };
}

test('asks one thing after the other, once, and does not show what is secret', async () => {
  const io = terminal(true);
  const { prompt } = createInputPrompt(io);
  const answers = Promise.all([prompt(key), prompt(region), prompt(key)]);
  io.stdin.write('planted-secret\n');
  await new Promise(setImmediate);
  io.stdin.write('us\n');
  expect(await answers).toEqual(['planted-secret', 'us', 'planted-secret']);
  expect(io.shown()).toContain('The key: ');
  expect(io.shown()).toContain('Region (eu, us) [eu]: ');
  expect(io.shown()).not.toContain('planted');
  expect(io.shown()).not.toContain('\u001B[2J');
});

test('an empty answer is the default; one that is not among the choices is none', async () => {
  const io = terminal(true);
  const { prompt } = createInputPrompt(io);
  const first = prompt(region);
  io.stdin.write('\n');
  expect(await first).toBe('eu');
  const other = prompt({ ...region, id: 'other' });
  io.stdin.write('mars\n');
  expect(await other).toBeUndefined();
});

test('after the start nobody is asked, and what was answered stays known', async () => {
  const io = terminal(true);
  const { prompt, seal } = createInputPrompt(io);
  const first = prompt(region);
  io.stdin.write('us\n');
  await first;
  seal();
  expect(await prompt(region)).toBe('us');
  expect(await prompt(key)).toBeUndefined();
});

test('without a terminal nobody is asked', async () => {
  const io = terminal(false);
  expect(await createInputPrompt(io).prompt(key)).toBeUndefined();
  expect(io.shown()).toBe('');
});
