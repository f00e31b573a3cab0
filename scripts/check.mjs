// `pnpm check`: what is true of this repository, a sentence for each check. What fails says why; what holds is one line.
// `pnpm check --only <part of a sentence>` runs the checks whose sentence holds that text.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import {
  packagesBelow,
  pnpmCommand,
  projectNode,
  readJson,
  root,
  run,
  startedAgainUnderPnpm,
} from './lib/workspace.mjs';

if (await startedAgainUnderPnpm()) process.exit();

const packages = packagesBelow('packages');
const published = [...packages, ...packagesBelow('apps')].filter(
  (folder) => readJson(`${folder}/package.json`).private !== true,
);
const scratch = mkdtempSync(join(tmpdir(), 'sekisho-check-'));
const tool =
  (command, ...args) =>
  () =>
    run(command, args);

// Checks of one stage have nothing to wait for but the stage before; they run side by side.
const stages = [
  [
    ['Every file is formatted as oxfmt formats it', tool('oxfmt', '--check', '.')],
    ['The linter finds nothing, with type information', tool('oxlint', '--type-aware', '--deny-warnings')],
    ['Every package, app and example type-checks', typecheck],
    ['No file, export or dependency is unused', tool('knip', '--no-progress', '--no-config-hints')],
    ['No package imports what the architecture forbids', tool('turbo', 'boundaries', '--no-color')],
    ['No tracked file names a path of one machine', noMachinePaths],
  ],
  [['Every package builds', tool('turbo', 'run', 'build', '--continue', '--output-logs=errors-only', '--ui=stream')]],
  [
    ['Each api.d.ts is the public surface as built', tool(projectNode, 'scripts/api.mjs', '--check', '--no-build')],
    ['Every published package packs as its manifest says, with types that resolve', packedPackages],
  ],
];

const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : '';
let failed = 0;
try {
  for (const stage of stages) {
    const chosen = stage.filter(([sentence]) => sentence.includes(only));
    const results = await inTurn(chosen, 2, ([sentence, check]) => perform(sentence, check));
    failed += results.filter((ok) => !ok).length;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.stdout.write(
  failed === 0 ? 'All checks hold.\n' : `${failed} ${failed === 1 ? 'check fails' : 'checks fail'}.\n`,
);
process.exitCode = failed === 0 ? 0 : 1;

async function perform(sentence, check) {
  const start = performance.now();
  const { code, output } = await check();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? '✓' : '✗'} ${sentence} (${seconds} s)\n`);
  if (code !== 0) process.stdout.write(`${output.trimEnd().replace(/^/gm, '    ')}\n`);
  return code === 0;
}

/** Calls `each` for all items, at most `width` at a time, and keeps the order of the answers. */
async function inTurn(items, width, each) {
  const answers = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) answers[next[0]] = await each(next[1]);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return answers;
}

function together(results) {
  const bad = results.filter(({ code }) => code !== 0);
  return { code: bad.length > 0 ? 1 : 0, output: bad.map(({ output }) => output).join('\n') };
}

async function typecheck() {
  const folders = [...packages, ...packagesBelow('apps'), ...packagesBelow('examples'), 'bench'];
  const withConfig = folders.filter((folder) => existsSync(join(root, folder, 'tsconfig.json')));
  return together(await inTurn(withConfig, 2, (folder) => run('tsc', ['-p', folder])));
}

/** Paths that only one computer has: this checkout's own, and those of the places where it was written. */
async function noMachinePaths() {
  const plain = (path) => path.replaceAll('.', '\\.');
  const beside = `${plain(dirname(root))}/(${plain(basename(root))}|shared|\\.[a-z])`;
  const patterns = [beside, '/tmp/([a-z]+_jobs|brief)', plain(root)];
  const { code, output } = await run('git', [
    'grep',
    '-nIE',
    patterns.map((pattern) => `(${pattern})`).join('|'),
    '--',
    '.',
    ':!scripts/check.mjs',
  ]);
  // git grep answers 1 when it finds nothing.
  return { code: code === 1 ? 0 : 1, output };
}

/** Packs each package the way a release does and asks publint and attw about the archive. */
async function packedPackages() {
  const [pnpm, ...prefix] = pnpmCommand();
  const checked = await inTurn(published, 2, async (folder) => {
    const target = join(scratch, folder.replaceAll('/', '-'));
    const pack = await run(
      pnpm,
      [...prefix, '--config.verify-deps-before-run=false', 'pack', '--pack-destination', target],
      { cwd: join(root, folder) },
    );
    if (pack.code !== 0) return [{ ...pack, output: `${folder}\n${pack.output}` }];
    const archive = join(
      target,
      readdirSync(target).find((name) => name.endsWith('.tgz')),
    );
    const results = [await run('publint', ['run', archive, '--strict'])];
    if (readJson(`${folder}/package.json`).exports !== undefined) {
      results.push(await run('attw', [archive, '--profile', 'esm-only', '--no-color', '--no-emoji']));
    }
    return results.map((result) => ({ ...result, output: `${folder}\n${result.output}` }));
  });
  return together(checked.flat());
}
