import { join } from 'node:path';
import type { AuditLog } from '../audit-log.ts';
import type { Identity, SubjectName } from '../event.ts';
import { internalsOf } from '../log-internals.ts';
import type { LogInternals } from '../log-internals.ts';

/** A hold keeps records from retention, and a subject's records from erasure, while a claim is open (GDPR Art. 17(3)(e)). */
export interface LegalHold {
  id: string;
  /** Row of the key table when the hold is on one subject; without it the hold is on the whole log. */
  tableId: string | undefined;
  placedAtMs: number;
}

const HOLD_ID = /^[A-Za-z0-9_-]{1,64}$/;

function folderOf({ keysDirectory }: LogInternals): string {
  return join(keysDirectory, 'holds');
}

function checkId(id: string): void {
  if (!HOLD_ID.test(id)) throw new TypeError('The id of a hold must match [A-Za-z0-9_-]{1,64}.');
}

/** The holds in force. */
export async function listLegalHolds(log: AuditLog<string>): Promise<LegalHold[]> {
  const internals = internalsOf(log);
  const holds: LegalHold[] = [];
  for (const name of await internals.fs.list(folderOf(internals))) {
    const bytes = name.endsWith('.json') ? await internals.fs.readFile(join(folderOf(internals), name)) : undefined;
    if (!bytes) continue;
    const { id, table_id, placed_at_ms } = JSON.parse(bytes.toString()) as {
      id: string;
      table_id?: string;
      placed_at_ms: number;
    };
    holds.push({ id, tableId: table_id, placedAtMs: placed_at_ms });
  }
  return holds;
}

/** Places a hold on the whole log or on one subject, and records it. */
export async function placeLegalHold(
  log: AuditLog<string>,
  hold: { id: string; subject?: SubjectName; by?: Identity },
): Promise<void> {
  checkId(hold.id);
  const internals = internalsOf(log);
  const tableId = hold.subject && internals.subjectKeys.tableId(hold.subject);
  await record(log, hold, 'placed');
  await internals.fs.makeDirectory(folderOf(internals));
  const content = {
    id: hold.id,
    placed_at_ms: internals.now(),
    ...(tableId === undefined ? {} : { table_id: tableId }),
  };
  await internals.fs.replaceFile(join(folderOf(internals), `${hold.id}.json`), Buffer.from(JSON.stringify(content)));
}

/** Lifts a hold and records it; false when there is no such hold. */
export async function liftLegalHold(log: AuditLog<string>, hold: { id: string; by?: Identity }): Promise<boolean> {
  checkId(hold.id);
  const internals = internalsOf(log);
  const path = join(folderOf(internals), `${hold.id}.json`);
  if ((await internals.fs.size(path)) === undefined) return false;
  await record(log, hold, 'lifted');
  await internals.fs.remove(path);
  return true;
}

async function record(
  log: AuditLog<string>,
  hold: { id: string; subject?: SubjectName; by?: Identity },
  change: string,
): Promise<void> {
  const scope = hold.subject ? 'subject' : 'log';
  const actor = hold.by ? { actor: hold.by } : {};
  await log.record({ type: 'gdpr.legal_hold', outcome: 'ok', ...actor, detail: { hold: hold.id, change, scope } });
}
