import { DatabaseSync } from 'node:sqlite';
import { hash } from 'node:crypto';
import type { AuditRecord } from '../event.ts';
import type { DerivedRows } from '../privacy/erase.ts';
import type { AuditFileSystem } from '../storage/file-system.ts';
import { listSegments } from '../storage/layout.ts';
import type { Layout } from '../storage/layout.ts';
import { openLocation } from './location.ts';
import type { LogLocation } from './location.ts';
import { compileQuery } from './query.ts';
import type { AuditQuery } from './query.ts';
import { parseLine, positionAfter, readLine, readLines } from './records.ts';
import type { ReadPosition } from './records.ts';

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA secure_delete = ON;
  CREATE TABLE IF NOT EXISTS record (
    seq INTEGER PRIMARY KEY, t INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, outcome TEXT, sev TEXT,
    actor_ref TEXT, src_ref TEXT, server TEXT, method TEXT, name TEXT, exchange TEXT, phase TEXT, trace TEXT, line TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS record_time ON record (t);
  CREATE INDEX IF NOT EXISTS record_type ON record (type, t);
  CREATE INDEX IF NOT EXISTS record_id ON record (id);
  CREATE INDEX IF NOT EXISTS record_actor ON record (actor_ref) WHERE actor_ref IS NOT NULL;
  CREATE INDEX IF NOT EXISTS record_source ON record (src_ref) WHERE src_ref IS NOT NULL;
  CREATE INDEX IF NOT EXISTS record_exchange ON record (exchange) WHERE exchange IS NOT NULL;
  CREATE TABLE IF NOT EXISTS envelope (actor_ref TEXT PRIMARY KEY, subj TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS envelope_subj ON envelope (subj);
  CREATE TABLE IF NOT EXISTS state (only INTEGER PRIMARY KEY CHECK (only = 1), version INTEGER, next INTEGER, last_hash TEXT) STRICT;
`;

const VERSION = 1;
const ROWS_PER_TRANSACTION = 2000;

/** An index over the log, for questions. Derived: delete the file and it is rebuilt to the same answers. */
export interface AuditIndex extends DerivedRows, Disposable {
  /** Takes in what was written since; resolves with the number of new records. Rebuilds by itself when the log is another. */
  update(): Promise<number>;
  /** Answers from what `update` has taken in. Newest first unless asked otherwise. */
  query(query: AuditQuery): AuditRecord[];
  /** The references under a pseudonym; empty after its erasure. */
  refsOf(subj: string): string[];
  close(): void;
}

/** Identity is not in the index: the ciphertext of envelopes is left out, only their reference and pseudonym are kept. */
function lineForIndex(record: AuditRecord, line: Buffer): string {
  if (!record.envelope) return line.toString();
  const { ct: _ct, ...envelope } = record.envelope;
  return JSON.stringify({ ...record, envelope });
}

/** Opens (or makes) the index of a log at `index.sqlite` in its folder, or at `path`. Needs `node:sqlite`. */
export function openAuditIndex(location: LogLocation & { path?: string }): AuditIndex {
  const { fs, layout } = openLocation(location);
  return new SqliteIndex(fs, layout, location.path ?? layout.index);
}

class SqliteIndex implements AuditIndex {
  readonly name = 'sqlite index';
  readonly #fs: AuditFileSystem;
  readonly #layout: Layout;
  readonly #db: DatabaseSync;
  #updating: Promise<unknown> = Promise.resolve();
  #position: ReadPosition | undefined;

  constructor(fs: AuditFileSystem, layout: Layout, path: string) {
    this.#fs = fs;
    this.#layout = layout;
    this.#db = new DatabaseSync(path);
    this.#db.exec(SCHEMA);
  }

  async update(): Promise<number> {
    const done = this.#updating.then(() => this.#update());
    this.#updating = done.catch(() => undefined);
    return done;
  }

  async #update(): Promise<number> {
    let next = await this.#resumeAt();
    const before = next;
    const firstSeq = (await listSegments(this.#fs, this.#layout))[0]?.firstSeq ?? 0;
    this.#purge(firstSeq);
    let batch: { record: AuditRecord; line: Buffer }[] = [];
    for await (const line of readLines(this.#fs, this.#layout, next, this.#position)) {
      const { seq, bytes } = line;
      this.#position = positionAfter(line);
      batch.push({ record: parseLine({ seq, bytes }), line: bytes });
      next = seq + 1;
      if (batch.length < ROWS_PER_TRANSACTION) continue;
      this.#insert(batch);
      batch = [];
    }
    this.#insert(batch);
    return next - Math.max(before, firstSeq);
  }

  /** Retention: what is gone from the log goes from the answers too. */
  #purge(firstSeq: number): void {
    if (this.#db.prepare('DELETE FROM record WHERE seq < ?').run(firstSeq).changes === 0) return;
    this.#db.exec(
      `DELETE FROM envelope WHERE actor_ref NOT IN (SELECT actor_ref FROM record WHERE actor_ref IS NOT NULL
       UNION SELECT src_ref FROM record WHERE src_ref IS NOT NULL)`,
    );
  }

  /** Where to go on: 0 when the index is of another version, or of a log that no longer has the record it ends with. */
  async #resumeAt(): Promise<number> {
    const state = this.#db.prepare('SELECT version, next, last_hash FROM state').get();
    if (!state) return 0;
    const next = Number(state.next);
    // Read up to there by this very instance: no need to look at that record again.
    if (this.#position?.seq === next) return next;
    const line = state.version === VERSION && next > 0 ? await readLine(this.#fs, this.#layout, next - 1) : undefined;
    if (line && hash('sha256', line, 'hex') === state.last_hash) return next;
    this.#db.exec('DELETE FROM record; DELETE FROM envelope; DELETE FROM state;');
    return 0;
  }

  #insert(batch: readonly { record: AuditRecord; line: Buffer }[]): void {
    const last = batch.at(-1);
    if (!last) return;
    const insert = this.#db.prepare('INSERT OR REPLACE INTO record VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)');
    const envelope = this.#db.prepare('INSERT OR REPLACE INTO envelope VALUES (?,?)');
    this.#db.exec('BEGIN');
    try {
      for (const { record, line } of batch) {
        const { target, ex } = record;
        insert.run(
          record.seq,
          record.t,
          record.id,
          record.type,
          record.outcome ?? null,
          record.sev ?? null,
          record.actor_ref ?? record.envelope?.actor_ref ?? null,
          record.src_ref ?? null,
          target?.server ?? null,
          target?.method ?? null,
          target?.name ?? null,
          ex?.id ?? null,
          ex?.phase ?? null,
          record.trace ?? null,
          lineForIndex(record, line),
        );
        if (record.envelope) envelope.run(record.envelope.actor_ref, record.envelope.subj);
        // A rebuild must come to the same state, so the erasure is repeated where the log tells of it.
        const erased = record.type === 'gdpr.erasure_done' ? record.detail?.subj_ref : undefined;
        if (typeof erased === 'string') this.#forget(erased);
      }
      const lastHash = hash('sha256', last.line, 'hex');
      this.#db.prepare('INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?)').run(VERSION, last.record.seq + 1, lastHash);
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** The subject's envelopes vanish from the index; its records stay, without anything that links them to one person. */
  #forget(subj: string): number {
    const refs = this.refsOf(subj);
    const unlinkEnvelope = this.#db.prepare("DELETE FROM record WHERE actor_ref = ? AND type = 'actor.envelope'");
    let rows = 0;
    for (const ref of refs) rows += Number(unlinkEnvelope.run(ref).changes);
    return rows + Number(this.#db.prepare('DELETE FROM envelope WHERE subj = ?').run(subj).changes);
  }

  async forget({ subj }: { subj: string }): Promise<number> {
    await this.update();
    const rows = this.#forget(subj);
    // The deleted rows would otherwise stay in the write-ahead log.
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return rows;
  }

  query(query: AuditQuery): AuditRecord[] {
    const { sql, values } = compileQuery(query);
    return this.#db
      .prepare(sql)
      .all(...values)
      .map((row) => JSON.parse(String(row.line)) as AuditRecord);
  }

  refsOf(subj: string): string[] {
    return this.#db
      .prepare('SELECT actor_ref FROM envelope WHERE subj = ? ORDER BY actor_ref')
      .all(subj)
      .map((row) => String(row.actor_ref));
  }

  close(): void {
    this.#db.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
