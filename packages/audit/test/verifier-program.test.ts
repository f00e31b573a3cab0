import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifyLog } from '../src/verify/verify.ts';
import { makeDirectory, openLog, signerFromSeed, verifyBoth, vkeyOf } from './kit.ts';
import { writeCleanLog } from './soak/clean-log.ts';

const folder = fileURLToPath(new URL('../src/verifier/', import.meta.url));
const program = join(folder, 'main.ts');
const key = await vkeyOf();
let directory: string;

const run = (...args: string[]) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });

beforeAll(async () => {
  directory = join(makeDirectory(), 'log');
  const log = await openLog({ directory });
  await log.record({ type: 'auth.ok' });
  await log.close();
});

test('it shares no code with the writer: nothing but Node and its own files is imported, and it is small', () => {
  let lines = 0;
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');
    lines += text.split('\n').length;
    for (const [, from] of text.matchAll(/from '([^']+)'/g)) expect(from, name).toMatch(/^(?:node:|\.\/[a-z-]+\.ts$)/);
    expect(text).not.toMatch(/import\(|require\(/);
  }
  expect(lines).toBeLessThan(450);
});

describe('exit codes', () => {
  test('0 intact, with progress on standard error and one summary line', () => {
    const { status, stdout, stderr } = run(directory, '--key', key);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^intact: records 0 to \d+, signed up to \d+, root [0-9a-f]{64}\n$/);
    expect(stderr).toMatch(/100 %/);
    expect(run(directory, '--key', key, '--quiet').stderr).toBe('');
  });

  test('1 broken, with the reason', () => {
    const checkpoint = join(directory, 'checkpoint');
    const note = readFileSync(checkpoint, 'utf8');
    writeFileSync(
      checkpoint,
      note.replace(
        /^\u2014 (\S+) (.)/m,
        (_all, name: string, first: string) => `\u2014 ${name} ${first === 'A' ? 'B' : 'A'}`,
      ),
    );
    const { status, stdout } = run(directory, '--key', key, '--quiet');
    expect(status).toBe(1);
    expect(stdout).toMatch(/PROBLEM: checkpoint file/);
    writeFileSync(checkpoint, note);
  });

  test('2 could not run: no directory, no key, no usable key, an unreadable file, an unknown flag', () => {
    for (const args of [
      [],
      [directory],
      [directory, '--key', 'nonsense'],
      [directory, '--key', key, '--trusted', '/does/not/exist'],
      [directory, '--key', key, '--wat'],
    ]) {
      const { status, stderr } = run(...args);
      expect(status, args.join(' ')).toBe(2);
      expect(stderr).toMatch(/usage/);
    }
  });

  test('3 unsealed: a log that is being written', async () => {
    const live = join(makeDirectory(), 'log');
    const log = await openLog({ directory: live });
    await log.record({ type: 'auth.ok' });
    expect((await verifyBoth(live, [key])).status).toBe('unsealed');
    expect(run(live, '--key', key).status).toBe(3);
    await log.close();
    expect(run(live, '--key', key).status).toBe(0);
  });

  test('1 for an empty folder or one without a log: nothing there is not "intact"', async () => {
    const { status } = await verifyBoth(makeDirectory(), [key]);
    expect(status).toBe('broken');
  });
});

test('the library verifier wants a key, and reports progress', async () => {
  await expect(verifyLog({ directory, keys: [] })).rejects.toThrow(TypeError);
  await expect(verifyLog({ directory, keys: ['x'] })).rejects.toThrow(TypeError);
  const seen: number[] = [];
  await verifyLog({ directory, keys: [key], onProgress: ({ bytes, totalBytes }) => seen.push(bytes / totalBytes) });
  expect(seen.at(-1)).toBe(1);
});

test('no false alarm on 200,000 clean records, and time grows with the log, not faster', async () => {
  const small = await writeCleanLog(join(makeDirectory(), 'log'), 20_000, signerFromSeed('a'));
  const large = await writeCleanLog(join(makeDirectory(), 'log'), 200_000, signerFromSeed('a'));
  const timed = async (log: string): Promise<number> => {
    const before = process.cpuUsage();
    const { status, findings, warnings } = await verifyLog({ directory: log, keys: [key] });
    expect({ status, findings, warnings }).toEqual({ status: 'intact', findings: [], warnings: [] });
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  await timed(small);
  const [one, ten] = [await timed(small), await timed(large)];
  expect(ten).toBeLessThan(one * 40);
  expect(run(large, '--key', key, '--quiet').status).toBe(0);
}, 60_000);
