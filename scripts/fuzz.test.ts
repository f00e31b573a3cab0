import { globSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

type Target = { readonly name: string; readonly seeds: readonly string[]; readonly run: (bytes: Buffer) => void };
type Finding = { readonly bytes: Buffer; readonly wrong: string };
type Fuzz = (
  target: Target,
  options: { folder: string; forMs: number; seed: number },
) => { tried: number; finding: Finding | undefined };

const root = resolve(import.meta.dirname, '..');
const { fuzz } = (await import(join(root, 'scripts/lib/fuzzing.mjs'))) as { fuzz: Fuzz };
const files = globSync('{packages,apps}/*/fuzz/*.fuzz.ts', { cwd: root }).toSorted();

describe('parsers of what strangers send', () => {
  test.each(files)('%s: everything that was ever found, and a moment of what comes to mind', async (file) => {
    const { target } = (await import(join(root, file))) as { target: Target };
    const folder = join(root, dirname(file), 'corpus', target.name);
    // One seed, so that a failure here can be seen again; the night takes others.
    const { tried, finding } = fuzz(target, { folder, forMs: 300, seed: 20_261_124 });
    expect(finding && `${finding.wrong}\n${JSON.stringify(finding.bytes.toString('latin1'))}`).toBeUndefined();
    expect(tried).toBeGreaterThan(0);
  });

  test('a parser with a fault is found out, and the input is made small', () => {
    const target = {
      name: 'faulty',
      seeds: ['{"a":1}'],
      dictionary: ['boom'],
      run: (bytes: Buffer) => {
        if (bytes.includes('boom')) throw new Error('a fault');
      },
    };
    const { finding } = fuzz(target, { folder: '/nowhere', forMs: 10_000, seed: 1 });
    expect(finding?.bytes.toString()).toBe('boom');
  });
});
