import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failing, probes } from './sandbox-probes.ts';

type Mutation = { readonly file: string; readonly from: string; readonly to: string; readonly probe: string };

const root = resolve(import.meta.dirname, '../../../..');
const row = (probe: string, file: string, from: string, to: string): Mutation => ({ probe, file, from, to });
const COMPOSE = 'apps/gateway/src/compose.ts';
const MOUNT = 'apps/gateway/src/mount/sandbox.ts';
const CONFIG = 'apps/gateway/src/config/';
const BOX = 'packages/sandbox/src/';
const plain = `{ start: async (spec) => (await import('@sekisho/core')).plainProcessStarter().start(spec) }`;

/** Each takes something out that holds the box, or its mounting. */
const mutations: readonly Mutation[] = [
  row('composed', COMPOSE, 'brokenServerStarter(sandbox.starter)', `brokenServerStarter(${plain})`),
  row('held', MOUNT, 'if (launch?.none === true)', 'if (launch?.none === false)'),
  row(
    'failsClosed',
    MOUNT,
    "if (!report.usable && launch?.profile.enforcement === 'best-effort')",
    'if (!report.usable)',
  ),
  row('configuration', MOUNT, '...next.files.keys(), lockFile, options.stateFolder', ''),
  row('denials', `${CONFIG}merge-sandbox.ts`, 'if (denials.has(name)) lists', 'if (false) lists'),
  row('sentence', `${CONFIG}sandbox-settings.ts`, '.literal(NO_BOX_SENTENCE, {', '.string({'),
  // These are felt by the proof itself, which then refuses the start.
  row('network', `${BOX}bubblewrap/arguments.ts`, ": ['--unshare-net']", ': []'),
  row('held', `${BOX}bubblewrap/launch.ts`, "'--seccomp', table.content(filter)", "'--hostname', 'sandbox'"),
  row('held', `${BOX}seccomp/filter.ts`, 'if (!spawn) {', 'if (false) {'),
  row('environment', `${BOX}bubblewrap/launch.ts`, '{ ...request.environment }', '{ ...process.env }'),
];

function failsUnder({ file, from, to, probe }: Mutation): Promise<boolean> {
  const args = [
    '--conditions=@sekisho/source',
    '--no-warnings',
    '--import',
    resolve(root, 'packages/core/test/mutations/mutant.mjs'),
    resolve(import.meta.dirname, 'sandbox-probes.ts'),
    probe,
  ];
  const env = { ...process.env, SEKISHO_MUTATION: JSON.stringify({ file, from, to }) };
  return new Promise((done, reject) => {
    execFile(process.execPath, args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${probe}: ${stderr.slice(0, 2000)}`));
      else done((JSON.parse(stdout) as string[]).includes(probe));
    });
  });
}

describe.runIf(process.platform === 'linux')('boxes that are taken away', { timeout: 180_000 }, () => {
  test('stand in the sources, once each', () => {
    const missing = mutations.filter(
      ({ file, from }) => readFileSync(resolve(root, file), 'utf8').split(from).length !== 2,
    );
    expect(missing).toEqual([]);
  });

  test('are all held by the gateway as it is', async () => {
    expect(await failing(Object.keys(probes))).toEqual([]);
  });

  test('are missed', async () => {
    const left = [...mutations];
    const survivors: string[] = [];
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift())
        if (!(await failsUnder(next))) survivors.push(`${next.probe}: ${next.from}`);
    };
    await Promise.all([worker(), worker()]);
    expect(survivors).toEqual([]);
  });
});
