import { readRecords } from '@sekisho/audit';

export type RecordFigures = {
  readonly records: number;
  /** Exchanges that have an end. */
  readonly ended: number;
  /** Exchanges with an intent and no end, or with two ends. */
  readonly odd: readonly string[];
};

/** Reads a whole log and counts the ends of each exchange. */
export async function readRecord(directory: string): Promise<RecordFigures> {
  const ends = new Map<string, number>();
  let records = 0;
  for await (const record of readRecords({ directory })) {
    records += 1;
    const { ex } = record as { ex?: { id: string; phase: string } };
    if (ex !== undefined) ends.set(ex.id, (ends.get(ex.id) ?? 0) + (ex.phase === 'terminal' ? 1 : 0));
  }
  return {
    records,
    ended: [...ends.values()].filter((count) => count > 0).length,
    odd: [...ends].filter(([, count]) => count !== 1).map(([id, count]) => `${id}: ${count} ends`),
  };
}
