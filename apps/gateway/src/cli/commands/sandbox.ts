import { join } from 'node:path';
import { approvePackage, explainBox, lockKey, NO_BOX_SENTENCE, readRunner, type Attestation } from '@sekisho/sandbox';
import { readBoxLaunch } from '../../config/box-launch.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { findNearest } from '../../config/nearest.ts';
import type { StdioSpec, UpstreamSpec } from '../../config/upstream-spec.ts';
import { toBoxError } from '../../mount/box-error.ts';
import { lockFileOf } from '../../mount/box-parts.ts';
import { mountSandbox, type SandboxMount } from '../../mount/sandbox.ts';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { print, type Io } from '../io.ts';
import { ownFolder } from '../locations.ts';
import { createLog } from '../log.ts';
import { readConfig } from '../read-config.ts';
import { plainText } from '../terminal.ts';
import { learnBox } from './sandbox-learn.ts';
import { runInBox } from './sandbox-run.ts';

const actions = ['explain', 'run', 'learn', 'approve'];

type Server = UpstreamSpec & StdioSpec;

/** What an action on one server works with. */
export type ServerTask = {
  readonly invocation: Invocation;
  readonly io: Io;
  readonly server: Server;
  readonly config: LoadedConfig;
  readonly mount: SandboxMount;
};

/** `sekisho sandbox explain|run|learn|approve`. */
export async function runSandbox(invocation: Invocation, io: Io): Promise<number> {
  const [action = 'explain', ...words] = invocation.positionals;
  try {
    switch (action) {
      case 'run':
        return await runInBox(words, invocation, io);
      case 'explain':
        return await withServer(words, invocation, io, explain);
      case 'learn':
        return await withServer(words, invocation, io, learnBox);
      case 'approve':
        return await withServer(words, invocation, io, approve);
    }
  } catch (thrown) {
    const { code, message, remedy } = toBoxError(thrown) as { code?: string; message: string; remedy?: string };
    if (code === undefined) throw thrown;
    print(io.stderr, plainText(`${message}${remedy === undefined ? '' : `\nMend it: ${remedy}`}`));
    return exitCodes.failure;
  }
  const nearest = findNearest(action, actions);
  const hint = nearest === undefined ? `Known: ${actions.join(', ')}.` : `Did you mean "${nearest}"?`;
  print(io.stderr, plainText(`There is no "sandbox ${action}". ${hint}`));
  return exitCodes.usage;
}

async function withServer(
  [name, ...more]: readonly string[],
  invocation: Invocation,
  io: Io,
  task: (task: ServerTask) => Promise<number>,
): Promise<number> {
  if (name === undefined || more.length > 0) {
    print(io.stderr, 'Name one server of the configuration, as in: sekisho sandbox explain files');
    return exitCodes.usage;
  }
  const read = await readConfig(invocation, io);
  if (!read.ok) return read.exitCode;
  const { config } = read;
  const found = config.servers.find((server) => server.name === name || server.spec?.name === name);
  if (found?.spec === undefined) {
    const names = config.servers.map((server) => server.name);
    const first = found?.problems.find(({ severity }) => severity === 'error');
    print(
      io.stderr,
      plainText(first?.message ?? `There is no server "${name}" in ${config.file}. There are: ${names.join(', ')}.`),
    );
    return exitCodes.config;
  }
  const { spec: server } = found;
  if (server.kind !== 'stdio') {
    print(io.stderr, plainText(`"${name}" is reached over the network; only what runs on this computer has a box.`));
    return exitCodes.usage;
  }
  const mount = mountSandbox(config, {
    env: io.env,
    home: io.home,
    stateFolder: ownFolder(io, 'state'),
    cacheFolder: join(ownFolder(io, 'cache'), 'servers'),
    log: createLog(io.stderr, 'error', config.secrets),
    now: io.now,
  });
  try {
    return await task({ invocation, io, server, config, mount });
  } finally {
    mount.close();
  }
}

async function explain({ invocation, io, server, config, mount }: ServerTask): Promise<number> {
  const launch = readBoxLaunch(server.launch);
  if (launch === undefined || launch.none) {
    const sentence =
      launch === undefined
        ? `"${server.name}" is switched off.`
        : `"${server.name}" has NO BOX: the configuration says "${NO_BOX_SENTENCE}".`;
    print(io.stdout, invocation.flags.json === true ? JSON.stringify({ server: server.name, box: 'none' }) : sentence);
    return exitCodes.ok;
  }
  const runner = readRunner(server.command, server.args);
  if (runner !== undefined && invocation.flags.json !== true)
    print(io.stderr, `${runner.name} is installed first, in a box of its own, unless it is here already.`);
  const { sandbox, spec } = await mount.prepare(server);
  const sentences = explainBox(sandbox.plan(spec)).map((sentence) => config.secrets.mask(sentence));
  const attestation = await sandbox.attest(spec);
  if (invocation.flags.json === true)
    print(io.stdout, JSON.stringify({ server: server.name, sentences, attestation }, null, 2));
  else print(io.stdout, plainText([...sentences, '', ...describeProof(attestation)].join('\n')));
  return attestation.notEnforceable.length > 0 ? exitCodes.failure : exitCodes.ok;
}

export function describeProof({ backend, versions, kernel, uid, probes, notEnforceable }: Attestation): string[] {
  const held = probes.filter((probe) => probe.held).length;
  return [
    `Proved just now: ${held} of ${probes.length} attempts held (${backend} ${versions.backend}, Linux ${kernel}, user ${uid}).`,
    ...notEnforceable.map((item) => `NOT HELD: ${item}`),
  ];
}

/** Forgets what the package of a server was pinned to, and pins what the registry has for it now. */
async function approve({ invocation, io, server, config, mount }: ServerTask): Promise<number> {
  const runner = readRunner(server.command, server.args);
  if (runner === undefined) {
    print(io.stderr, plainText(`"${server.name}" does not install a package; there is nothing to approve.`));
    return exitCodes.usage;
  }
  const key = lockKey(runner);
  const known = approvePackage(lockFileOf(config), key);
  const { version } = (await mount.prepare(server)).installed ?? {};
  if (invocation.flags.json === true) print(io.stdout, JSON.stringify({ package: key, version, renewed: known }));
  else
    print(
      io.stdout,
      plainText(
        `${key} is now pinned to ${version} in ${lockFileOf(config)}. Look at the change there before you keep it.`,
      ),
    );
  return exitCodes.ok;
}
