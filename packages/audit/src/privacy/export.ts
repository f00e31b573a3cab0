import { hash } from 'node:crypto';
import { join } from 'node:path';
import { AuditError } from '../audit-error.ts';
import type { AuditLog } from '../audit-log.ts';
import type { Identity, SubjectName } from '../event.ts';
import { internalsOf } from '../log-internals.ts';
import { inclusionPath } from '../merkle/proofs.ts';
import { formatProof, openSignedTree } from '../read/proof.ts';
import { openEnvelope } from './envelopes.ts';
import { collectSubject } from './subject-records.ts';

export interface ExportOptions {
  subject: SubjectName;
  by?: Identity;
  /**
   * Folder to write to; made if missing. Default: a new folder below the log's own, which an erasure deletes. A folder
   * given here is the caller's to delete.
   */
  outputDirectory?: string;
}

export interface ExportResult {
  status: 'exported' | 'unknown';
  directory: string | undefined;
  records: number;
}

/**
 * Writes all a log holds of a subject (GDPR Art. 15 and 20): `records.ndjson` with one object per record (the record's line
 * as text, its proof, the opened identity and captured content) and `manifest.json`. Records `gdpr.export`.
 * The records are covered by a fresh checkpoint, so each has a proof an outsider can check with `checkProof`.
 */
export async function exportSubject(log: AuditLog<string>, options: ExportOptions): Promise<ExportResult> {
  const internals = internalsOf(log);
  const { fs, layout, subjectKeys, blobs } = internals;
  const keys = await subjectKeys.find(options.subject);
  const actor = options.by ? { actor: options.by } : {};
  if (!keys) {
    await log.record({
      type: 'gdpr.export',
      outcome: 'ok',
      ...actor,
      detail: { records: 0, reason: 'no key of the subject' },
    });
    return { status: 'unknown', directory: undefined, records: 0 };
  }
  await log.record({ type: 'gdpr.export', outcome: 'ok', ...actor, detail: { subj_ref: keys.subj } });
  await log.checkpoint();
  const directory = options.outputDirectory ?? join(layout.exports, `${keys.subj}-${internals.now()}`);
  const lines: { seq: number; line: string; envelope?: string; blob?: string }[] = [];
  const found = await collectSubject(fs, layout, keys.subj, (record, line) => {
    lines.push({
      seq: record.seq,
      line: line.toString(),
      ...(record.envelope ? { envelope: record.envelope.actor_ref } : {}),
      ...(record.blob ? { blob: record.blob.sha256 } : {}),
    });
  });
  const envelopeByRef = new Map(found.envelopes.map((envelope) => [envelope.actor_ref, envelope]));
  const tree = await openSignedTree(fs, layout, internals.trusted);
  const out: string[] = [];
  for (const { seq, line, envelope, blob } of lines) {
    if (seq >= tree.checkpoint.size) continue;
    const sealed = envelope === undefined ? undefined : envelopeByRef.get(envelope);
    const path = await inclusionPath(tree.read, seq, tree.checkpoint.size);
    out.push(
      JSON.stringify({
        seq,
        record: line,
        proof: formatProof(seq, path, tree.note),
        ...(sealed ? { identity: openEnvelope(keys, log.chainUid, sealed) } : {}),
        ...(blob === undefined ? {} : { captured: (await blobs.load(keys, blob)) ?? null }),
      }),
    );
  }
  const bytes = Buffer.from(out.map((one) => `${one}\n`).join(''));
  const manifest = {
    v: 1,
    origin: log.origin,
    chain: log.chainUid,
    key: log.verifierKey,
    subject: options.subject,
    made_at_ms: internals.now(),
    records: out.length,
    sha256: hash('sha256', bytes, 'hex'),
    checkpoint: tree.note,
  };
  try {
    await fs.makeDirectory(directory);
    await fs.replaceFile(join(directory, 'records.ndjson'), bytes);
    await fs.replaceFile(join(directory, 'manifest.json'), Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`));
  } catch (cause) {
    throw new AuditError('ERR_AUDIT_STORAGE_FAILED', 'The export could not be written.', { cause });
  }
  return { status: 'exported', directory, records: out.length };
}
