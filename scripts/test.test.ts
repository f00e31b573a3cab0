import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('test.mjs', import.meta.url));

/** Runs `pnpm test` on a folder with one test file of this text. */
async function runTests(source: string, ci: string): Promise<{ code: number; lastLine: string | undefined }> {
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-test-script-'));
  try {
    await writeFile(
      join(folder, 'vitest.config.mjs'),
      "export default { test: { globals: true, include: ['*.test.mjs'] } };",
    );
    await writeFile(join(folder, 'case.test.mjs'), source);
    // Vitest marks its own workers; the run below must not take itself for one of them.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_OPTIONS$/.test(name)),
    );
    return await new Promise((resolve) => {
      const options = { env: { ...env, CI: ci }, timeout: 60_000 };
      execFile(process.execPath, [SCRIPT, '--root', folder], options, (error, stdout) => {
        resolve({
          code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1,
          lastLine: stdout.trimEnd().split('\n').at(-1),
        });
      });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const PASS = "test('passes', () => {});\n";
const FAIL = "test('fails', () => { throw new Error('no'); });\n";
const SKIP = "test.skip('is skipped', () => {});\n";

test.concurrent.for([
  ['all tests pass', PASS, '', '1 passed, 0 failed', 0],
  ['a test fails', PASS + FAIL, '', '1 passed, 1 failed', 1],
  ['a test is skipped', PASS + SKIP, '', '1 passed, 0 failed, 1 skipped', 0],
  ['a test is skipped in CI', PASS + SKIP, 'true', '1 passed, 0 failed, 1 skipped', 1],
  ['a file cannot be read', `${PASS}throw new Error('broken');`, '', '0 passed, 1 failed', 1],
  ['a hook fails', `${PASS}afterAll(() => { throw new Error('late'); });`, '', '1 passed, 1 failed', 1],
  [
    'nobody handles an error',
    "test('passes', () => { setTimeout(() => { throw new Error('loose'); }); return new Promise((end) => setTimeout(end, 50)); });",
    '',
    '1 passed, 1 failed',
    1,
  ],
] as const)(
  'the last line and the exit code when %s',
  { timeout: 90_000 },
  async ([, source, ci, lastLine, code], { expect }) => {
    expect(await runTests(source, ci)).toEqual({ code, lastLine });
  },
);

test('a run without tests is a failure', { timeout: 90_000 }, async () => {
  expect(await runTests('', '')).toEqual({ code: 1, lastLine: '0 passed, 1 failed' });
});
