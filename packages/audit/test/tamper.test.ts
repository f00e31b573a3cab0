import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { signCheckpoint } from '../src/note/checkpoint.ts';
import { absorbLine, copyHead, frontierHex, genesisHead, headRoot } from '../src/writer/chain.ts';
import {
  copyOf,
  linesOf,
  makeDirectory,
  makeSigner,
  openLog,
  segmentsOf,
  signerFromSeed,
  verifyBoth,
  vkeyOf,
  writeLines,
} from './kit.ts';

let base: string;
let key: string;
let oldCheckpoints: { early: string; middle: string };

/** Three segments, several checkpoints, all kinds of lines. */
async function writeLog(directory: string, seed = 'a', name?: string): Promise<{ early: string; middle: string }> {
  const signer = signerFromSeed(seed, name);
  const checkpoint = join(directory, 'checkpoint');
  const log = await openLog({ directory, signer, maxSegmentBytes: 65_536, checkpointEveryRecords: 64 });
  const early = readFileSync(checkpoint, 'utf8');
  let middle = '';
  for (let i = 0; i < 420; i += 1) {
    const actor = { issuer: 'https://idp.example', subject: `user-${i % 7}`, ip: `192.0.2.${i % 7}` };
    await log.record({ type: 'mcp.tool.result', outcome: 'ok', actor, detail: { i, filler: 'x'.repeat(120) } });
    if (i === 210) {
      await log.checkpoint();
      middle = readFileSync(checkpoint, 'utf8');
    }
  }
  await log.close();
  return { early, middle };
}

beforeAll(async () => {
  base = join(makeDirectory(), 'log');
  key = await vkeyOf();
  oldCheckpoints = await writeLog(base);
});

/** Changes the lines of one segment of a copy, then asks both verifiers. */
async function afterEdit(segment: number, edit: (lines: string[]) => string[]) {
  const copy = copyOf(base);
  const path = segmentsOf(copy).at(segment)!;
  writeLines(path, edit(linesOf(path)));
  return verifyBoth(copy, [key]);
}

function rechain(lines: string[], firstPrev: string): string[] {
  let prev = firstPrev;
  return lines.map((line) => {
    const changed = line.replace(/"prev":"[0-9a-f]{64}"\}$/, `"prev":"${prev}"}`);
    prev = createHash('sha256').update(changed).digest('hex');
    return changed;
  });
}

test('a clean log of several segments is intact for both verifiers, which agree on the root', async () => {
  expect(segmentsOf(base).length).toBeGreaterThanOrEqual(3);
  const { library, tiny } = await verifyBoth(base, [key]);
  expect(library).toMatchObject({ status: 'intact', exitCode: 0, findings: [], warnings: [] });
  expect(tiny).toMatchObject({ status: 'intact', exitCode: 0, problems: [], size: library.size, root: library.root });
});

describe('each class of tampering is found by both verifiers', () => {
  test('editing one byte', async () => {
    const { status } = await afterEdit(1, (lines) =>
      lines.with(10, lines[10]!.replace('"outcome":"ok"', '"outcome":"no"')),
    );
    expect(status).toBe('broken');
  });

  test('editing one byte of the very last record', async () => {
    const { status } = await afterEdit(-1, (lines) => [
      ...lines.slice(0, -1),
      lines.at(-1)!.replace('"id":"0', '"id":"1'),
    ]);
    expect(status).toBe('broken');
  });

  test('deleting a record', async () => {
    expect((await afterEdit(1, (lines) => lines.toSpliced(20, 1))).status).toBe('broken');
  });

  test('inserting a record', async () => {
    expect((await afterEdit(1, (lines) => lines.toSpliced(20, 0, lines[19]!.replace('"ok"', '"denied"')))).status).toBe(
      'broken',
    );
  });

  test('swapping two records', async () => {
    expect((await afterEdit(0, (lines) => lines.with(30, lines[31]!).with(31, lines[30]!))).status).toBe('broken');
  });

  test('duplicating a record', async () => {
    expect((await afterEdit(0, (lines) => lines.toSpliced(30, 0, lines[30]!))).status).toBe('broken');
  });

  test('truncating the tail by one record, by many, by half a record', async () => {
    expect((await afterEdit(-1, (lines) => lines.slice(0, -1))).status).toBe('broken');
    expect((await afterEdit(-1, (lines) => lines.slice(0, -25))).status).toBe('broken');
    const copy = copyOf(base);
    const last = segmentsOf(copy).at(-1)!;
    truncateSync(last, readFileSync(last).length - 100);
    expect((await verifyBoth(copy, [key])).status).toBe('broken');
  });

  test.each([0, 1, -1])('dropping segment %i', async (index) => {
    const copy = copyOf(base);
    rmSync(segmentsOf(copy).at(index)!);
    expect((await verifyBoth(copy, [key])).status).toBe('broken');
  });

  test('swapping the segments of two replicas', async () => {
    const other = join(makeDirectory(), 'log');
    await writeLog(other, 'a', 'gw.example/audit/b');
    const keys = [key, await vkeyOf('a', 'gw.example/audit/b')];
    const copy = copyOf(base);
    const [, mine] = segmentsOf(copy);
    const [, theirs] = segmentsOf(other);
    copyFileSync(theirs!, mine!);
    expect((await verifyBoth(copy, keys)).status).toBe('broken');
    copyFileSync(join(other, 'checkpoint'), join(copy, 'checkpoint'));
    expect((await verifyBoth(copy, keys)).status).toBe('broken');
  });

  test("a whole log of another replica under this replica's name", async () => {
    const other = join(makeDirectory(), 'log');
    await writeLog(other, 'a', 'gw.example/audit/b');
    expect((await verifyBoth(other, [key])).status).toBe('broken');
  });

  test('rebuilding the whole chain without the key', async () => {
    const copy = copyOf(base);
    let prev = '0'.repeat(64);
    for (const path of segmentsOf(copy)) {
      const lines = rechain(
        linesOf(path).map((line) => line.replace('"outcome":"ok"', '"outcome":"no"')),
        prev,
      );
      prev = createHash('sha256').update(lines.at(-1)!).digest('hex');
      writeLines(path, lines);
    }
    expect((await verifyBoth(copy, [key])).status).toBe('broken');
    rmSync(join(copy, 'checkpoint'));
    expect((await verifyBoth(copy, [key])).status).toBe('broken');
  });

  test('rebuilding with another key', async () => {
    const forged = join(makeDirectory(), 'log');
    const log = await openLog({ directory: forged, signer: makeSigner() });
    await log.record({ type: 'auth.ok' });
    await log.close();
    expect((await verifyBoth(forged, [key])).status).toBe('broken');
  });

  test('replaying an old checkpoint', async () => {
    for (const note of Object.values(oldCheckpoints)) {
      const copy = copyOf(base);
      writeFileSync(join(copy, 'checkpoint'), note);
      expect((await verifyBoth(copy, [key])).status).toBe('broken');
    }
  });

  test('cutting the log back to an old checkpoint is found with a checkpoint kept outside', async () => {
    const copy = copyOf(base);
    const outside = join(makeDirectory(), 'outside');
    copyFileSync(join(copy, 'checkpoint'), outside);
    const size = Number(oldCheckpoints.early.split('\n')[1]);
    const [first, ...rest] = segmentsOf(copy);
    writeLines(first!, linesOf(first!).slice(0, size));
    for (const path of rest) rmSync(path);
    writeFileSync(join(copy, 'checkpoint'), oldCheckpoints.early);
    expect((await verifyBoth(copy, [key])).status).toBe('intact');
    expect((await verifyBoth(copy, [key], [outside])).status).toBe('broken');
  });

  test('a fork: two signed checkpoints of the same size, in whichever order they come', async () => {
    const note = readFileSync(join(base, 'checkpoint'), 'utf8');
    const size = Number(note.split('\n')[1]);
    // The signer itself lies: same key, same size, another root.
    const forged = await signCheckpoint(signerFromSeed('a'), size, 'z'.repeat(32));
    const outside = join(makeDirectory(), 'outside');
    for (const content of [note + forged, forged + note, forged]) {
      writeFileSync(outside, content);
      const { library, tiny } = await verifyBoth(base, [key], [outside]);
      expect(library.findings.map(({ code }) => code)).toContain('fork');
      expect(tiny.problems.join()).toMatch(/fork/);
    }
    // Of a size for which the log has no checkpoint of its own.
    const one = await signCheckpoint(signerFromSeed('a'), size + 5, 'y'.repeat(32));
    const two = await signCheckpoint(signerFromSeed('a'), size + 5, 'z'.repeat(32));
    writeFileSync(outside, one + two);
    expect((await verifyBoth(base, [key], [outside])).library.findings.map(({ code }) => code)).toContain('fork');
  });

  test('a checkpoint in the log that states another tree, made by who has the key', async () => {
    const signer = signerFromSeed('a');
    const directory = join(makeDirectory(), 'log');
    const log = await openLog({ directory });
    await log.close();
    const path = segmentsOf(directory)[0]!;
    const lines = linesOf(path);
    const head = genesisHead();
    const take = (line: string): void => {
      const bytes = Buffer.from(`\n${line}\n`);
      absorbLine(head, bytes, 1, bytes.length - 1);
    };
    for (const line of lines) take(line);
    for (const [size, root] of [
      [head.size - 1, headRoot(head)],
      [head.size, 'z'.repeat(32)],
    ] as const) {
      const lying = copyHead(head);
      const note = JSON.stringify(await signCheckpoint(signer, size, root));
      const line = `{"v":1,"t":1795000009999,"type":"audit.checkpoint","id":"x","note":${note},"stream":"log","n":0,"seq":${head.size},"prev":"${head.prev}"}`;
      const bytes = Buffer.from(`\n${line}\n`);
      absorbLine(lying, bytes, 1, bytes.length - 1);
      const copy = copyOf(directory);
      writeLines(segmentsOf(copy)[0]!, [...lines, line]);
      writeFileSync(join(copy, 'checkpoint'), await signCheckpoint(signer, lying.size, headRoot(lying)));
      const { status, library } = await verifyBoth(copy, [key]);
      expect(status).toBe('broken');
      expect(library.findings.map(({ code }) => code)).toEqual(['checkpoint_mismatch']);
    }
  });

  test('a segment that continues the tree but says it belongs to another log', async () => {
    const signer = signerFromSeed('a');
    const directory = join(makeDirectory(), 'log');
    await (await openLog({ directory })).close();
    const head = genesisHead();
    const take = (line: string): void => {
      const bytes = Buffer.from(`\n${line}\n`);
      absorbLine(head, bytes, 1, bytes.length - 1);
    };
    const lines = linesOf(segmentsOf(directory)[0]!);
    for (const line of lines) take(line);
    const { segment } = JSON.parse(lines[0]!) as { segment: object };
    const before = { size: head.size, prev: head.prev, frontier: frontierHex(head) };
    const statuses: string[] = [];
    for (const chain of [{}, { chain: 'another' }]) {
      const copy = copyOf(directory);
      const fields = JSON.stringify({ ...segment, ...chain, size: before.size, frontier: before.frontier });
      const line = `{"v":1,"t":1795000009999,"type":"audit.segment_rotated","id":"x","segment":${fields},"stream":"log","n":0,"seq":${before.size},"prev":"${before.prev}"}`;
      writeLines(join(copy, 'segments', `${String(before.size).padStart(16, '0')}.jsonl`), [line]);
      const after = copyHead(head);
      const bytes = Buffer.from(`\n${line}\n`);
      absorbLine(after, bytes, 1, bytes.length - 1);
      writeFileSync(join(copy, 'checkpoint'), await signCheckpoint(signer, after.size, headRoot(after)));
      statuses.push((await verifyBoth(copy, [key])).status);
    }
    expect(statuses).toEqual(['intact', 'broken']);
  });

  test('a stray file or a renamed segment', async () => {
    const copy = copyOf(base);
    renameSync(segmentsOf(copy)[1]!, join(copy, 'segments', 'old.jsonl'));
    expect((await verifyBoth(copy, [key])).status).toBe('broken');
  });

  test('a retention record that nobody signed does not excuse missing segments', async () => {
    const copy = copyOf(base);
    const segments = segmentsOf(copy);
    rmSync(segments[0]!);
    const last = segments.at(-1)!;
    const lines = linesOf(last);
    const tail = lines.at(-1)!;
    const seq = Number(/"seq":(\d+)/.exec(tail)![1]) + 1;
    const prev = createHash('sha256').update(tail).digest('hex');
    const before = Number(/(\d{16})\.jsonl$/.exec(segments[1]!)![1]);
    const forged = `{"v":1,"t":1795000009999,"type":"gdpr.retention_purge","id":"x","detail":{"before_seq":${before}},"stream":"gdpr","n":0,"seq":${seq},"prev":"${prev}"}`;
    writeLines(last, [...lines, forged]);
    expect((await verifyBoth(copy, [key])).status).toBe('broken');
  });
});

test('without a valid signature of the origin a note is worth nothing', async () => {
  const copy = copyOf(base);
  const note = readFileSync(join(copy, 'checkpoint'), 'utf8');
  writeFileSync(join(copy, 'checkpoint'), note.replace(/\u2014 \S+ /, '\u2014 other.example '));
  expect((await verifyBoth(copy, [key])).status).toBe('broken');
});
