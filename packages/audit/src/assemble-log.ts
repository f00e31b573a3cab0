import { AuditError } from './audit-error.ts';
import type { AuditLog, RecoveryReport } from './audit-log.ts';
import { isChangeType, SELF_WRITTEN_TYPES } from './event-types.ts';
import type { Exchanges } from './exchange.ts';
import type { AuditLogOptions, ResolvedSettings } from './log-options.ts';
import { verifierKey } from './note/signer.ts';
import { macWith } from './privacy/mac.ts';
import type { SubjectKeys } from './privacy/subject-keys.ts';
import type { CheckpointKeeper } from './writer/checkpoint-keeper.ts';
import type { Committer } from './writer/committer.ts';
import type { Recorder } from './writer/recorder.ts';
import type { SegmentFile } from './writer/segment-file.ts';

export interface LogParts<E extends string> {
  options: AuditLogOptions<E>;
  settings: ResolvedSettings;
  unlock: () => Promise<void>;
  committer: Committer;
  keeper: CheckpointKeeper;
  recorder: Recorder;
  exchanges: Exchanges;
  chainUid: string;
  subjectKeys: SubjectKeys;
  file: SegmentFile;
  recovery: RecoveryReport | undefined;
}

/** Puts the public face on the parts of an open log. */
export function assembleLog<E extends string>(parts: LogParts<E>): AuditLog<E> {
  const { options, settings, committer, keeper, recorder, exchanges, chainUid, subjectKeys } = parts;
  let closing: Promise<void> | undefined;
  const timer = startTimer(settings.checkpointEveryMs, () => {
    if (exchanges.owed > 0 && !committer.failing) exchanges.payOwed();
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
      await parts.unlock();
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
      if (exchanges.owed > 0 && !committer.failing) exchanges.payOwed();
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
      return {
        size,
        ...state,
        owedTerminals: exchanges.owed,
        observerErrors: recorder.observerErrors,
        checkpointSize: keeper.size,
        places: keeper.places.map((one) => ({ ...one })),
      };
    },
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => log.close(),
  };
  return log;
}

function startTimer(everyMs: number, tick: () => void): NodeJS.Timeout | undefined {
  return everyMs > 0 ? setInterval(tick, everyMs).unref() : undefined;
}
