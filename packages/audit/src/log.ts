import { randomBytes, randomFillSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { assembleLog } from './assemble-log.ts';
import { AuditError } from './audit-error.ts';
import type { AuditLog, RecoveryReport } from './audit-log.ts';
import { setInternals } from './log-internals.ts';
import { AUDIT_EVENT_TYPES, isDottedType } from './event-types.ts';
import { Exchanges } from './exchange.ts';
import { resolveSettings } from './log-options.ts';
import type { AuditLogOptions, ResolvedSettings } from './log-options.ts';
import { parseVerifierKey } from './note/checkpoint.ts';
import type { TrustedKey } from './note/checkpoint.ts';
import { verifierKey } from './note/signer.ts';
import { Envelopes } from './privacy/envelopes.ts';
import { SealedBlobs } from './privacy/sealed-blobs.ts';
import { fileSubjectKeyStore, SubjectKeys } from './privacy/subject-keys.ts';
import { nodeFileSystem } from './storage/file-system.ts';
import type { AuditFileSystem } from './storage/file-system.ts';
import { layoutOf } from './storage/layout.ts';
import type { Layout } from './storage/layout.ts';
import { takeWriterLock } from './storage/writer-lock.ts';
import { createUuidV7 } from './uuid.ts';
import { maxWriteBytes } from './writer/batch.ts';
import { genesisHead } from './writer/chain.ts';
import { CheckpointKeeper } from './writer/checkpoint-keeper.ts';
import { Committer } from './writer/committer.ts';
import { Recorder } from './writer/recorder.ts';
import { recover } from './writer/recovery.ts';
import type { Recovered } from './writer/recovery.ts';
import { SegmentFile } from './writer/segment-file.ts';

function checkTypes(types: readonly string[]): void {
  for (const type of types) {
    if (!isDottedType(type)) throw new TypeError(`${JSON.stringify(type)} is not a dotted lower-case type.`);
  }
}

/**
 * Opens the log of one replica, mends what a crash tore and says so in the log, and begins to record.
 * Rejects with AuditError: ERR_AUDIT_LOCKED when another process writes to it, ERR_AUDIT_CHAIN_BROKEN when it was changed,
 * a storage code when it cannot be written. Throws TypeError for options out of range.
 */
export async function createAuditLog<const E extends string = never>(
  options: AuditLogOptions<E>,
): Promise<AuditLog<E>> {
  const settings = resolveSettings(options);
  checkTypes(options.types ?? []);
  const own = parseVerifierKey(verifierKey(options.signer));
  const trusted = [own, ...(options.previousKeys ?? []).map(parseVerifierKey)];
  const fs = options.fileSystem ?? nodeFileSystem();
  const layout = layoutOf(options.directory);
  const keysDirectory = options.keysDirectory ?? `${options.directory}-keys`;
  await fs.makeDirectory(layout.segments);
  await fs.makeDirectory(layout.blobs);
  await fs.makeDirectory(keysDirectory);
  const unlock = await takeWriterLock(fs, layout.lock);
  try {
    return await openLocked(options, settings, { fs, layout, keysDirectory, trusted, unlock });
  } catch (error) {
    await unlock();
    throw error;
  }
}

interface Opened {
  fs: AuditFileSystem;
  layout: Layout;
  keysDirectory: string;
  trusted: readonly TrustedKey[];
  unlock: () => Promise<void>;
}

async function openLocked<E extends string>(
  options: AuditLogOptions<E>,
  settings: ResolvedSettings,
  opened: Opened,
): Promise<AuditLog<E>> {
  const { fs, layout, keysDirectory, trusted } = opened;
  const { signer } = options;
  const recovered = await recover(fs, layout, trusted, maxWriteBytes(settings.maxBatchBytes));
  if (recovered && recovered.origin !== signer.name) {
    throw new AuditError(
      'ERR_AUDIT_CHAIN_BROKEN',
      `The log belongs to ${recovered.origin}, the signer to ${signer.name}.`,
    );
  }
  const now = options.now ?? Date.now;
  const uuid = createUuidV7(options.random ?? ((bytes) => void randomFillSync(bytes)));
  const chainUid = recovered?.chainUid ?? uuid(now());
  const file = new SegmentFile(fs, layout, recovered?.segment);
  let committer: Committer | undefined;
  const keeper = new CheckpointKeeper({
    fs,
    path: layout.checkpoint,
    signer,
    places: options.places ?? [],
    onBusy: (busy) => {
      committer!.checkpointBlocked = busy;
    },
  });
  committer = new Committer({
    ...settings,
    chainUid,
    signer,
    nowMs: now,
    newId: uuid,
    head: recovered?.head ?? genesisHead(),
    open: new Set(recovered?.open),
    file,
    onCheckpoint: (size, root) => keeper.keep(size, root),
  });
  const subjectKeys = new SubjectKeys(options.keys, options.subjectKeys ?? fileSubjectKeyStore(fs, keysDirectory));
  const envelopes = new Envelopes(subjectKeys, chainUid, settings.maxCachedIdentities);
  const blobs = new SealedBlobs(fs, layout.blobs);
  const recorder = new Recorder({
    committer,
    envelopes,
    blobs,
    subjectKeys,
    now,
    monotonicNow: options.monotonicNow ?? (options.now ? undefined : () => performance.now()),
    newId: uuid,
    clockToleranceMs: settings.clockToleranceMs,
    lastTimeMs: recovered?.lastTimeMs ?? 0,
    types: new Set<string>([...AUDIT_EVENT_TYPES, ...(options.types ?? [])]),
    durability: settings.durability,
    observers: options.observers ?? [],
  });
  const exchanges = new Exchanges(recorder, () => randomBytes(16).toString('hex'), settings.durability, now);
  const log = assembleLog<E>({
    options,
    settings,
    unlock: opened.unlock,
    committer,
    keeper,
    recorder,
    exchanges,
    chainUid,
    subjectKeys,
    file,
    recovery: reportOf(recovered),
  });
  setInternals(log, {
    fs,
    layout,
    keysDirectory,
    subjectKeys,
    envelopes,
    blobs,
    trusted,
    now,
    flush: () => committer.idle(),
    activeSegment: () => file.active?.firstSeq ?? 0,
  });
  return begin(log, recorder, recovered);
}

function reportOf(recovered: Recovered | undefined): RecoveryReport | undefined {
  return (
    recovered && {
      cleanlyStopped: recovered.cleanlyStopped,
      torn: recovered.torn,
      closedExchanges: recovered.open.size,
    }
  );
}

/** The first records of a run: that it began, and what the last one left behind. */
async function begin<E extends string>(
  log: AuditLog<E>,
  recorder: Recorder,
  recovered: Recovered | undefined,
): Promise<AuditLog<E>> {
  const run = { chain: log.chainUid, origin: log.origin, key: log.verifierKey, pid: process.pid };
  await recorder.record({ type: 'audit.started', outcome: 'ok', detail: run }, 'strict');
  if (recovered) {
    const { torn, unsigned, open, cleanlyStopped } = recovered;
    const crashed = !cleanlyStopped || torn !== undefined || open.size > 0;
    const tornFacts = torn ? { torn_bytes: torn.bytes, torn_lines: torn.lines, torn_sha256: torn.sha256 } : {};
    const detail = { ...tornFacts, unsigned_records: unsigned, open_exchanges: open.size };
    const records = crashed
      ? [recorder.record({ type: 'gateway.crashed_recovered', outcome: 'ok', severity: 'high', detail }, 'strict')]
      : [];
    for (const id of open) {
      const exchange = { id, phase: 'terminal' as const };
      const reason = { reason: 'the process ended before the exchange did' };
      records.push(
        recorder.record(
          { type: 'gateway.crashed_recovered', outcome: 'unknown', stream: 'exchange', exchange, detail: reason },
          'strict',
        ),
      );
    }
    await Promise.all(records);
  }
  await log.checkpoint();
  return log;
}
