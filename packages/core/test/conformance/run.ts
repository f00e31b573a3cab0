import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Requirements = '2026-07-28' | '2025-11-25';

export interface ScenarioScore {
  readonly passed: number;
  readonly failed: number;
  /** How often each check passed, by its id. Some checks occur several times in one scenario. */
  readonly passes: ReadonlyMap<string, number>;
  /** What went wrong, for the reader of a failing test: `<check id>: <message>`. */
  readonly failures: readonly string[];
}

export type Scores = ReadonlyMap<string, ScenarioScore>;

export interface ConformanceRun {
  readonly url: string;
  readonly requirements: Requirements;
  /** One scenario alone, whether the requirements score it or not. */
  readonly scenario?: string;
  /** The run is ended after this many milliseconds. Default 90 000. */
  readonly timeoutMs?: number;
}

interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly errorMessage?: string;
}

/**
 * Runs the official suite's server scenarios against a URL and counts the checks of each. A scenario without a single
 * check gets a tick from the suite, so ticks and the exit code prove nothing and only counts are returned.
 */
export async function runConformance(run: ConformanceRun): Promise<Scores> {
  const output = await mkdtemp(join(tmpdir(), 'sekisho-conformance-'));
  try {
    const transcript = await runSuite(run, output);
    const scores = await readScores(output);
    if (scores.size === 0) throw new Error(`The conformance suite reported no scenario:\n${transcript.slice(-2000)}`);
    return scores;
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

export interface ClientRun {
  readonly scenario: string;
  readonly requirements: Requirements;
}

/** Runs one client scenario of the suite: its server on the far side, the gateway and a client of ours on this one. */
export async function runClientConformance({ scenario, requirements }: ClientRun): Promise<ScenarioScore> {
  const output = await mkdtemp(join(tmpdir(), 'sekisho-conformance-'));
  try {
    const driver = fileURLToPath(new URL('gateway-as-client.ts', import.meta.url));
    const command = `${process.execPath} --conditions=@sekisho/source ${driver}`;
    const args = ['client', '--command', command, '--scenario', scenario, '--spec-version', requirements, '-o', output];
    const transcript = await spawnSuite(args, output, 90_000);
    const folder = (await readdir(output)).find((name) => name.includes(scenario));
    if (folder === undefined) throw new Error(`The conformance suite reported nothing:\n${transcript.slice(-4000)}`);
    return score(JSON.parse(await readFile(join(output, folder, 'checks.json'), 'utf8')) as Check[]);
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

function runSuite(run: ConformanceRun, output: string): Promise<string> {
  const { url, requirements, scenario, timeoutMs = 90_000 } = run;
  const selected =
    scenario === undefined
      ? ['--requirements', requirements]
      : ['--scenario', scenario, '--spec-version', requirements, '--force'];
  return spawnSuite(['server', '--url', url, ...selected, '-o', output], output, timeoutMs);
}

function spawnSuite(args: readonly string[], cwd: string, timeout: number): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json');
  const suite = join(dirname(manifest), 'dist', 'index.js');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [suite, ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout,
      killSignal: 'SIGKILL',
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (_code, signal) => {
      const transcript = Buffer.concat(chunks).toString();
      if (signal === null) resolve(transcript);
      else reject(new Error(`The conformance suite ran into its time limit:\n${transcript.slice(-2000)}`));
    });
  });
}

async function readScores(output: string): Promise<Map<string, ScenarioScore>> {
  const scores = new Map<string, ScenarioScore>();
  for (const folder of (await readdir(output)).sort()) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(folder)?.[1];
    if (scenario === undefined) continue;
    scores.set(scenario, score(JSON.parse(await readFile(join(output, folder, 'checks.json'), 'utf8')) as Check[]));
  }
  return scores;
}

function score(checks: readonly Check[]): ScenarioScore {
  const passes = new Map<string, number>();
  const failures: string[] = [];
  for (const check of checks) {
    if (check.status === 'SUCCESS') passes.set(check.id, (passes.get(check.id) ?? 0) + 1);
    else if (check.status === 'FAILURE' || check.status === 'WARNING') {
      failures.push(`${check.id}: ${check.errorMessage ?? check.status}`);
    }
  }
  let passed = 0;
  for (const times of passes.values()) passed += times;
  return { passed, failed: failures.length, passes, failures };
}
