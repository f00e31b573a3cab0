import { randomBytes, randomFillSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { AuditError } from './audit-error.ts';
import type { AuditEvent, Durability, Receipt, SubjectName } from './event.ts';
import { AUDIT_EVENT_TYPES, isChangeType, isDottedType, SELF_WRITTEN_TYPES } from './event-types.ts';
import { Exchanges } from './exchange.ts';
import type { Exchange, ExchangeOptions } from './exchange.ts';
import { resolveSettings } from './log-options.ts';
import type { AuditLogOptions, ResolvedSettings } from './log-options.ts';
import { parseVerifierKey } from './note/checkpoint.ts';
import type { TrustedKey } from './note/checkpoint.ts';
import { verifierKey } from './note/signer.ts';
import { Envelopes, macWith } from './privacy/envelopes.ts';
import { SealedBlobs } from './privacy/sealed-blobs.ts';
import { fileSubjectKeyStore, SubjectKeys } from './privacy/subject-keys.ts';
import { nodeFileSystem } from './storage/file-system.ts';
import type { AuditFileSystem } from './storage/file-system.ts';
import { layoutOf } from './storage/layout.ts';
import type { Layout } from './storage/layout.ts';
import { takeWriterLock } from './storage/writer-lock.ts';
import { createUuidV7 } from './uuid.ts';
import { BATCH_OVERHEAD_BYTES } from './writer/batch.ts';
import { genesisHead } from './writer/chain.ts';
import { CheckpointKeeper } from './writer/checkpoint-keeper.ts';
import type { PlaceState } from './writer/checkpoint-keeper.ts';
import { Committer } from './writer/committer.ts';
import { Recorder } from './writer/recorder.ts';
import { recover } from './writer/recovery.ts';
import type { Recovered } from './writer/recovery.ts';
import { SegmentFile } from './writer/segment-file.ts';

/** Figures about the running log; everything is since it was opened unless it says otherwise. */
export interface AuditLogState {
  /** Durable records of the whole log. */
  size: number;
  queuedRecords: number;
  queuedBytes: number;
  openExchanges: number;
  /** Terminal records the disk refused and that are still to be written. */
  owedTerminals: number;
  /** Records refused or dropped. */
  refusedRecords: number;
  /** Records after the newest checkpoint in the log. */
  unsignedRecords: number;
  /** Tree size of the checkpoint file. */
  checkpointSize: number;
  stalled: boolean;
  lastError: unknown;
  lastSignerError: unknown;
  places: readonly PlaceState[];
}

/** What opening found after the last stop. */
export interface RecoveryReport {
  cleanlyStopped: boolean;
  torn: Recovered['torn'];
  /** Exchanges that had no terminal record and were given one. */
  closedExchanges: number;
}

export interface AuditLog<E extends string = never> extends AsyncDisposable {
  readonly directory: string;
  readonly chainUid: string;
  readonly origin: string;
  /** For auditors: what the verifiers take as `--key`. */
  readonly verifierKey: string;
  /** Undefined for a new log. */
  readonly recovery: RecoveryReport | undefined;
  /**
   * Resolves when the record is on disk (at once in `relaxed` mode). Changes of configuration, keys, policy and pins are
   * never relaxed unless asked for in the call. Rejects with AuditError: ERR_AUDIT_STORAGE_FULL, ERR_AUDIT_STORAGE_FAILED,
   * ERR_AUDIT_QUEUE_FULL, ERR_AUDIT_TIMEOUT, ERR_AUDIT_KEY_FAILED or ERR_AUDIT_CLOSED; answer 503 with `retryAfterSeconds`
   * then. Throws TypeError for a type that is not on the list.
   * Does not check that `detail` and `target.name` are free of personal data.
   */
  record(event: AuditEvent<E>, options?: { durability?: Durability }): Promise<Receipt>;
  /** Starts an exchange that will have exactly one terminal record. */
  exchange(options?: ExchangeOptions<E>): Exchange<E>;
  /** The hash under which `content` would be found in `args_mac`, `result_mac`, `uri_mac` or `id_mac`. */
  mac(content: string | Uint8Array, subject?: SubjectName): Promise<string | undefined>;
  /** Signs a checkpoint now; resolves when it is in the log and in the checkpoint file. */
  checkpoint(): Promise<void>;
  state(): AuditLogState;
  /** Writes `audit.stopped` and a last checkpoint; resolves when both are on disk. Safe to call twice. */
  close(): Promise<void>;
}

/** What the functions on a log (erase, export, purge) need beyond its public face. */
export interface LogInternals {
  fs: AuditFileSystem;
  layout: Layout;
  keysDirectory: string;
  subjectKeys: SubjectKeys;
  envelopes: Envelopes;
  blobs: SealedBlobs;
  trusted: readonly TrustedKey[];
  now: () => number;
  flush: () => Promise<void>;
  activeSegment: () => number;
}

const internals = new WeakMap<object, LogInternals>();

/** Throws TypeError when the value was not made by `createAuditLog`. */
export function internalsOf(log: object): LogInternals {
  const found = internals.get(log);
  if (!found) throw new TypeError('This is not a log made by createAuditLog.');
  return found;
}

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
export async function createAuditLog<const E extends string = never>(options: AuditLogOptions<E>): Promise<AuditLog<E>> {
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

async function openLocked<E extends string>(options: AuditLogOptions<E>, settings: ResolvedSettings, opened: Opened): Promise<AuditLog<E>> {
  const { fs, layout, keysDirectory, trusted } = opened;
  const { signer } = options;
  const recovered = await recover(fs, layout, trusted, settings.maxBatchBytes + BATCH_OVERHEAD_BYTES);
  if (recovered && recovered.origin !== signer.name) {
    throw new AuditError('ERR_AUDIT_CHAIN_BROKEN', `The log belongs to ${recovered.origin}, the signer to ${signer.name}.`);
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
  });
  const exchanges = new Exchanges(recorder, () => randomBytes(16).toString('hex'), settings.durability);
  const log = assemble<E>({ options, settings, opened, committer, keeper, recorder, exchanges, chainUid, subjectKeys, file, recovery: reportOf(recovered) });
  internals.set(log, {
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
  return recovered && { cleanlyStopped: recovered.cleanlyStopped, torn: recovered.torn, closedExchanges: recovered.open.size };
}

/** The first records of a run: that it began, and what the last one left behind. */
async function begin<E extends string>(log: AuditLog<E>, recorder: Recorder, recovered: Recovered | undefined): Promise<AuditLog<E>> {
  const run = { chain: log.chainUid, origin: log.origin, key: log.verifierKey, pid: process.pid };
  await recorder.record({ type: 'audit.started', outcome: 'ok', detail: run }, 'strict');
  if (recovered) {
    const { torn, unsigned, open, cleanlyStopped } = recovered;
    const crashed = !cleanlyStopped || torn !== undefined || open.size > 0;
    const tornFacts = torn ? { torn_bytes: torn.bytes, torn_lines: torn.lines, torn_sha256: torn.sha256 } : {};
    const detail = { ...tornFacts, unsigned_records: unsigned, open_exchanges: open.size };
    const records = crashed ? [recorder.record({ type: 'gateway.crashed_recovered', outcome: 'ok', severity: 'high', detail }, 'strict')] : [];
    for (const id of open) {
      const exchange = { id, phase: 'terminal' as const };
      const reason = { reason: 'the process ended before the exchange did' };
      records.push(recorder.record({ type: 'gateway.crashed_recovered', outcome: 'unknown', stream: 'exchange', exchange, detail: reason }, 'strict'));
    }
    await Promise.all(records);
  }
  await log.checkpoint();
  return log;
}

interface Parts<E extends string> {
  options: AuditLogOptions<E>;
  settings: ResolvedSettings;
  opened: Opened;
  committer: Committer;
  keeper: CheckpointKeeper;
  recorder: Recorder;
  exchanges: Exchanges;
  chainUid: string;
  subjectKeys: SubjectKeys;
  file: SegmentFile;
  recovery: RecoveryReport | undefined;
}

function assemble<E extends string>(parts: Parts<E>): AuditLog<E> {
  const { options, settings, committer, keeper, recorder, exchanges, chainUid, subjectKeys } = parts;
  let closing: Promise<void> | undefined;
  const timer = startTimer(settings.checkpointEveryMs, () => {
    if (exchanges.owed > 0) exchanges.payOwed();
    if (committer.state.unsignedRecords > 0 || !committer.refusals.isEmpty) committer.requestCheckpoint();
  });
  const checkpoint = async (): Promise<void> => {
    // A checkpoint may be under way that began before the last record; wait it out, then make one that covers everything.
    await keeper.idle();
    committer.requestCheckpoint();
    await committer.idle();
    await keeper.idle();
    const failure = committer.state.lastSignerError ?? keeper.lastError ?? committer.state.lastError;
    if (failure !== undefined) throw failure;
  };
  const close = async (): Promise<void> => {
    clearInterval(timer);
    try {
      await committer.idle();
      exchanges.payOwed();
      await recorder.record({ type: 'audit.stopped', outcome: 'ok' }, 'strict');
      await checkpoint();
    } finally {
      committer.close();
      await committer.idle();
      await keeper.idle();
      await parts.file.close();
      await parts.opened.unlock();
    }
  };
  const closed = (): AuditError => new AuditError('ERR_AUDIT_CLOSED', 'The log is closed.');
  const log: AuditLog<E> = {
    directory: options.directory,
    chainUid,
    origin: options.signer.name,
    verifierKey: verifierKey(options.signer),
    recovery: parts.recovery,
    record(event, { durability } = {}) {
      if (closing) return Promise.reject(closed());
      if (SELF_WRITTEN_TYPES.has(event.type)) throw new TypeError(`${event.type} is written by the log itself.`);
      if (exchanges.owed > 0) exchanges.payOwed();
      return recorder.record(event, durability ?? (isChangeType(event.type) ? 'strict' : settings.durability));
    },
    exchange(exchangeOptions = {}) {
      if (closing) throw closed();
      return exchanges.open(exchangeOptions);
    },
    async mac(content, subject) {
      if (!subject) return macWith(subjectKeys.logMacKey)(content);
      const keys = await subjectKeys.find(subject);
      return keys && macWith(keys.mac)(content);
    },
    checkpoint,
    state() {
      const { size, state } = committer;
      return { size, ...state, owedTerminals: exchanges.owed, checkpointSize: keeper.size, places: keeper.places.map((one) => ({ ...one })) };
    },
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => log.close(),
  };
  return log;
}

function startTimer(everyMs: number, tick: () => void): NodeJS.Timeout | undefined {
  return everyMs > 0 ? setInterval(tick, everyMs).unref() : undefined;
}
