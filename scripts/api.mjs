// `pnpm api`: writes packages/<name>/api.d.ts, every declaration that a package's entry points reach, on one page, so
// that a change of the public surface shows in a review. `--check` writes nothing and fails when a page is out of date.
// `--no-build` takes the declarations that are already in dist.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { packagesBelow, readJson, root, run, startedAgainUnderPnpm } from './lib/workspace.mjs';

if (await startedAgainUnderPnpm()) process.exit();

const check = process.argv.includes('--check');
if (!process.argv.includes('--no-build')) {
  const { code, output } = await run('turbo', [
    'run',
    'build',
    '--output-logs=errors-only',
    '--ui=stream',
    '--filter=./packages/*',
  ]);
  if (code !== 0) {
    process.stderr.write(output);
    process.exit(1);
  }
}

const problems = packagesBelow('packages').flatMap((folder) => {
  const page = pageOf(folder);
  if (page === undefined) return [`${folder} has no declarations in dist: build it first`];
  const path = join(root, folder, 'api.d.ts');
  if (existsSync(path) && readFileSync(path, 'utf8') === page) return [];
  if (check) return [`${folder}/api.d.ts is out of date: run \`pnpm api\` and review the difference`];
  writeFileSync(path, page);
  process.stdout.write(`${folder}/api.d.ts written\n`);
  return [];
});
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** The page of one package, or undefined when its declarations are not built. */
function pageOf(folder) {
  const entries = entryPoints(readJson(`${folder}/package.json`));
  if (entries.some(({ file }) => !existsSync(join(root, folder, file)))) return undefined;
  const names = new Map(entries.map(({ file, specifier }) => [normalize(file), specifier]));
  const files = reachable(
    folder,
    entries.map(({ file }) => normalize(file)),
  );
  const sections = files.map((file) => {
    const title = names.has(file) ? `${file}, the entry point "${names.get(file)}"` : file;
    return `// ${title}\n\n${tidy(readFileSync(join(root, folder, file), 'utf8'))}\n`;
  });
  return `// Made by \`pnpm api\` from the declarations of the build. Do not edit.\n\n${sections.join('\n')}`;
}

/** Entry points with declarations, by their place in the `exports` field. */
function entryPoints({ name, exports: map = {} }) {
  return Object.entries(map)
    .filter(([, target]) => typeof target === 'object' && typeof target.types === 'string')
    .map(([subpath, target]) => ({ specifier: `${name}${subpath.slice(1)}`, file: target.types }));
}

/** The entry points, then every declaration file they reach, in the order of their names. */
function reachable(folder, entries) {
  const seen = new Set(entries);
  const queue = [...entries];
  while (queue.length > 0) {
    const file = queue.shift();
    for (const target of relativeImports(readFileSync(join(root, folder, file), 'utf8'))) {
      const path = declarationOf(folder, normalize(join(dirname(file), target)));
      if (path === undefined || seen.has(path)) continue;
      seen.add(path);
      queue.push(path);
    }
  }
  return [...entries, ...[...seen].filter((file) => !entries.includes(file)).sort(byName)];
}

function relativeImports(source) {
  return [...source.matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g)].map((match) => match[1]);
}

function declarationOf(folder, path) {
  const stem = path.replace(/\.d\.ts$|\.[cm]?[jt]s$/, '');
  return [`${stem}.d.ts`, join(stem, 'index.d.ts')].find((candidate) => existsSync(join(root, folder, candidate)));
}

/** Without what only says how the files hang together: imports among them, and source map links. */
function tidy(source) {
  return source
    .replace(/^import\s[^;]*?\sfrom\s+['"]\.[^'"]*['"];\n/gm, '')
    .replace(/^\/\/# sourceMappingURL=.*$/gm, '')
    .trim();
}

function byName(left, right) {
  return left < right ? -1 : Number(left > right);
}
