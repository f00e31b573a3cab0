// `pnpm bench [--quick [--write]] [--only calls,stdio,list,cold,memory,layers] [--repetitions 5] [--source]`: measures the
// gateway beside a bare proxy and the official SDKs. A full run writes docs/benchmarks.md; a short one prints only, unless
// told to write.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { measureHttpCalls, measureLists, measureStdioCalls } from './calls.ts';
import { measureColdStart } from './cold-start.ts';
import type { Settings } from './measure.ts';
import { measureLayers } from './layers.ts';
import { measureMemory } from './memory.ts';
import { pinSelf } from './process.ts';
import { gatewaySection } from './report.ts';
import { replaceSections } from './sections.ts';

const PREAMBLE = `# Benchmarks

Made by \`pnpm bench\`. Do not edit: figures of the gateway come from the run itself, those of a package from its \`bench/results.md\`.
What these figures do not show: TLS, a network, and peers other than those named.`;

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    source: { type: 'boolean', default: false },
    repetitions: { type: 'string' },
  },
});

const root = new URL('../', import.meta.url);
const repetitions = Number(values.repetitions ?? (values.quick ? 2 : 5));
const settings: Settings = {
  repetitions,
  conditions: useBuild() ? [] : ['--conditions=@sekisho/source'],
  scale: (calls) => (values.quick ? Math.max(40, Math.round(calls / 8)) : calls),
  progress: (text) => void process.stderr.write(`${text}\n`),
};
const wanted = (part: string): boolean => values.only === undefined || values.only.split(',').includes(part);

const [loadBefore = 0] = loadavg();
// What we start inherits our core, and a cold start may use them all: it comes before we choose one.
const coldStart = wanted('cold') ? await measureColdStart(settings) : [];
pinSelf();
const section = gatewaySection({
  coldStart,
  calls: [
    ...(wanted('calls') ? await measureHttpCalls(settings) : []),
    ...(wanted('stdio') ? await measureStdioCalls(settings) : []),
    ...(wanted('list') ? await measureLists(settings) : []),
    ...(wanted('layers') ? await measureLayers(settings) : []),
  ],
  memory: wanted('memory') ? await measureMemory(settings) : [],
  command: ['pnpm bench', ...process.argv.slice(2)].join(' '),
  repetitions,
  loadBefore,
  day: new Date().toISOString().slice(0, 10),
});
process.stdout.write(`${section}\n`);
if (values.only === undefined && (values.write || !values.quick)) writeDocument(section);

/** What people install is the build; without one the sources serve, at a cost to the cold start. */
function useBuild(): boolean {
  if (values.source) return false;
  const built = spawnSync(
    'turbo',
    ['run', 'build', '--filter=@sekisho/core...', '--output-logs=errors-only', '--ui=stream'],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  if (built.status !== 0) process.stderr.write('The build failed; the sources are measured.\n');
  return built.status === 0;
}

function writeDocument(gateway: string): void {
  const sections = new Map([['gateway', gateway]]);
  for (const name of readdirSync(new URL('packages/', root))) {
    const results = new URL(`packages/${name}/bench/results.md`, root);
    if (existsSync(results)) sections.set(name, readFileSync(results, 'utf8'));
  }
  const file = new URL('docs/benchmarks.md', root);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  writeFileSync(file, replaceSections(before, PREAMBLE, sections));
}
