// `pnpm test [vitest arguments]`: every test of the workspace, a dot for each, the failures in full, and one last line
// that says how it went: `N passed, N failed` or `N passed, N failed, N skipped`.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSystemPackages } from './lib/system-packages.mjs';
import { environment, projectNode, root } from './lib/workspace.mjs';

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
if (!existsSync(vitest) || !existsSync(projectNode)) {
  process.stderr.write('The dependencies are not installed. Run: npx -y pnpm@12 install\n');
  process.exit(1);
}

// Real peers of some tests: without them those would be skipped.
ensureSystemPackages(['bubblewrap', 'redis-server', 'postgresql', 'iproute2'], (line) =>
  process.stdout.write(`${line}\n`),
);
const scratch = mkdtempSync(join(tmpdir(), 'sekisho-test-'));
const summaryFile = join(scratch, 'summary.json');
const args = process.argv.slice(2).filter((argument) => argument !== '--');
const child = spawn(
  projectNode,
  [vitest, 'run', '--reporter=dot', `--reporter=${join(root, 'scripts', 'lib', 'count-reporter.mjs')}`, ...args],
  { cwd: root, env: { ...environment, SEKISHO_TEST_SUMMARY: summaryFile }, stdio: ['ignore', 'inherit', 'inherit'] },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));

child.on('close', (code) => {
  const summary = existsSync(summaryFile)
    ? JSON.parse(readFileSync(summaryFile, 'utf8'))
    : { passed: 0, failed: 0, skipped: 0, problems: ['The test run ended before it could report.'] };
  rmSync(scratch, { recursive: true, force: true });
  finish(summary, code ?? 1);
});

function finish({ passed, failed, skipped, problems }, vitestCode) {
  for (const problem of problems) process.stdout.write(`✗ ${problem}\n`);
  // A run that vitest calls failed has a failure, even when no single test is to blame.
  let failures = failed + problems.length;
  if (vitestCode !== 0 && failures === 0) failures = 1;
  const skipIsFailure = skipped > 0 && isCi();
  if (skipIsFailure) process.stdout.write(`✗ In CI every test runs: ${skipped} skipped count as a failure.\n`);
  const counts = `${passed} passed, ${failures} failed`;
  process.stdout.write(`${skipped > 0 ? `${counts}, ${skipped} skipped` : counts}\n`);
  process.exitCode = failures > 0 || skipIsFailure ? 1 : 0;
}

function isCi() {
  const { CI } = process.env;
  return CI !== undefined && CI !== '' && CI !== 'false' && CI !== '0';
}
