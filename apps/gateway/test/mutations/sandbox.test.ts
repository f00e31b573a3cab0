import { describe } from 'vitest';
import { expectFelt, type Mutation } from './felt.ts';
import { failing, probes } from './sandbox-probes.ts';

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

describe.runIf(process.platform === 'linux')('boxes that are taken away', () => {
  expectFelt({
    mutations,
    probes: Object.keys(probes),
    failing,
    program: new URL('sandbox-probes.ts', import.meta.url),
    soundMs: 180_000,
    allMs: 180_000,
  });
});
