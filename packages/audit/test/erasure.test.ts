import { existsSync, readFileSync, writeFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAuditIndex } from '../src/index-sqlite.ts';
import { eraseSubject, resumeErasures } from '../src/privacy/erase.ts';
import { exportSubject } from '../src/privacy/export.ts';
import { liftLegalHold, listLegalHolds, placeLegalHold } from '../src/privacy/legal-hold.ts';
import { openCapture, openIdentity, subjectPseudonym } from '../src/privacy/read-subject.ts';
import { checkProof } from '../src/read/proof.ts';
import { createSinkPump } from '../src/sinks/sink-pump.ts';
import { postgresSchema, postgresSink } from '../src/sinks/postgres.ts';
import { fileSink } from '../src/sinks/file-sink.ts';
import type { AuditRecord } from '../src/event.ts';
import { filesBelow, makeDirectory, openLog, recordsOf, verifyBoth, vkeyOf } from './kit.ts';
import { startCluster } from './postgres-cluster.ts';
import type { Cluster } from './postgres-cluster.ts';

const key = await vkeyOf();
const alice = {
  issuer: 'https://idp.example',
  subject: 'alice-7f3a',
  email: 'alice.liddell@wonder.example',
  name: 'Alice Liddell',
  ip: '203.0.113.77',
  userAgent: 'LookingGlass/4.2',
};
const bob = { issuer: 'https://idp.example', subject: 'bob-1122', email: 'bob@builder.example', ip: '203.0.113.80' };
const carol = { issuer: 'https://idp.example', subject: 'carol-operator' };
const MARKERS = [
  'alice-7f3a',
  'alice.liddell',
  'Alice Liddell',
  '203.0.113.77',
  'LookingGlass',
  'white-rabbit-secret',
  'tea party at noon',
];

/** Markers in the files of a folder: as text, base64 of any alignment, hex, and UTF-16. */
function markersIn(directory: string): string[] {
  const needles = MARKERS.flatMap((marker) => {
    const bytes = Buffer.from(marker);
    const base64 = [0, 1, 2].map((shift) =>
      Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64')
        .slice(shift === 0 ? 0 : 4, -4),
    );
    return [
      bytes,
      Buffer.from(marker, 'utf16le'),
      Buffer.from(bytes.toString('hex')),
      ...base64.filter((text) => text.length >= 6).map((text) => Buffer.from(text)),
    ].map((needle) => ({ marker, needle }));
  });
  return filesBelow(directory).flatMap(({ path, bytes }) =>
    needles.filter(({ needle }) => bytes.includes(needle)).map(({ marker }) => `${path}: ${marker}`),
  );
}

async function fill(log: Awaited<ReturnType<typeof openLog>>, rounds: number): Promise<void> {
  for (let i = 0; i < rounds; i += 1) {
    for (const actor of [alice, bob]) {
      const exchange = log.exchange({ actor, target: { server: 'files', method: 'tools/call', name: 'read' } });
      await exchange.intent({
        type: 'mcp.tool.call',
        request: { id: `${actor.email}-${i}`, args: `{"path":"/home/${actor.subject}"}` },
      });
      await exchange.finish({
        type: 'mcp.tool.result',
        outcome: 'ok',
        target: { uri: `file:///home/${actor.subject}/diary` },
        response: { result: `dear diary, ${actor.email}`, isError: false },
        ...(i % 3 === 0
          ? { capture: { result: actor === alice ? 'white-rabbit-secret: tea party at noon' : 'concrete' } }
          : {}),
      });
    }
    await log.record({ type: 'auth.expired', outcome: 'denied', source: { ip: alice.ip, userAgent: alice.userAgent } });
  }
}

test('markers can be found at all: the search sees a planted one', () => {
  const directory = makeDirectory();
  for (const [i, text] of [
    MARKERS[1]!,
    Buffer.from(`xx${MARKERS[2]!}yy`).toString('base64'),
    Buffer.from(MARKERS[0]!).toString('hex'),
  ].entries()) {
    writeFileSync(join(directory, String(i)), text);
  }
  expect(markersIn(directory).length).toBeGreaterThanOrEqual(3);
});

test('nothing readable of a person is on disk even before any erasure', async () => {
  const root = makeDirectory();
  const log = await openLog({ directory: join(root, 'log') });
  await fill(log, 4);
  using index = openAuditIndex(log);
  await index.update();
  await log.close();
  expect(markersIn(root)).toEqual([]);
});

let cluster: Cluster | string;
beforeAll(async () => {
  cluster = await startCluster();
}, 60_000);
afterAll(async () => {
  if (typeof cluster !== 'string') await cluster.stop();
});

test('erasing a subject: no marker in any file, database page, index or export; verifiers green; others as before', async ({
  skip,
}) => {
  if (typeof cluster === 'string') skip(cluster);
  const { connect, data } = cluster as Cluster;
  const root = makeDirectory();
  const directory = join(root, 'log');
  const log = await openLog({ directory, maxSegmentBytes: 65_536 });
  await fill(log, 40);
  await log.checkpoint();
  const oldCheckpoint = join(root, 'checkpoint-kept-outside');
  writeFileSync(oldCheckpoint, readFileSync(join(directory, 'checkpoint')));

  const client = await connect();
  await client.query(postgresSchema());
  const postgres = postgresSink({ client, chainUid: log.chainUid });
  const pump = createSinkPump({ directory, sink: postgres });
  const copy = createSinkPump({ directory, sink: fileSink({ path: join(root, 'copy.jsonl') }) });
  using index = openAuditIndex(log);
  for (const one of [pump, copy]) await one.drain();
  await index.update();
  const exported = await exportSubject(log, { subject: alice, by: carol });
  expect(exported).toMatchObject({ status: 'exported' });
  expect(markersIn(join(directory, 'exports')).length).toBeGreaterThan(0);
  const bobBefore = await exportSubject(log, { subject: bob, outputDirectory: join(root, 'bob-before') });
  const subj = (await subjectPseudonym(log, alice))!;
  expect(index.query({ refs: index.refsOf(subj), limit: 1000 }).length).toBeGreaterThan(80);
  const envelope = (recordsOf(directory) as unknown as AuditRecord[]).find((record) => record.envelope?.subj === subj)!;
  expect(await openIdentity(log, envelope, alice)).toMatchObject({ email: alice.email, ip: alice.ip });

  const result = await eraseSubject(log, {
    subject: alice,
    by: carol,
    derived: [index, { ...postgres, forget: (subject) => postgres.forget!(subject) }],
  });
  expect(result).toMatchObject({ status: 'erased', exports: 1, blobs: 14 });
  expect(result.records).toBeGreaterThan(80);
  expect(result.derivedRows).toBeGreaterThan(1);

  expect(await subjectPseudonym(log, alice)).toBeUndefined();
  expect(await openIdentity(log, envelope, alice)).toBeUndefined();
  expect(index.refsOf(subj)).toEqual([]);
  for (const one of [pump, copy]) await one.drain();
  await index.update();
  await client.query('CHECKPOINT');
  await log.close();

  // Anonymous attempts from her address were under a key of their own; erase it too and reopen, to be thorough about files.
  const again = await openLog({ directory });
  expect(await eraseSubject(again, { subject: { issuer: 'ip', subject: alice.ip }, derived: [index] })).toMatchObject({
    status: 'erased',
  });
  expect(await eraseSubject(again, { subject: alice })).toMatchObject({ status: 'unknown', records: 0 });
  const bobAfter = await exportSubject(again, { subject: bob, outputDirectory: join(root, 'bob-after') });
  await again.close();

  expect(markersIn(root)).toEqual([]);
  expect(markersIn(data)).toEqual([]);
  expect((await client.query('SELECT count(*)::int AS n FROM sekisho_audit WHERE subj = $1', [subj])).rows[0]).toEqual({
    n: 0,
  });
  await client.end();

  const { library } = await verifyBoth(directory, [key], [oldCheckpoint]);
  expect(library.status).toBe('intact');
  const read = (folder: string): { record: string; identity?: unknown; captured?: unknown }[] =>
    readFileSync(join(folder, 'records.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  expect(bobAfter.records).toBe(bobBefore.records);
  const plain = (folder: string): unknown[] =>
    read(folder).map(({ record, identity, captured }) => ({ record, identity, captured }));
  expect(plain(join(root, 'bob-after'))).toEqual(plain(join(root, 'bob-before')));
  expect(read(join(root, 'bob-after')).filter(({ captured }) => captured).length).toBe(14);
  // Rebuilt from nothing, the index gives the same answers as the one that lived through the erasure.
  using rebuilt = openAuditIndex({ directory, path: join(root, 'rebuilt.sqlite') });
  await rebuilt.update();
  await index.update();
  for (const query of [
    { limit: 10_000 },
    { types: ['actor.envelope'], limit: 10_000 },
    { types: ['gdpr.*'], limit: 100 },
  ]) {
    expect(rebuilt.query(query)).toEqual(index.query(query));
  }
  expect(rebuilt.refsOf(subj)).toEqual([]);
}, 60_000);

test('a subject that comes back after its erasure gets a new key and a new pseudonym', async () => {
  const directory = join(makeDirectory(), 'log');
  const log = await openLog({ directory });
  await log.record({ type: 'auth.ok', actor: alice });
  const before = await subjectPseudonym(log, alice);
  await eraseSubject(log, { subject: alice });
  await log.record({ type: 'auth.ok', actor: alice });
  const after = await subjectPseudonym(log, alice);
  expect(after).toBeDefined();
  expect(after).not.toBe(before);
  await log.close();
  expect((await verifyBoth(directory, [key])).status).toBe('intact');
});

test('an identity whose key was read just before it was destroyed asks again, instead of keeping a key nobody has', async () => {
  const rows = new Map<string, { kekId: string; wrapped: Uint8Array }>();
  let held: Promise<void> | undefined;
  const subjectKeys = {
    async load(tableId: string) {
      const row = rows.get(tableId);
      await held;
      return row;
    },
    async save(tableId: string, row: { kekId: string; wrapped: Uint8Array }) {
      rows.set(tableId, row);
    },
    destroy: async (tableId: string) => rows.delete(tableId),
  };
  const elsewhere = { ...alice, ip: '192.0.2.200' };
  let release: () => void = () => undefined;
  let late: Promise<unknown> | undefined;
  // The other request reads the key after the erasure was requested and gets its answer after the erasure was done.
  const observer = {
    observe({ type }: { type: string }) {
      if (type !== 'gdpr.erasure_requested') return;
      held = new Promise((resolve) => (release = resolve));
      late = log.record({ type: 'auth.ok', actor: elsewhere });
      held = undefined;
    },
  };
  const log = await openLog({ directory: join(makeDirectory(), 'log'), subjectKeys, observers: [observer] });
  await log.record({ type: 'auth.ok', actor: alice });
  expect(await eraseSubject(log, { subject: alice })).toMatchObject({ status: 'erased' });
  release();
  await late;
  await log.record({ type: 'auth.expired', actor: elsewhere });
  const subj = await subjectPseudonym(log, alice);
  const records = recordsOf(log.directory) as unknown as AuditRecord[];
  const envelope = records.find((record) => record.envelope?.subj === subj)?.envelope;
  expect(envelope).toBeDefined();
  expect(records.find(({ type }) => type === 'auth.expired')!.actor_ref).toBe(envelope!.actor_ref);
  await log.close();
});

test('an erasure that a crash interrupted is finished, although the key is gone already', async () => {
  const root = makeDirectory();
  const directory = join(root, 'log');
  const log = await openLog({ directory });
  await log.record({ type: 'mcp.tool.result', actor: alice, capture: { text: 'white-rabbit-secret' } });
  const subj = (await subjectPseudonym(log, alice))!;
  const broken = { name: 'broken', forget: () => Promise.reject(new Error('the database is away')) };
  await expect(eraseSubject(log, { subject: alice, derived: [broken] })).rejects.toThrow('away');
  expect(await subjectPseudonym(log, alice)).toBeUndefined();
  await log.close();
  expect(recordsOf(directory).some(({ type }) => type === 'gdpr.erasure_done')).toBe(false);
  const again = await openLog({ directory });
  const told: string[] = [];
  const working = { name: 'working', forget: async (subject: { subj: string }) => told.push(subject.subj) };
  expect(await resumeErasures(again, { derived: [working] })).toBe(1);
  expect(await resumeErasures(again)).toBe(0);
  await again.close();
  expect(told).toEqual([subj]);
  expect(recordsOf(directory).filter(({ type }) => type === 'gdpr.erasure_done')).toHaveLength(1);
});

test('captured content is readable for its subject and for nobody else, and gone after erasure', async () => {
  const directory = join(makeDirectory(), 'log');
  const log = await openLog({ directory });
  const { seq } = await log.record({
    type: 'mcp.tool.result',
    actor: alice,
    capture: { a: [1, 'white-rabbit-secret'] },
  });
  await log.record({ type: 'mcp.tool.result', actor: bob });
  const record = (recordsOf(directory) as unknown as AuditRecord[])[seq!]!;
  expect(await openCapture(log, record, alice)).toEqual({ a: [1, 'white-rabbit-secret'] });
  await expect(openCapture(log, record, bob)).rejects.toMatchObject({ code: 'ERR_AUDIT_ENVELOPE_UNREADABLE' });
  await eraseSubject(log, { subject: alice });
  expect(await openCapture(log, record, alice)).toBeUndefined();
  expect(filesBelow(join(directory, 'blobs'))).toEqual([]);
  await log.close();
});

test('an export is complete, opened, and each record proves itself without the log', async () => {
  const root = makeDirectory();
  const log = await openLog({ directory: join(root, 'log'), maxSegmentBytes: 65_536 });
  await fill(log, 10);
  const { directory, records } = await exportSubject(log, { subject: alice, outputDirectory: join(root, 'out') });
  const lines = readFileSync(join(directory!, 'records.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { record: string; proof: string; identity?: object });
  expect(lines).toHaveLength(records);
  expect(records).toBeGreaterThanOrEqual(20);
  for (const line of lines) expect(checkProof(line, [key])).toMatchObject({ origin: log.origin });
  expect(typeof checkProof({ ...lines[3]!, record: lines[3]!.record.replace('"v":1', '"v":2') }, [key])).toBe('string');
  expect(lines.find(({ identity }) => identity)?.identity).toMatchObject({
    iss: alice.issuer,
    sub: alice.subject,
    email: alice.email,
    ip: alice.ip,
    ua: alice.userAgent,
  });
  expect(JSON.parse(readFileSync(join(directory!, 'manifest.json'), 'utf8'))).toMatchObject({
    records,
    key: log.verifierKey,
  });
  expect(readFileSync(join(directory!, 'records.ndjson'), 'utf8')).not.toContain('bob');
  await log.close();
});

describe('legal hold', () => {
  test('holds the erasure of its subject only, and says so', async () => {
    const directory = join(makeDirectory(), 'log');
    const log = await openLog({ directory });
    await log.record({ type: 'auth.ok', actor: alice });
    await log.record({ type: 'auth.ok', actor: bob });
    await placeLegalHold(log, { id: 'case-1', subject: alice, by: carol });
    expect(await listLegalHolds(log)).toMatchObject([{ id: 'case-1' }]);
    expect(await eraseSubject(log, { subject: alice })).toMatchObject({ status: 'held' });
    expect(await eraseSubject(log, { subject: bob })).toMatchObject({ status: 'erased' });
    expect(await liftLegalHold(log, { id: 'case-1' })).toBe(true);
    expect(await liftLegalHold(log, { id: 'case-1' })).toBe(false);
    expect(await eraseSubject(log, { subject: alice })).toMatchObject({ status: 'erased' });
    await log.close();
    expect(recordsOf(directory).filter(({ type }) => type === 'gdpr.legal_hold')).toHaveLength(2);
    expect(() => markersIn(directory)).not.toThrow();
  });

  test('refuses an id that would be a path', async () => {
    const log = await openLog({ directory: join(makeDirectory(), 'log') });
    await expect(placeLegalHold(log, { id: '../x' })).rejects.toThrow(TypeError);
    await log.close();
  });
});

test('keys are wrapped: with the key folder and the log but without the key encryption key nothing opens', async () => {
  const root = makeDirectory();
  const directory = join(root, 'log');
  const log = await openLog({ directory });
  await log.record({ type: 'auth.ok', actor: alice });
  await log.close();
  const { localAuditKeys } = await import('../src/privacy/audit-keys.ts');
  const { secret } = await import('./kit.ts');
  const thief = localAuditKeys({
    id: 'test',
    secret: Buffer.alloc(32, 9),
    macSecret: localAuditKeys({ id: 'test', secret }).macKey,
  });
  const opened = await openLog({ directory, keys: thief });
  await expect(subjectPseudonym(opened, alice)).rejects.toMatchObject({ code: 'ERR_AUDIT_KEY_FAILED' });
  await opened.close();
  const rotated = localAuditKeys({
    id: 'next',
    secret: Buffer.alloc(32, 8),
    macSecret: localAuditKeys({ id: 'test', secret }).macKey,
    previous: [{ id: 'test', secret }],
  });
  const later = await openLog({ directory, keys: rotated });
  expect(await subjectPseudonym(later, alice)).toBeDefined();
  await later.close();
  expect(existsSync(`${directory}-keys`)).toBe(true);
  mkdirSync(join(root, 'x'));
  expect(readdirSync(`${directory}-keys`).length).toBeGreaterThan(0);
});
