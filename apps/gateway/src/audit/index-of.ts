import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogLocation } from '@sekisho/audit';
import type { AuditIndex } from '@sekisho/audit/index-sqlite';

/** The index of a log for as long as `use` runs, where there is one already: it is made by the first question. */
export async function withIndex<T>(
  log: LogLocation,
  use: (index: AuditIndex | undefined) => Promise<T>,
  make = false,
): Promise<T> {
  const there = await stat(join(log.directory, 'index.sqlite')).then(
    () => true,
    () => false,
  );
  if (!there && !make) return await use(undefined);
  // Loaded when it is needed: a gateway that nobody asks does without SQLite.
  const { openAuditIndex } = await import('@sekisho/audit/index-sqlite');
  const index = openAuditIndex({ directory: log.directory });
  try {
    await index.update();
    return await use(index);
  } finally {
    index.close();
  }
}
