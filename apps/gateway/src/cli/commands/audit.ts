import { ed25519Signer, verifierKey } from '@sekisho/audit';
import { readKeyMaterial } from '../../audit/open-log.ts';
import type { AuditSettings } from '../../audit/settings.ts';
import { createSecretSet } from '../../config/secret-set.ts';
import { loadConfig } from '../../config/load.ts';
import { findLogs, type LocalLog } from '../audit-logs.ts';
import type { AuditTask } from '../audit-task.ts';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { findNearest } from '../../config/nearest.ts';
import { print, type Io } from '../io.ts';
import { findConfigFile, ownFolder, secretsFile } from '../locations.ts';
import { plainText } from '../terminal.ts';
import { auditProof, auditQuery, auditReport, auditTail, auditVerify } from './audit-read.ts';
import { auditErase, auditExport, auditHold, auditPurge } from './audit-write.ts';

const actions: Readonly<Record<string, (task: AuditTask) => Promise<number>>> = {
  verify: auditVerify,
  tail: auditTail,
  query: auditQuery,
  proof: auditProof,
  report: auditReport,
  erase: auditErase,
  export: auditExport,
  hold: auditHold,
  purge: auditPurge,
};

/** `sekisho audit verify|tail|query|proof|erase|export|report|hold|purge`. */
export async function runAudit({ flags, positionals }: Invocation, io: Io): Promise<number> {
  const [action = 'verify', ...words] = positionals;
  const run = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (run === undefined) {
    const nearest = findNearest(action, Object.keys(actions));
    const hint = nearest === undefined ? `Known: ${Object.keys(actions).join(', ')}.` : `Did you mean "${nearest}"?`;
    print(io.stderr, `There is no "audit ${plainText(action)}". ${hint}`);
    return exitCodes.usage;
  }
  const stateFolder = flags.state === undefined ? ownFolder(io, 'state') : String(flags.state);
  const settings = await settingsOfRecord(flags, io);
  const wanted = flags.replica === undefined ? undefined : String(flags.replica);
  const all = await findLogs(stateFolder, settings, wanted);
  if (all.logs.length === 0) {
    print(
      io.stderr,
      `There is no record in ${all.folders.logs}. A gateway begins one at its first start: ${io.program}`,
    );
    return exitCodes.failure;
  }
  try {
    const keys = await readKeyMaterial(all.folders, settings);
    const one = all.logs.length === 1 ? all.logs[0] : undefined;
    const keysOf = ({ replica }: LocalLog): string[] =>
      flags.key === undefined
        ? [verifierKey(ed25519Signer({ ...keys, name: `${keys.origin}/${replica}` }))]
        : String(flags.key).split(',');
    return await run({ words, flags, io, all, one, keys, keysOf });
  } catch (error) {
    const code = (error as { code?: string }).code;
    const what = error instanceof Error ? error.message : String(error);
    print(io.stderr, plainText(code === undefined ? what : `${code}: ${what}`));
    return exitCodes.failure;
  }
}

/** What the configuration says about keys, where there is one: a log that it signs can be opened by no other. */
async function settingsOfRecord(flags: Invocation['flags'], io: Io): Promise<AuditSettings> {
  const found = await findConfigFile(flags, io);
  if ('missing' in found) return {};
  const { env, home, platform } = io;
  const options = {
    file: found.file,
    env,
    home,
    platform,
    secretsFile: secretsFile(flags, io),
    secrets: createSecretSet(),
  };
  const result = await loadConfig(options);
  return result.ok ? (result.config.settings.audit ?? {}) : {};
}
