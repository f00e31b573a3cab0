/** A question to the index; all parts must hold. */
export interface AuditQuery {
  /** Types, or prefixes such as `auth.*`. */
  types?: readonly string[];
  outcomes?: readonly string[];
  severities?: readonly string[];
  /** Milliseconds since 1970-01-01 UTC, inclusive. */
  sinceMs?: number;
  /** Milliseconds since 1970-01-01 UTC, exclusive. */
  untilMs?: number;
  /** References of actors or sources; see `AuditIndex.refsOf` and `subjectPseudonym`. */
  refs?: readonly string[];
  server?: string;
  method?: string;
  name?: string;
  exchange?: string;
  trace?: string;
  id?: string;
  /** Only records after this sequence number (ascending) or before it (descending): for paging. */
  cursor?: number;
  order?: 'ascending' | 'descending';
  /** Most records to return. Default 100, from 1 to 10,000. */
  limit?: number;
}

type Value = string | number;

/** Turns a question into SQL with bound values. Throws TypeError for a limit out of range. */
export function compileQuery(query: AuditQuery): { sql: string; values: Value[] } {
  const where: string[] = [];
  const values: Value[] = [];
  const add = (condition: string, ...bound: Value[]): void => {
    where.push(condition);
    values.push(...bound);
  };
  const oneOf = (column: string, wanted: readonly string[] | undefined): void => {
    if (wanted) add(wanted.length === 0 ? '0' : `${column} IN (${wanted.map(() => '?').join(',')})`, ...wanted);
  };
  const { limit = 100, order = 'descending' } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new TypeError('"limit" must be an integer from 1 to 10000.');
  if (query.types) {
    // A range instead of LIKE, so that the index on the type is used: `auth.` up to the character after the dot.
    const parts = query.types.map((type) => (type.endsWith('.*') ? '(type >= ? AND type < ?)' : 'type = ?'));
    const bound = query.types.flatMap((type) =>
      type.endsWith('.*') ? [type.slice(0, -1), `${type.slice(0, -2)}/`] : [type],
    );
    add(parts.length === 0 ? '0' : `(${parts.join(' OR ')})`, ...bound);
  }
  oneOf('outcome', query.outcomes);
  oneOf('sev', query.severities);
  if (query.refs) {
    const marks = query.refs.map(() => '?').join(',');
    add(
      query.refs.length === 0 ? '0' : `(actor_ref IN (${marks}) OR src_ref IN (${marks}))`,
      ...query.refs,
      ...query.refs,
    );
  }
  if (query.sinceMs !== undefined) add('t >= ?', query.sinceMs);
  if (query.untilMs !== undefined) add('t < ?', query.untilMs);
  for (const column of ['server', 'method', 'name', 'exchange', 'trace', 'id'] as const) {
    const wanted = query[column];
    if (wanted !== undefined) add(`${column} = ?`, wanted);
  }
  if (query.cursor !== undefined) add(order === 'ascending' ? 'seq > ?' : 'seq < ?', query.cursor);
  const condition = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
  const direction = order === 'ascending' ? 'ASC' : 'DESC';
  return { sql: `SELECT line FROM record ${condition} ORDER BY seq ${direction} LIMIT ${limit}`, values };
}
