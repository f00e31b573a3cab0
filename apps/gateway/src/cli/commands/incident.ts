import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ed25519Signer, verifierKey } from '@sekisho/audit';
import { auditFolders } from '../../audit/folders.ts';
import { readKeyMaterial } from '../../audit/open-log.ts';
import { gatherEvidence, EvidenceError } from '../../incident/evidence.ts';
import {
  IsolationError,
  readIsolations,
  withIsolation,
  withoutIsolation,
  writeIsolations,
  type Isolation,
  type IsolationKind,
} from '../../incident/isolations.ts';
import { findGateways, type RunningGateway } from '../admin-client.ts';
import { findLogs } from '../audit-logs.ts';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { print, type Io } from '../io.ts';
import { findConfigFile, ownFolder } from '../locations.ts';
import { readConfigQuietly } from '../read-config.ts';
import { oneLine, plainText } from '../terminal.ts';

const waitMs = 3_000;
const lookMs = 50;

type Task = {
  readonly words: readonly string[];
  readonly flags: Invocation['flags'];
  readonly io: Io;
  readonly stateFolder: string;
};

const actions: Readonly<Record<string, (task: Task) => Promise<number>>> = {
  isolate: (task) => change(task, 'isolate'),
  release: (task) => change(task, 'release'),
  list,
  evidence,
};

/** `sekisho incident isolate|release|list|evidence`. */
export async function runIncident({ flags, positionals }: Invocation, io: Io): Promise<number> {
  const [action = 'list', ...words] = positionals;
  const run = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (run === undefined) {
    print(io.stderr, `There is no "incident ${plainText(action)}". Known: ${Object.keys(actions).join(', ')}.`);
    return exitCodes.usage;
  }
  const stateFolder = flags.state === undefined ? ownFolder(io, 'state') : resolve(io.cwd, String(flags.state));
  try {
    return await run({ words, flags, io, stateFolder });
  } catch (error) {
    if (!(error instanceof IsolationError || error instanceof EvidenceError)) throw error;
    print(io.stderr, error.message);
    return exitCodes.failure;
  }
}

async function change({ words, flags, io, stateFolder }: Task, what: 'isolate' | 'release'): Promise<number> {
  const [kind, name = ''] = words;
  if (!isKind(kind) || (kind === 'all') !== (name === '')) {
    print(io.stderr, `What is meant? Usage: ${io.program} incident ${what} server <name> | principal <id> | all`);
    return exitCodes.usage;
  }
  const before = await readIsolations(stateFolder);
  const known = before.some((one) => one.kind === kind && one.name === name);
  if (what === 'release' && !known) {
    print(io.stderr, `${describe(kind, name)} is not isolated. "${io.program} incident list" shows what is.`);
    return exitCodes.failure;
  }
  const sinceMs = io.now();
  const reason = flags.reason === undefined ? '' : String(flags.reason);
  await writeIsolations(
    stateFolder,
    what === 'isolate' ? withIsolation(before, { kind, name, reason, sinceMs }) : withoutIsolation(before, kind, name),
  );
  const gateways = await findGateways(stateFolder);
  const done = await Promise.all(gateways.map((gateway) => isInForce(gateway, { kind, name }, what === 'isolate')));
  const late = done.filter((inForce) => !inForce).length;
  if (flags.json === true)
    print(
      io.stdout,
      JSON.stringify({ action: what, kind, name, gateways: gateways.length, confirmed: gateways.length - late }),
    );
  else {
    const verb = what === 'isolate' ? 'is isolated' : 'is released';
    const where =
      gateways.length === 0
        ? 'No gateway runs; it holds from the next start on.'
        : `${gateways.length - late} of ${gateways.length} running gateway${gateways.length === 1 ? '' : 's'} confirmed it.`;
    print(io.stdout, `${describe(kind, name)} ${verb}. ${where}`);
    if (what === 'isolate')
      print(io.stdout, `Take it back with: ${io.program} incident release ${[kind, name].filter(Boolean).join(' ')}`);
  }
  return late === 0 ? exitCodes.ok : exitCodes.failure;
}

/** Asks until the gateway says so itself: an isolation that is only written down stops nobody. */
async function isInForce(
  gateway: RunningGateway,
  { kind, name }: Pick<Isolation, 'kind' | 'name'>,
  wanted: boolean,
): Promise<boolean> {
  for (let waitedMs = 0; waitedMs <= waitMs; waitedMs += lookMs) {
    const { isolations = [] } = (await gateway.ask('/status')) as { isolations?: readonly Isolation[] };
    if (isolations.some((one) => one.kind === kind && one.name === name) === wanted) return true;
    await wait(lookMs);
  }
  return false;
}

async function list({ flags, io, stateFolder }: Task): Promise<number> {
  const isolations = await readIsolations(stateFolder);
  if (flags.json === true) print(io.stdout, JSON.stringify(isolations, null, 2));
  else if (isolations.length === 0) print(io.stdout, 'Nothing is isolated.');
  for (const { kind, name, reason, sinceMs } of flags.json === true ? [] : isolations)
    print(
      io.stdout,
      `${describe(kind, name)}, since ${new Date(sinceMs).toISOString()}${reason === '' ? '' : `: ${oneLine(reason)}`}`,
    );
  return exitCodes.ok;
}

async function evidence({ words: [folder], flags, io, stateFolder }: Task): Promise<number> {
  if (folder === undefined) {
    print(io.stderr, `Where to? Usage: ${io.program} incident evidence <folder>`);
    return exitCodes.usage;
  }
  const config = await readConfigQuietly({ flags }, io);
  const found = await findConfigFile(flags, io);
  const { logs, settings } = await findLogs(stateFolder, config?.settings.audit ?? {});
  const keys = await readKeyMaterial(auditFolders(stateFolder), settings);
  for (const { gateway } of logs) await gateway?.ask('/audit/checkpoint', {});
  const [gateway] = await findGateways(stateFolder);
  const report = await gatherEvidence({
    target: resolve(io.cwd, folder),
    logs: logs.map(({ replica, directory }) => ({
      replica,
      directory,
      verifierKey: verifierKey(ed25519Signer({ ...keys, name: `${keys.origin}/${replica}` })),
    })),
    configFiles: config === undefined ? ('file' in found ? [found.file] : []) : [...config.files.keys()],
    status: gateway === undefined ? undefined : ((await gateway.ask('/status')) as object),
    isolations: await readIsolations(stateFolder),
    versions: { sekisho: io.version, node: process.version, platform: `${process.platform} ${process.arch}` },
    privateKey: keys.privateKey,
    nowMs: io.now(),
  });
  if (flags.json === true) print(io.stdout, JSON.stringify({ folder: resolve(io.cwd, folder), ...report }));
  else {
    print(
      io.stdout,
      `${report.files} files, ${report.bytes} bytes, are in ${resolve(io.cwd, folder)}, signed by the key of the record.`,
    );
    print(io.stdout, `Write down the digest of the manifest, apart from the bundle: ${report.sha256}`);
  }
  return exitCodes.ok;
}

function isKind(word: string | undefined): word is IsolationKind {
  return word === 'server' || word === 'principal' || word === 'all';
}

function describe(kind: IsolationKind, name: string): string {
  return kind === 'all' ? 'Everything' : `The ${kind} "${oneLine(name, 100)}"`;
}
