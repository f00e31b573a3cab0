import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** A place in the sources, what it is replaced by, and the probe that must notice. */
export type Mutation = { readonly file: string; readonly from: string; readonly to: string; readonly probe: string };

type Felt = {
  readonly mutations: readonly Mutation[];
  /** Names of all probes. */
  readonly probes: readonly string[];
  /** Which of the probes fail against the gateway as it is. */
  readonly failing: (probes: readonly string[]) => Promise<string[]>;
  /** The program that runs one probe and prints whether it failed. */
  readonly program: URL;
  /** For one mutated probe, milliseconds. Default 60,000. */
  readonly probeMs?: number;
  /** For all probes against the gateway as it is, milliseconds. Default 60,000. */
  readonly soundMs?: number;
  /** For all mutations together, milliseconds. Default 300,000. */
  readonly allMs?: number;
};

const root = new URL('../../../../', import.meta.url);
/** Gives out a source with one snippet replaced; the same that core's own mutations are made with. */
const mutant = fileURLToPath(new URL('packages/core/test/mutations/mutant.mjs', root));

/** Files are named from the root, or shorter: `gateway/...` for the program, else a package. */
function sourceOf(file: string): URL {
  if (/^(?:apps|packages)\//.test(file)) return new URL(file, root);
  return new URL(file.startsWith('gateway/') ? `apps/${file}` : `packages/${file}`, root);
}

/** Runs one probe in a process of its own, against sources with the mutation in them. */
function failsUnder({ file, from, to, probe }: Mutation, program: URL, timeout: number): Promise<boolean> {
  const flags = ['--conditions=@sekisho/source', '--no-warnings', '--import', mutant];
  const env = { ...process.env, SEKISHO_MUTATION: JSON.stringify({ file, from, to }) };
  return new Promise((resolve, reject) => {
    const words = [...flags, fileURLToPath(program), probe];
    execFile(process.execPath, words, { env, timeout }, (error, stdout, stderr) => {
      // A gateway that fell over under the mutation proves nothing: only a probe that ran and was not answered as it must counts.
      if (error) reject(new Error(`${probe}: ${stderr.slice(0, 2000)}`));
      else resolve((JSON.parse(stdout) as string[]).includes(probe));
    });
  });
}

/** Takes each guard out of its source in turn, and expects its probe to notice. */
export function expectFelt(felt: Felt): void {
  const { mutations, probes, failing, program, probeMs = 60_000, soundMs = 60_000, allMs = 300_000 } = felt;
  test('each place stands in the sources once', () => {
    const missing = mutations.filter(({ file, from }) => readFileSync(sourceOf(file), 'utf8').split(from).length !== 2);
    expect(missing).toEqual([]);
  });

  test('every probe passes against the gateway as it is', { timeout: soundMs }, async () => {
    expect(await failing(probes)).toEqual([]);
  });

  test('is missed by its probe', { timeout: allMs }, async () => {
    const left = [...mutations];
    const survivors: string[] = [];
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift())
        if (!(await failsUnder(next, program, probeMs)))
          survivors.push(`${next.probe}: ${next.to || 'without'} ${next.from}`);
    };
    await Promise.all([worker(), worker()]);
    expect(survivors).toEqual([]);
  });
}
