import { basename, sep } from 'node:path';

/** What is done with one file of the state folder. */
export type Treatment =
  /** Belongs to a running process, or can be made again from the rest. */
  | 'skip'
  /** A database, copied by the database itself so that it is whole. */
  | 'database'
  /** Who a pseudonym is. Kept apart: an erasure destroys it, and must reach every copy within days. */
  | 'subject-key'
  /** Says how far the record goes. Copied before the record, which then goes at least as far. */
  | 'checkpoint'
  | 'plain';

/** @param path relative to the state folder */
export function treatmentOf(path: string): Treatment {
  const parts = path.split(sep);
  const name = basename(path);
  if (/\.(?:lock|sock|pid|tmp)$|^\.|~$/.test(name) || name.includes('.tmp-')) return 'skip';
  if (/\.sqlite-(?:wal|shm|journal)$/.test(name)) return 'skip';
  // audit/<replica>/...
  if (parts[0] === 'audit' && (name === 'index.sqlite' || parts[2] === 'exports')) return 'skip';
  if (parts[0] === 'audit-keys' && parts[1] === 'subjects') return 'subject-key';
  if (name.endsWith('.sqlite')) return 'database';
  if (parts[0] === 'audit' && name === 'checkpoint') return 'checkpoint';
  return 'plain';
}

const order: readonly Treatment[] = ['checkpoint', 'plain', 'database', 'subject-key'];

/** The files in the order in which they have to be copied while the gateway writes to them. */
export function inCopyingOrder(paths: readonly string[]): { path: string; treatment: Treatment }[] {
  return paths
    .map((path) => ({ path, treatment: treatmentOf(path) }))
    .filter(({ treatment }) => treatment !== 'skip')
    .toSorted((a, b) => order.indexOf(a.treatment) - order.indexOf(b.treatment) || (a.path < b.path ? -1 : 1));
}
