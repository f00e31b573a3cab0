import type { TrustedKey } from './note/checkpoint.ts';
import type { Envelopes } from './privacy/envelopes.ts';
import type { SealedBlobs } from './privacy/sealed-blobs.ts';
import type { SubjectKeys } from './privacy/subject-keys.ts';
import type { AuditFileSystem } from './storage/file-system.ts';
import type { Layout } from './storage/layout.ts';

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

export function setInternals(log: object, value: LogInternals): void {
  internals.set(log, value);
}

/** Throws TypeError when the value was not made by `createAuditLog`. */
export function internalsOf(log: object): LogInternals {
  const found = internals.get(log);
  if (!found) throw new TypeError('This is not a log made by createAuditLog.');
  return found;
}
