import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mutations } from './mutations.ts';
import type { RecordMutation } from './mutations.ts';
import { findGaps, findLeaks } from './run.ts';

const packages = new URL('../../../', import.meta.url);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

describe('the record', () => {
  it('R-80: hears of exactly one end of every exchange, whatever becomes of it, on every transport', async () => {
    expect(await findGaps()).toEqual([]);
  });

  it('R-81: comes before the answer: what it refuses is not told', async () => {
    expect(await findLeaks()).toEqual([]);
  });

  it('calls that are taken out stand in the sources', () => {
    const missing = mutations.filter(({ file, from }) => !readFileSync(new URL(file, packages), 'utf8').includes(from));
    expect(missing.map(({ from }) => from)).toEqual([]);
  });

  it('misses every call that is taken out', { timeout: 180_000 }, async () => {
    const left = [...mutations];
    const survivors: string[] = [];
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift())
        if (!(await isMissed(next))) survivors.push(`${next.drive}: ${next.from}`);
    };
    await Promise.all([worker(), worker()]);
    expect(survivors).toEqual([]);
  });
});

/** Runs one drive in a process of its own, against sources with the call taken out. */
function isMissed({ file, from, to, drive }: RecordMutation): Promise<boolean> {
  const args = [
    '--conditions=@sekisho/source',
    '--no-warnings',
    '--import',
    here('../mutations/mutant.mjs'),
    here('run.ts'),
    'gaps',
    drive,
  ];
  const env = { ...process.env, SEKISHO_MUTATION: JSON.stringify({ file, from, to }) };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env, timeout: 30_000 }, (error, stdout, stderr) => {
      // A gateway that fell over proves nothing: only a drive that ran and found something else counts.
      if (error) reject(new Error(`${drive}: ${stderr.slice(0, 2000)}`));
      else resolve((JSON.parse(stdout) as string[]).length > 0);
    });
  });
}
