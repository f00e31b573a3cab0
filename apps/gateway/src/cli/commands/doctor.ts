import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { listKeys } from '@sekisho/auth/keys';
import type { LoadedConfig } from '../../config/load.ts';
import { findUnsafePermission } from '../../config/permissions.ts';
import { examine, type Examined } from '../../doctor/examine.ts';
import type { Facts, KeyFacts, Machine, RunningFacts, Severity } from '../../doctor/finding.ts';
import { openKeyRoom } from '../../mount/key-room.ts';
import { certificateFiles } from '../../transport/certificates.ts';
import { findGateways } from '../admin-client.ts';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { print, type Io } from '../io.ts';
import { ownFolder, secretsFile } from '../locations.ts';
import { readConfig } from '../read-config.ts';
import { createTerminal, oneLine, type Terminal } from '../terminal.ts';

/** `sekisho doctor`: goes through the checklist on the configuration, the machine and the gateway that runs. */
export async function runDoctor(invocation: Invocation, io: Io): Promise<number> {
  const read = await readConfig(invocation, io);
  if (!read.ok) return read.exitCode;
  const { flags } = invocation;
  const stateFolder = flags.state === undefined ? ownFolder(io, 'state') : resolve(io.cwd, String(flags.state));
  const facts = await gatherFacts(read.config, stateFolder, secretsFile(flags, io), io);
  const examined = examine(facts);
  const found = examined.flatMap(({ findings }) => findings);
  const fails = (severity: Severity): boolean =>
    severity === 'danger' || (severity === 'warning' && flags.strict === true);
  if (flags.json === true) print(io.stdout, JSON.stringify(examined, null, 2));
  else tell(examined, io);
  return found.some(({ severity }) => fails(severity)) ? exitCodes.failure : exitCodes.ok;
}

async function gatherFacts(config: LoadedConfig, stateFolder: string, secrets: string, io: Io): Promise<Facts> {
  const gateways = await findGateways(stateFolder).catch(() => []);
  const ours = gateways.find((gateway) => gateway.config === config.file) ?? gateways[0];
  return {
    config,
    running: ours === undefined ? undefined : ((await ours.ask('/status')) as RunningFacts),
    machine: await examineMachine(config, stateFolder, secrets, io),
    keys: await readKeys(stateFolder, io),
    certificateEndsMs: await certificateEnd(config),
    nowMs: io.now(),
  };
}

async function examineMachine(config: LoadedConfig, stateFolder: string, secrets: string, io: Io): Promise<Machine> {
  const room = await statfs(stateFolder).catch(() => undefined);
  const { tls } = config.settings.listen ?? {};
  const secretFiles = [
    secrets,
    ...(tls === undefined ? [] : [certificateFiles(tls, config.file)[1]!]),
    ...(await filesBelow(stateFolder)),
  ];
  const openFiles: { path: string; reason: string }[] = [];
  for (const path of secretFiles) {
    const stats = await stat(path).catch(() => undefined);
    const reason = stats?.isFile() === true ? findUnsafePermission(stats, 'secrets', io.platform) : undefined;
    if (reason !== undefined) openFiles.push({ path, reason });
  }
  return {
    nodeVersion: process.version,
    isRoot: process.getuid?.() === 0,
    env: io.env,
    freeBytes: room === undefined ? undefined : room.bavail * room.bsize,
    openFiles,
  };
}

/** Keys lie in these folders of the state; what servers keep there is their own. */
async function filesBelow(stateFolder: string): Promise<string[]> {
  const folders = ['auth', 'audit-keys', 'admin', 'pii', 'handles'];
  const found = await Promise.all(
    folders.map(async (name) => {
      const entries = await readdir(join(stateFolder, name), { recursive: true }).catch(() => []);
      return entries.map((entry) => join(stateFolder, name, entry));
    }),
  );
  return found.flat();
}

async function readKeys(stateFolder: string, io: Io): Promise<KeyFacts[]> {
  // Looking must not make anything: without a folder there are no keys.
  const there = await stat(join(stateFolder, 'auth')).catch(() => undefined);
  if (there === undefined) return [];
  const { administration } = await openKeyRoom(stateFolder, { now: io.now, platform: io.platform });
  return (await listKeys(administration))
    .filter(({ revokedAtMs, replacedBy, expiresAtMs }) => !revokedAtMs && !replacedBy && expiresAtMs > io.now())
    .map(({ keyId, principal, createdAtMs, expiresAtMs, lastUsedAtMs }) => ({
      id: keyId,
      label: principal,
      createdMs: createdAtMs,
      expiresMs: expiresAtMs,
      lastUsedMs: lastUsedAtMs,
    }));
}

async function certificateEnd({ settings, file }: LoadedConfig): Promise<number | undefined> {
  const { tls } = settings.listen ?? {};
  if (tls === undefined) return undefined;
  const [certificate] = certificateFiles(tls, file);
  const bytes = await readFile(certificate!).catch(() => undefined);
  return bytes === undefined ? undefined : new X509Certificate(bytes).validToDate.getTime();
}

function tell(examined: readonly Examined[], io: Io): void {
  const terminal = createTerminal(io.stdout, io.env);
  for (const { title, result, findings } of examined) {
    if (result === 'skipped') continue;
    const worst = (['danger', 'warning', 'note'] as const).find((one) =>
      findings.some(({ severity }) => severity === one),
    );
    print(io.stdout, `${mark(worst, terminal)} ${title}`);
    for (const { severity, what, remedy } of findings) {
      print(io.stdout, `    ${paint(severity, terminal)(oneLine(what, 600))}`);
      print(io.stdout, `      ${oneLine(remedy, 300)}`);
    }
  }
  const count = (wanted: Severity): number =>
    examined.reduce((sum, { findings }) => sum + findings.filter(({ severity }) => severity === wanted).length, 0);
  const skipped = examined.filter(({ result }) => result === 'skipped').length;
  const rest = skipped === 0 ? '' : ` ${skipped} checks need a gateway that runs.`;
  print(
    io.stdout,
    `\n${count('danger')} dangerous, ${count('warning')} to be warned of, ${count('note')} to know.${rest}`,
  );
}

function mark(worst: Severity | undefined, { style }: Terminal): string {
  if (worst === undefined) return style.green('+');
  return { danger: style.red('x'), warning: style.yellow('!'), note: '-' }[worst];
}

function paint(severity: Severity, { style }: Terminal): (text: string) => string {
  return { danger: style.red, warning: style.yellow, note: (text: string) => text }[severity];
}
