import { join } from 'node:path';
import type { AuditLog } from '../audit-log.ts';
import type { Identity, SubjectName } from '../event.ts';
import { internalsOf } from '../log-internals.ts';
import type { LogInternals } from '../log-internals.ts';
import { listLegalHolds } from './legal-hold.ts';
import { collectSubject } from './subject-records.ts';

/** Something that keeps rows derived from the log: an index, a database a sink writes to. */
export interface DerivedRows {
  readonly name: string;
  /** Deletes what it holds under these pseudonyms; resolves with the number of rows. Must be safe to repeat. */
  forget(subject: { subj: string; refs: readonly string[] }): Promise<number>;
}

export interface EraseOptions {
  subject: SubjectName;
  /** Who asked for it; sealed like any identity. */
  by?: Identity;
  /** Indexes and sinks to be told. */
  derived?: readonly DerivedRows[];
}

export interface EraseResult {
  /** `held`: a legal hold forbids it, nothing was changed. `unknown`: the log has no key of the subject (any more). */
  status: 'erased' | 'unknown' | 'held';
  /** Records that can no longer be attributed. */
  records: number;
  blobs: number;
  exports: number;
  derivedRows: number;
}

interface PendingErasure {
  tableId: string;
  subj: string;
}

const NOTHING = { records: 0, blobs: 0, exports: 0, derivedRows: 0 };

function pendingFolder(internals: LogInternals): string {
  return join(internals.keysDirectory, 'erasing');
}

/**
 * Forgets a subject: destroys its key, and with it every identity, pseudonym and captured content ever written under it;
 * deletes blobs, exports kept in the log's folder and derived rows; records `gdpr.erasure_requested` and
 * `gdpr.erasure_done`. Chain, tree and old checkpoints stay valid, for they cover the ciphertext.
 * A crash in between is finished by `resumeErasures`. Rejects with AuditError of the storage codes.
 * Does not reach: backups of the key folder, copies of exports made elsewhere, what `detail` held in the clear.
 */
export async function eraseSubject(log: AuditLog<string>, options: EraseOptions): Promise<EraseResult> {
  const internals = internalsOf(log);
  const { subjectKeys, fs } = internals;
  const tableId = subjectKeys.tableId(options.subject);
  const actor = options.by ? { actor: options.by } : {};
  if ((await listLegalHolds(log)).some((hold) => hold.tableId === undefined || hold.tableId === tableId)) {
    await log.record({ type: 'gdpr.erasure_requested', outcome: 'denied', ...actor, detail: { reason: 'legal hold' } });
    return { status: 'held', ...NOTHING };
  }
  const keys = await subjectKeys.find(options.subject);
  if (!keys) {
    await log.record({
      type: 'gdpr.erasure_requested',
      outcome: 'ok',
      ...actor,
      detail: { reason: 'no key of the subject' },
    });
    return { status: 'unknown', ...NOTHING };
  }
  await log.record({ type: 'gdpr.erasure_requested', outcome: 'ok', ...actor, detail: { subj_ref: keys.subj } });
  await fs.makeDirectory(pendingFolder(internals));
  const pending: PendingErasure = { tableId, subj: keys.subj };
  await fs.replaceFile(join(pendingFolder(internals), `${keys.subj}.json`), Buffer.from(JSON.stringify(pending)));
  return finishErasure(log, internals, pending, options);
}

/** Completes erasures that a crash interrupted; call it after opening the log, with the same derived rows. Returns their number. */
export async function resumeErasures(
  log: AuditLog<string>,
  options: Pick<EraseOptions, 'derived'> = {},
): Promise<number> {
  const internals = internalsOf(log);
  let count = 0;
  for (const name of await internals.fs.list(pendingFolder(internals))) {
    const bytes = name.endsWith('.json')
      ? await internals.fs.readFile(join(pendingFolder(internals), name))
      : undefined;
    if (!bytes) continue;
    await finishErasure(log, internals, JSON.parse(bytes.toString()) as PendingErasure, options);
    count += 1;
  }
  return count;
}

async function finishErasure(
  log: AuditLog<string>,
  internals: LogInternals,
  { tableId, subj }: PendingErasure,
  options: Pick<EraseOptions, 'by' | 'derived'>,
): Promise<EraseResult> {
  const { fs, layout, subjectKeys, envelopes, blobs } = internals;
  // First the key: from here on nothing readable is left, whatever happens to the rest.
  await subjectKeys.destroy(tableId);
  envelopes.forget(tableId);
  await internals.flush();
  const found = await collectSubject(fs, layout, subj);
  let removedBlobs = 0;
  for (const sha256 of found.blobs) if (await blobs.remove(sha256)) removedBlobs += 1;
  let removedExports = 0;
  for (const name of await fs.list(layout.exports)) {
    if (!name.startsWith(`${subj}-`)) continue;
    await fs.remove(join(layout.exports, name));
    removedExports += 1;
  }
  const subject = { subj, refs: [...found.refs] };
  let derivedRows = 0;
  for (const derived of options.derived ?? []) derivedRows += await derived.forget(subject);
  const result = { records: found.seqs.length, blobs: removedBlobs, exports: removedExports, derivedRows };
  const actor = options.by ? { actor: options.by } : {};
  const counts = { records: result.records, blobs: removedBlobs, exports: removedExports, derived_rows: derivedRows };
  await log.record({ type: 'gdpr.erasure_done', outcome: 'ok', ...actor, detail: { subj_ref: subj, ...counts } });
  await fs.remove(join(pendingFolder(internals), `${subj}.json`));
  return { status: 'erased', ...result };
}
