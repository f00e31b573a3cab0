import { readFileSync, writeFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openAuditIndex } from '../src/index-sqlite.ts';
import type { AuditRecord } from '../src/event.ts';
import { appendLeaf, emptyFrontier, frontierRoot } from '../src/merkle/frontier.ts';
import { digestToBase64, hashLeaf } from '../src/merkle/tree-hash.ts';
import { tilePath } from '../src/merkle/tile-path.ts';
import { placeLegalHold, liftLegalHold } from '../src/privacy/legal-hold.ts';
import { subjectPseudonym } from '../src/privacy/read-subject.ts';
import { purgeSegments } from '../src/privacy/retention.ts';
import { exportTiles } from '../src/read/export-tiles.ts';
import { checkConsistency, checkProof, proveConsistency, proveRecord } from '../src/read/proof.ts';
import type { AuditQuery } from '../src/read/query.ts';
import { readRecords, tailRecords } from '../src/read/records.ts';
import { checkSoc2, reportSoc2 } from '../src/report/soc2.ts';
import {
  linesOf,
  makeDirectory,
  openLog,
  recordsOf,
  segmentsOf,
  signerFromSeed,
  steppingClock,
  verifyBoth,
  vkeyOf,
} from './kit.ts';

const key = await vkeyOf();
let directory: string;
let early: string;

beforeAll(async () => {
  directory = join(makeDirectory(), 'log');
  const log = await openLog({ directory, maxSegmentBytes: 65_536 });
  const types = [
    'mcp.tool.result',
    'auth.expired',
    'config.changed',
    'limit.exceeded',
    'gdpr.consent_given',
    'security.anomaly',
  ] as const;
  for (let i = 0; i < 700; i += 1) {
    const type = types[i % types.length]!;
    const outcome = i % 4 === 0 ? 'denied' : 'ok';
    const target = { server: i % 2 === 0 ? 'files' : 'mail', method: 'tools/call', name: `tool-${i % 5}` };
    await log.record({ type, outcome, target, actor: { issuer: 'i', subject: `s${i % 3}` }, detail: { i } });
    if (i === 100) {
      await log.checkpoint();
      early = readFileSync(join(directory, 'checkpoint'), 'utf8');
    }
  }
  await log.close();
});

describe('proofs of records', () => {
  test('hold for first, last, tile edges and by id; a proof for one record does not prove another', async () => {
    const records = recordsOf(directory) as unknown as AuditRecord[];
    const last = records.length - 1;
    for (const seq of [0, 1, 255, 256, 257, 511, 512, last]) {
      const proof = await proveRecord({ directory, keys: [key], record: seq });
      expect(JSON.parse(proof.record)).toEqual(records[seq]);
      expect(checkProof(proof, [key])).toMatchObject({ size: records.length });
      expect(checkProof({ ...proof, record: JSON.stringify(records[(seq + 1) % records.length]) }, [key])).toBeTypeOf(
        'string',
      );
    }
    const byId = await proveRecord({ directory, keys: [key], record: records[300]!.id });
    expect(byId.seq).toBe(300);
    expect(byId.proof.startsWith('c2sp.org/tlog-proof@v1\nindex 300\n')).toBe(true);
    for (const wrong of [
      byId.proof.replace('index 300', 'index 301'),
      byId.proof.replace('@v1', '@v2'),
      byId.proof.replace(/\n[A-Za-z0-9+/]{43}=\n/, '\n'),
      '',
    ]) {
      expect(checkProof({ ...byId, proof: wrong }, [key])).toBeTypeOf('string');
    }
    expect(checkProof(byId, [await vkeyOf('another')])).toBeTypeOf('string');
  });

  test('unknown and unsigned records are not found', async () => {
    for (const record of ['no-such-id', 1_000_000]) {
      await expect(proveRecord({ directory, keys: [key], record })).rejects.toMatchObject({
        code: 'ERR_AUDIT_NOT_FOUND',
      });
    }
    const log = await openLog({ directory: join(makeDirectory(), 'log') });
    const { seq } = await log.record({ type: 'auth.ok' });
    await expect(proveRecord({ directory: log.directory, keys: [key], record: seq! })).rejects.toMatchObject({
      code: 'ERR_AUDIT_NOT_FOUND',
    });
    await log.close();
  });

  test('spoilt tiles are made anew; a spoilt record gives no proof', async () => {
    const tile = join(directory, tilePath(0, 1));
    const bytes = readFileSync(tile);
    bytes[40]! ^= 1;
    writeFileSync(tile, bytes);
    expect(checkProof(await proveRecord({ directory, keys: [key], record: 300 }), [key])).toMatchObject({
      origin: 'gw.example/audit/a',
    });
    const segment = segmentsOf(directory)[0]!;
    const original = readFileSync(segment, 'utf8');
    writeFileSync(segment, original.replace('"i":20', '"i":21'));
    rmSync(join(directory, 'tile'), { recursive: true });
    await expect(proveRecord({ directory, keys: [key], record: 300 })).rejects.toMatchObject({
      code: 'ERR_AUDIT_PROOF_FAILED',
    });
    writeFileSync(segment, original);
    rmSync(join(directory, 'tile'), { recursive: true });
  });
});

describe('consistency', () => {
  test('the log is proven to continue an older checkpoint, and nothing else is', async () => {
    const { to, path } = await proveConsistency({ directory, keys: [key], from: early });
    expect(checkConsistency({ from: early, to, path }, [key])).toBeUndefined();
    expect(checkConsistency({ from: early, to, path: path.slice(1) }, [key])).toBeTypeOf('string');
    const other = join(makeDirectory(), 'log');
    const log = await openLog({ directory: other });
    await log.record({ type: 'auth.ok' });
    await log.close();
    await expect(
      proveConsistency({ directory, keys: [key], from: readFileSync(join(other, 'checkpoint'), 'utf8') }),
    ).rejects.toMatchObject({ code: 'ERR_AUDIT_PROOF_FAILED' });
    await expect(proveConsistency({ directory, keys: [key], from: 'x' })).rejects.toMatchObject({
      code: 'ERR_AUDIT_NOTE_INVALID',
    });
  });
});

test('the exported tiles are a static tlog: an outsider rebuilds the signed root from tiles and from entries', async () => {
  const out = join(makeDirectory(), 'tiles');
  const { size } = await exportTiles({ directory, keys: [key], outputDirectory: out });
  const [, stated, root] = readFileSync(join(out, 'checkpoint'), 'utf8').split('\n');
  expect(Number(stated)).toBe(size);
  const [fromTiles, fromEntries] = [emptyFrontier(), emptyFrontier()];
  for (let n = 0; n * 256 < size; n += 1) {
    const width = Math.min(256, size - n * 256);
    const tile = readFileSync(join(out, tilePath(0, n, width)));
    expect(tile.length).toBe(width * 32);
    for (let i = 0; i < width; i += 1) appendLeaf(fromTiles, tile.toString('latin1', i * 32, i * 32 + 32));
    const bundle = readFileSync(join(out, tilePath('entries', n, width)));
    for (let at = 0; at < bundle.length;) {
      const length = bundle.readUInt16BE(at);
      appendLeaf(fromEntries, hashLeaf(bundle.subarray(at + 2, at + 2 + length)));
      at += 2 + length;
    }
  }
  expect(digestToBase64(frontierRoot(fromTiles))).toBe(root);
  expect(digestToBase64(frontierRoot(fromEntries))).toBe(root);
  expect(readdirSync(join(out, 'tile')).toSorted()).toEqual(['0', '1', 'entries']);
  expect(tilePath(0, 1_234_067, 5)).toBe('tile/0/x001/x234/067.p/5');
});

describe('the index', () => {
  const queries: AuditQuery[] = [
    {},
    { limit: 1000, order: 'ascending' },
    { types: ['auth.*'], limit: 1000 },
    { types: ['config.changed', 'gdpr.*'], outcomes: ['denied'], limit: 1000 },
    { server: 'mail', name: 'tool-1', limit: 1000 },
    { severities: ['high'], limit: 1000 },
    { sinceMs: 1_795_000_000_300, untilMs: 1_795_000_000_500, limit: 1000 },
    { cursor: 200, limit: 7 },
    { cursor: 200, limit: 7, order: 'ascending' },
    { types: [] },
  ];

  test('answers like a scan of the log, and the same after it was deleted and rebuilt', async () => {
    const path = join(makeDirectory(), 'i.sqlite');
    const answers = async (): Promise<AuditRecord[][]> => {
      using index = openAuditIndex({ directory, path });
      await index.update();
      return queries.map((query) => index.query(query));
    };
    const first = await answers();
    const records = recordsOf(directory) as unknown as AuditRecord[];
    expect(first[1]!.map(({ seq }) => seq)).toEqual(records.map(({ seq }) => seq));
    expect(first[2]).toEqual(records.filter(({ type }) => type.startsWith('auth.')).toReversed());
    expect(first[3]).toEqual(
      records
        .filter(({ type, outcome }) => (type === 'config.changed' || type.startsWith('gdpr.')) && outcome === 'denied')
        .toReversed(),
    );
    expect(first[4]!.length).toBeGreaterThan(50);
    expect(first[7]!.map(({ seq }) => seq)).toEqual([199, 198, 197, 196, 195, 194, 193]);
    expect(first[8]!.map(({ seq }) => seq)).toEqual([201, 202, 203, 204, 205, 206, 207]);
    expect(first[9]).toEqual([]);
    expect(await answers()).toEqual(first);
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
    expect(await answers()).toEqual(first);
  });

  test('takes in what is new, and starts over for another log', async () => {
    const path = join(makeDirectory(), 'i.sqlite');
    const other = join(makeDirectory(), 'log');
    const log = await openLog({ directory: other });
    using index = openAuditIndex({ directory: other, path });
    await index.update();
    await log.record({ type: 'auth.lockout', actor: { issuer: 'i', subject: 's0' } });
    expect(await index.update()).toBeGreaterThan(0);
    expect(index.query({ types: ['auth.lockout'] })).toHaveLength(1);
    const refs = index.refsOf((await subjectPseudonym(log, { issuer: 'i', subject: 's0' }))!);
    expect(index.query({ refs, types: ['auth.*'] })).toHaveLength(1);
    expect(() => index.query({ limit: 0 })).toThrow(TypeError);
    await log.close();
    using foreign = openAuditIndex({ directory, path });
    await foreign.update();
    expect(foreign.query({ types: ['auth.lockout'] })).toEqual([]);
  });
});

test('the tail follows the log across segments and ends when told', async () => {
  const log = await openLog({ directory: join(makeDirectory(), 'log'), maxSegmentBytes: 65_536 });
  const abort = new AbortController();
  const seen: number[] = [];
  const following = (async () => {
    for await (const record of tailRecords(log, { fromSeq: 0, pollMs: 10, signal: abort.signal }))
      seen.push(record.seq);
  })();
  for (let i = 0; i < 300; i += 1) await log.record({ type: 'auth.ok', detail: { filler: 't'.repeat(300) } });
  await log.close();
  const size = recordsOf(log.directory).length;
  await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(size);
  abort.abort();
  await following;
  expect(segmentsOf(log.directory).length).toBeGreaterThan(1);
  expect(seen).toEqual(Array.from({ length: size }, (_, i) => i));
  const read: number[] = [];
  for await (const record of readRecords(log, 250)) read.push(record.seq);
  expect(read).toEqual(seen.slice(250));
});

describe('retention', () => {
  const day = 86_400_000;

  async function grown() {
    const directory = join(makeDirectory(), 'log');
    let now = 1_795_000_000_000;
    const step = steppingClock(0);
    const options = { directory, maxSegmentBytes: 65_536, now: () => now + step() };
    const log = await openLog(options);
    for (let i = 0; i < 900; i += 1) {
      await log.record({
        type: 'mcp.tool.result',
        actor: { issuer: 'i', subject: `s${i % 4}` },
        detail: { i, filler: 'r'.repeat(100) },
        ...(i % 200 === 0 ? { capture: { i } } : {}),
      });
      if (i === 500) now += 10 * day;
    }
    await log.checkpoint();
    return { directory, log, options, cutMs: now - 5 * day };
  }

  test('whole segments go, both verifiers stay green, proofs and consistency with old checkpoints stay possible', async () => {
    const { directory, log, options, cutMs } = await grown();
    const old = readFileSync(join(directory, 'checkpoint'), 'utf8');
    const before = segmentsOf(directory).length;
    using index = openAuditIndex(log);
    await index.update();
    const result = await purgeSegments(log, { beforeMs: cutMs });
    expect(result).toMatchObject({ status: 'purged' });
    expect(result.firstSeq).toBeGreaterThan(256);
    expect(result.firstSeq % 256).not.toBe(0);
    expect(segmentsOf(directory).length).toBe(before - result.segments);
    expect(result.blobs).toBeGreaterThan(0);
    // Right after, before any later checkpoint: what was deleted is accounted for by a signature already.
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
    await log.close();
    const outside = join(makeDirectory(), 'old');
    writeFileSync(outside, old);
    const { status, library } = await verifyBoth(directory, [key], [outside]);
    expect(status).toBe('intact');
    expect(library.firstSeq).toBe(result.firstSeq);
    for (const record of [result.firstSeq, result.firstSeq + 1, library.size - 1]) {
      expect(checkProof(await proveRecord({ directory, keys: [key], record }), [key])).toMatchObject({
        size: library.size,
      });
    }
    const proof = await proveConsistency({ directory, keys: [key], from: old });
    expect(checkConsistency({ from: old, ...proof }, [key])).toBeUndefined();
    await index.update();
    expect(index.query({ order: 'ascending', limit: 1 })[0]!.seq).toBe(result.firstSeq);
    const again = await openLog(options);
    expect(await purgeSegments(again, { beforeMs: cutMs })).toMatchObject({ status: 'nothing' });
    await again.record({ type: 'auth.ok' });
    await again.close();
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
    const out = join(makeDirectory(), 'tiles');
    await exportTiles({ directory, keys: [key], outputDirectory: out });
    // A segment more than was purged is missing: that is tampering, retention or not.
    rmSync(segmentsOf(directory)[0]!);
    expect((await verifyBoth(directory, [key])).status).toBe('broken');
  });

  test('the tree state a segment begins with cannot be forged to hide a change of what was before', async () => {
    const { directory, log, cutMs } = await grown();
    await purgeSegments(log, { beforeMs: cutMs });
    await log.close();
    const first = segmentsOf(directory)[0]!;
    const text = readFileSync(first, 'utf8');
    const node = /"frontier":\["([0-9a-f]{64})"/.exec(text)![1]!;
    writeFileSync(
      first,
      text.replace(
        node,
        node.replace(/^./, (c) => (c === '0' ? '1' : '0')),
      ),
    );
    expect((await verifyBoth(directory, [key])).status).toBe('broken');
  });

  test('a legal hold keeps everything', async () => {
    const { log, cutMs } = await grown();
    await placeLegalHold(log, { id: 'h' });
    expect(await purgeSegments(log, { beforeMs: cutMs })).toMatchObject({ status: 'held', segments: 0 });
    await liftLegalHold(log, { id: 'h' });
    expect(await purgeSegments(log, { beforeMs: cutMs })).toMatchObject({ status: 'purged' });
    await log.close();
  });

  test('the active segment is never deleted', async () => {
    const log = await openLog({ directory: join(makeDirectory(), 'log') });
    await log.record({ type: 'auth.ok' });
    expect(await purgeSegments(log, { beforeMs: Number.MAX_SAFE_INTEGER })).toMatchObject({ status: 'nothing' });
    await log.close();
  });
});

describe('the SOC 2 pack', () => {
  const request = { fromMs: 0, toMs: 2_000_000_000_000, signer: signerFromSeed('a'), nowMs: 5 };

  test('counts per criterion what the log holds, with proofs that hold without the log, signed', async () => {
    const signed = await reportSoc2({ directory, keys: [key], ...request, samplesPerCriterion: 5 });
    expect(checkSoc2(signed, [key])).toBeUndefined();
    const records = recordsOf(directory) as unknown as AuditRecord[];
    const of = (id: string) => signed.pack.criteria.find((one) => one.id === id)!;
    expect(of('CC6.1').events).toBe(records.filter(({ type }) => /^(auth|authz|session)\./.test(type)).length);
    expect(of('CC8.1').byType).toEqual({
      'config.changed': records.filter(({ type }) => type === 'config.changed').length,
    });
    expect(of('CC6.1').samples).toHaveLength(5);
    expect(of('CC6.2').samples).toEqual([]);
    expect(signed.pack).toMatchObject({
      verification: { status: 'intact' },
      recordsInPeriod: records.length,
      madeAtMs: 5,
    });
    expect(signed.pack.notice).toMatch(/not a SOC 2 report/);
  });

  test('a changed pack, another key, or a changed sample is seen', async () => {
    const signed = await reportSoc2({ directory, keys: [key], ...request, samplesPerCriterion: 1 });
    const changed = structuredClone(signed);
    changed.pack.criteria[0]!.events += 1;
    expect(checkSoc2(changed, [key])).toBeTypeOf('string');
    expect(checkSoc2(signed, [await vkeyOf('b')])).toBeTypeOf('string');
    const resigned = await reportSoc2({
      directory,
      keys: [key],
      ...request,
      signer: signerFromSeed('b', 'mallory'),
      samplesPerCriterion: 1,
    });
    expect(checkSoc2(resigned, [key])).toBeTypeOf('string');
  });

  test('a period without events and misuse', async () => {
    const signed = await reportSoc2({ directory, keys: [key], ...request, toMs: 1 });
    expect(signed.pack.recordsInPeriod).toBe(0);
    await expect(reportSoc2({ directory, keys: [key], ...request, toMs: 0 })).rejects.toThrow(TypeError);
    await expect(reportSoc2({ directory, keys: [key], ...request, samplesPerCriterion: 1.5 })).rejects.toThrow(
      TypeError,
    );
  });
});

test('lines on disk are what the tests think they are', () => {
  expect(segmentsOf(directory).flatMap(linesOf)).toHaveLength(recordsOf(directory).length);
});
