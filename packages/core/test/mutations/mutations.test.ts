import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mutations } from './mutations.ts';
import type { Mutation } from './mutations.ts';
import { failing, probes } from './probes.ts';

const packages = new URL('../../../', import.meta.url);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Runs one probe in a process of its own, against sources with the mutation in them. */
function failsUnder({ file, from, to, probe }: Mutation): Promise<boolean> {
  const args = [
    '--conditions=@sekisho/source',
    '--no-warnings',
    '--import',
    here('mutant.mjs'),
    here('probes.ts'),
    probe,
  ];
  const env = { ...process.env, SEKISHO_MUTATION: JSON.stringify({ file, from, to }) };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env, timeout: 15_000 }, (error, stdout, stderr) => {
      // A gateway that fell over under the mutation proves nothing: only a probe that ran and was not answered as it must counts.
      if (error) reject(new Error(`${probe}: ${stderr.slice(0, 2000)}`));
      else resolve((JSON.parse(stdout) as string[]).includes(probe));
    });
  });
}

describe('rules that are taken out', () => {
  it('stand in the sources, once each', () => {
    const missing = mutations.filter(
      ({ file, from }) => readFileSync(new URL(file, packages), 'utf8').split(from).length !== 2,
    );
    expect(missing).toEqual([]);
  });

  it('are all kept by the gateway as it is', async () => {
    expect(await failing(Object.keys(probes))).toEqual([]);
  });

  it('are missed by their probes', { timeout: 480_000 }, async () => {
    const left = [...mutations];
    const survivors: Mutation[] = [];
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift()) if (!(await failsUnder(next))) survivors.push(next);
    };
    await Promise.all([worker(), worker()]);
    // On a busy machine a probe can be refused for another reason, such as a server that was slow to come up: alone it is sure.
    const unfelt: string[] = [];
    for (const { probe, from, ...rest } of survivors)
      if (!(await failsUnder({ probe, from, ...rest }))) unfelt.push(`${probe}: ${from}`);
    expect(unfelt).toEqual([]);
  });
});
