// `pnpm fuzz [--seconds 600] [--only name,name] [--seed number]`: every parser that reads bytes of strangers, one after the other.
// What it finds is kept beside the target and fails from then on, here and in the tests. Meant for the night.
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzz, keep } from './lib/fuzzing.mjs';
import { root } from './lib/workspace.mjs';

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: { seconds: { type: 'string', default: '600' }, only: { type: 'string' }, seed: { type: 'string' } },
});
const seed = Number(values.seed ?? Date.now() % 4_294_967_296);
process.stdout.write(`seed ${seed}\n`);
for (const file of globSync('{packages,apps}/*/fuzz/*.fuzz.ts', { cwd: root }).sort()) {
  const { target } = await import(join(root, file));
  if (values.only !== undefined && !values.only.split(',').includes(target.name)) continue;
  const folder = join(root, dirname(file), 'corpus', target.name);
  const { tried, finding } = fuzz(target, { folder, forMs: Number(values.seconds) * 1000, seed });
  if (finding === undefined) process.stdout.write(`✓ ${target.name}: ${tried} inputs\n`);
  else {
    process.stdout.write(`✗ ${target.name}: ${finding.wrong}\n  kept as ${keep(folder, finding.bytes)}\n`);
    process.exitCode = 1;
  }
}
