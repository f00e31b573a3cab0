import type { AuditRecord, EnvelopeFields } from '../event.ts';
import type { AuditFileSystem } from '../storage/file-system.ts';
import type { Layout } from '../storage/layout.ts';
import { parseLine, readLines } from '../read/records.ts';

/** What the log holds of one subject. */
export interface SubjectRecords {
  envelopes: EnvelopeFields[];
  refs: Set<string>;
  /** Hashes of the sealed blobs. */
  blobs: Set<string>;
  seqs: number[];
}

/** True when the record speaks of one of these references. */
export function mentions(record: AuditRecord, refs: ReadonlySet<string>): boolean {
  return [record.actor_ref, record.src_ref, record.envelope?.actor_ref].some(
    (ref) => ref !== undefined && refs.has(ref),
  );
}

/** Finds everything under a pseudonym by reading the log once; `visit` sees each line that belongs to the subject. */
export async function collectSubject(
  fs: AuditFileSystem,
  layout: Layout,
  subj: string,
  visit?: (record: AuditRecord, line: Buffer) => void,
): Promise<SubjectRecords> {
  const found: SubjectRecords = { envelopes: [], refs: new Set(), blobs: new Set(), seqs: [] };
  const quick = /"(?:actor_ref|src_ref)":"/;
  for await (const line of readLines(fs, layout)) {
    // Most lines of most logs belong to others; those without any reference need no parsing.
    if (!quick.test(line.bytes.toString('latin1'))) continue;
    const record = parseLine(line);
    // An envelope is always written before the first record that refers to it.
    if (record.envelope?.subj === subj) {
      found.refs.add(record.envelope.actor_ref);
      found.envelopes.push(record.envelope);
    }
    if (!mentions(record, found.refs)) continue;
    if (record.blob) found.blobs.add(record.blob.sha256);
    found.seqs.push(record.seq);
    visit?.(record, line.bytes);
  }
  return found;
}
