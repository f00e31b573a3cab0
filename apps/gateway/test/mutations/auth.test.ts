import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { mutations, type Mutation } from './auth-mutations.ts';
import { failing, probes } from './auth-probes.ts';

const root = new URL('../../../../', import.meta.url);
const sourceOf = (file: string): URL =>
  new URL(file.startsWith('gateway/') ? `apps/${file}` : `packages/${file}`, root);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
/** Gives out a source with one snippet replaced; the same that core's own mutations are made with. */
const mutant = fileURLToPath(new URL('packages/core/test/mutations/mutant.mjs', root));

/** Runs one probe in a process of its own, against sources with the mutation in them. */
function failsUnder({ file, from, to, probe }: Mutation): Promise<boolean> {
  const flags = ['--conditions=@sekisho/source', '--no-warnings', '--import', mutant];
  const env = { ...process.env, SEKISHO_MUTATION: JSON.stringify({ file, from, to }) };
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...flags, here('auth-probes.ts'), probe],
      { env, timeout: 60_000 },
      (error, stdout, stderr) => {
        // A gateway that fell over under the mutation proves nothing: only a probe that ran and was not answered as it must counts.
        if (error) reject(new Error(`${probe}: ${stderr.slice(0, 2000)}`));
        else resolve((JSON.parse(stdout) as string[]).includes(probe));
      },
    );
  });
}

describe('authentication, taken out where it is asked', () => {
  test('each place stands in the sources once', () => {
    const missing = mutations.filter(({ file, from }) => readFileSync(sourceOf(file), 'utf8').split(from).length !== 2);
    expect(missing).toEqual([]);
  });

  test('every probe passes against the gateway as it is', { timeout: 60_000 }, async () => {
    expect(await failing(Object.keys(probes))).toEqual([]);
  });

  test('is missed by its probe', { timeout: 300_000 }, async () => {
    const left = [...mutations];
    const survivors: string[] = [];
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift())
        if (!(await failsUnder(next))) survivors.push(`${next.probe}: ${next.to || 'without'} ${next.from}`);
    };
    await Promise.all([worker(), worker()]);
    expect(survivors).toEqual([]);
  });
});
