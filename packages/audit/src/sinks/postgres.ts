import type { AuditSink } from './audit-sink.ts';

/** The part of a Postgres client (or pool) the sink uses; `pg` and compatible clients fit. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[]; rowCount?: number | null }>;
}

export interface PostgresSinkOptions {
  /** Default `postgres`. */
  name?: string;
  client: PostgresClient;
  /** Names the chain in a table that several replicas write to: `AuditLog.chainUid`. */
  chainUid: string;
  /** Default `sekisho_audit`; `[a-z_][a-z0-9_]{0,40}`. */
  table?: string;
}

const TABLE = /^[a-z_][a-z0-9_]{0,40}$/;

function tableName(table = 'sekisho_audit'): string {
  if (!TABLE.test(table)) throw new TypeError('"table" must match [a-z_][a-z0-9_]{0,40}.');
  return table;
}

/** The statements that make the table, partitioned by day with a default partition; safe to run again. */
export function postgresSchema(table?: string): string {
  const name = tableName(table);
  return `
CREATE TABLE IF NOT EXISTS ${name} (
  chain text NOT NULL, seq bigint NOT NULL, t timestamptz NOT NULL, id uuid NOT NULL, type text NOT NULL, outcome text,
  severity text, actor_ref text, src_ref text, subj text, server text, name text, exchange text, record jsonb NOT NULL, line text NOT NULL,
  PRIMARY KEY (chain, seq, t)
) PARTITION BY RANGE (t);
CREATE TABLE IF NOT EXISTS ${name}_default PARTITION OF ${name} DEFAULT;
CREATE INDEX IF NOT EXISTS ${name}_t ON ${name} (t);
CREATE INDEX IF NOT EXISTS ${name}_actor ON ${name} (actor_ref) WHERE actor_ref IS NOT NULL;
CREATE INDEX IF NOT EXISTS ${name}_subj ON ${name} (subj) WHERE subj IS NOT NULL;
`;
}

/** The statement that makes the partition of one day (UTC); run it ahead of that day. */
export function postgresDayPartition(dayMs: number, table?: string): string {
  const name = tableName(table);
  const from = new Date(dayMs).toISOString().slice(0, 10);
  const to = new Date(Date.parse(from) + 86_400_000).toISOString().slice(0, 10);
  const partition = `${name}_${from.replaceAll('-', '')}`;
  return `CREATE TABLE IF NOT EXISTS ${partition} PARTITION OF ${name} FOR VALUES FROM ('${from}T00:00:00Z') TO ('${to}T00:00:00Z');`;
}

/** jsonb holds neither U+0000 nor half a surrogate pair; both become U+FFFD there. The column `line` keeps the exact text. */
function jsonForPostgres(line: string): string {
  if (!/\\u(?:0000|d[89a-f])/i.test(line)) return line;
  const clean = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value;
  return JSON.stringify(JSON.parse(line, clean));
}

/**
 * Writes batches into Postgres, one statement each; a record that is there already is left alone, so repetitions do no harm.
 * `forget` deletes the rows of a subject's envelopes and their pseudonym. Throws TypeError for a table name out of range.
 * Does not make the table: see `postgresSchema`.
 */
export function postgresSink(options: PostgresSinkOptions): AuditSink {
  const table = tableName(options.table);
  const { client, chainUid } = options;
  const insert = `
INSERT INTO ${table} (chain, seq, t, id, type, outcome, severity, actor_ref, src_ref, subj, server, name, exchange, record, line)
SELECT $1, row.seq, to_timestamp(row.t / 1000.0), row.id, row.type, row.outcome, row.severity, row.actor_ref, row.src_ref, row.subj,
  row.server, row.name, row.exchange, row.json::jsonb, row.line
FROM unnest($2::bigint[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
  $12::text[], $13::text[], $14::text[], $15::text[])
  AS row (seq, t, id, type, outcome, severity, actor_ref, src_ref, subj, server, name, exchange, json, line)
ON CONFLICT DO NOTHING`;
  return {
    name: options.name ?? 'postgres',
    async send(batch) {
      const column = (pick: (one: (typeof batch)[number]) => unknown): unknown[] =>
        batch.map((one) => pick(one) ?? null);
      await client.query(insert, [
        chainUid,
        column(({ record }) => record.seq),
        column(({ record }) => record.t),
        column(({ record }) => record.id),
        column(({ record }) => record.type),
        column(({ record }) => record.outcome),
        column(({ record }) => record.sev),
        column(({ record }) => record.actor_ref ?? record.envelope?.actor_ref),
        column(({ record }) => record.src_ref),
        column(({ record }) => record.envelope?.subj),
        column(({ record }) => record.target?.server),
        column(({ record }) => record.target?.name),
        column(({ record }) => record.ex?.id),
        column(({ line }) => jsonForPostgres(line)),
        column(({ line }) => line),
      ]);
    },
    async forget({ subj }) {
      const result = await client.query(`DELETE FROM ${table} WHERE chain = $1 AND subj = $2`, [chainUid, subj]);
      return result.rowCount ?? 0;
    },
  };
}
