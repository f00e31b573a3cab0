import type { AuditLog } from '../audit-log.ts';
import type { AuditRecord, SubjectName } from '../event.ts';
import { internalsOf } from '../log-internals.ts';
import { openEnvelope } from './envelopes.ts';
import type { SealedIdentity } from './envelopes.ts';

/** The pseudonym of a subject, to look its references up in an index; undefined when it has no key (any more). */
export async function subjectPseudonym(log: AuditLog<string>, subject: SubjectName): Promise<string | undefined> {
  return (await internalsOf(log).subjectKeys.find(subject))?.subj;
}

/**
 * Opens an envelope record, given the subject it may be of; undefined when it belongs to another or was erased.
 * An envelope alone does not tell whose it is: that is what makes erasure possible.
 */
export async function openIdentity(
  log: AuditLog<string>,
  record: AuditRecord,
  subject: SubjectName,
): Promise<SealedIdentity | undefined> {
  const keys = await internalsOf(log).subjectKeys.find(subject);
  if (!keys || !record.envelope || record.envelope.subj !== keys.subj) return undefined;
  return openEnvelope(keys, log.chainUid, record.envelope);
}

/** Content captured with a record, given the subject it was captured under; undefined when there is none or it was erased. */
export async function openCapture(log: AuditLog<string>, record: AuditRecord, subject: SubjectName): Promise<unknown> {
  const { subjectKeys, blobs } = internalsOf(log);
  const keys = await subjectKeys.find(subject);
  return keys && record.blob ? blobs.load(keys, record.blob.sha256) : undefined;
}
