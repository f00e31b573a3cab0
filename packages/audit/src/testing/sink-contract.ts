import assert from 'node:assert/strict';
import type { AuditRecord } from '../event.ts';
import type { AuditSink, OutgoingRecord } from '../sinks/audit-sink.ts';

/** A place under test: a fresh sink, and what arrived there. */
export interface SinkSubject {
  sink: AuditSink;
  /** Ids of the records that are in the place, in its order, repetitions included. */
  ids: () => Promise<string[]>;
  /** Makes the place refuse from now on, and take again when the returned function is called. Left out where it cannot be done. */
  breakPlace?: () => Promise<() => Promise<void>>;
  /** True when a repeated batch must leave one copy of each record. */
  deduplicates: boolean;
  cleanUp?(): Promise<void>;
}

export interface ContractCase {
  name: string;
  run: () => Promise<void>;
}

const BASE_MS = 1_795_000_000_000;

/** A record as the log would hand it out. */
export function outgoingRecord(seq: number, extra: Partial<AuditRecord> = {}): OutgoingRecord {
  const hex = seq.toString(16).padStart(12, '0');
  const record: AuditRecord = {
    v: 1,
    t: BASE_MS + seq,
    type: 'mcp.tool.result',
    id: `019b0000-0000-7000-8000-${hex}`,
    outcome: 'ok',
    sev: 'info',
    ...extra,
    stream: 'mcp',
    n: seq,
    seq,
    prev: '0'.repeat(64),
  };
  return { record, line: JSON.stringify(record) };
}

/** What every sink must do, free of any test framework: run each case as a test of its own. */
export function sinkContract(make: () => Promise<SinkSubject>): ContractCase[] {
  const withSubject = async (check: (subject: SinkSubject) => Promise<void>): Promise<void> => {
    const subject = await make();
    try {
      await check(subject);
    } finally {
      await subject.sink.close?.();
      await subject.cleanUp?.();
    }
  };
  const signal = (): AbortSignal => AbortSignal.timeout(15_000);
  const batchOf = (from: number, count: number): OutgoingRecord[] =>
    Array.from({ length: count }, (_, i) => outgoingRecord(from + i));
  const idsOf = (batch: readonly OutgoingRecord[]): string[] => batch.map(({ record }) => record.id);
  return [
    {
      name: 'has a name that can be a file name',
      run: () => withSubject(async ({ sink }) => assert.match(sink.name, /^[a-z0-9_-]{1,64}$/)),
    },
    {
      name: 'has the whole batch, in order, when send resolves',
      run: () =>
        withSubject(async ({ sink, ids }) => {
          const [first, second] = [batchOf(0, 20), batchOf(20, 5)];
          await sink.send(first, signal());
          assert.deepEqual(await ids(), idsOf(first));
          await sink.send(second, signal());
          assert.deepEqual(await ids(), idsOf([...first, ...second]));
        }),
    },
    {
      name: 'takes a batch that comes again',
      run: () =>
        withSubject(async ({ sink, ids, deduplicates }) => {
          const batch = batchOf(0, 10);
          await sink.send(batch, signal());
          await sink.send(batch, signal());
          const there = await ids();
          assert.deepEqual([...new Set(there)], idsOf(batch));
          if (deduplicates) assert.equal(there.length, batch.length);
        }),
    },
    {
      name: 'takes a batch that was cut short and comes again longer',
      run: () =>
        withSubject(async ({ sink, ids }) => {
          const batch = batchOf(0, 10);
          await sink.send(batch.slice(0, 4), signal());
          await sink.send(batch, signal());
          assert.deepEqual([...new Set(await ids())], idsOf(batch));
        }),
    },
    {
      name: 'takes any text and the largest record',
      run: () =>
        withSubject(async ({ sink, ids }) => {
          const texts = [
            'a\u0000b',
            '\u{1F600} \u65E5\u672C',
            'line\nbreak\r\n"quote" \\ back',
            '\uD800 half',
            'x'.repeat(60_000),
            "'; DROP TABLE x; --",
          ];
          const batch = texts.map((text, i) => outgoingRecord(i, { detail: { text } }));
          await sink.send(batch, signal());
          assert.deepEqual(await ids(), idsOf(batch));
        }),
    },
    {
      name: 'rejects while the place is away and takes the same batch afterwards',
      run: () =>
        withSubject(async ({ sink, ids, breakPlace }) => {
          if (!breakPlace) return;
          const mend = await breakPlace();
          const batch = batchOf(0, 3);
          await assert.rejects(sink.send(batch, signal()));
          await mend();
          await sink.send(batch, signal());
          assert.deepEqual([...new Set(await ids())], idsOf(batch));
        }),
    },
  ];
}
