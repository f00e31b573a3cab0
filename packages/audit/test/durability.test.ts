import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, truncateSync, unlinkSync, writeFileSync, appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../src/storage/file-system.ts';
import { faultyFileSystem } from '../src/testing/faulty-file-system.ts';
import { linesOf, makeDirectory, openLog, recordsOf, segmentsOf, verifyBoth, vkeyOf, writeLines } from './kit.ts';

const key = await vkeyOf();
const freshDirectory = (): string => join(makeDirectory(), 'log');

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('injected faults', () => {
  test.each([
    ['write', 'ENOSPC', 'ERR_AUDIT_STORAGE_FULL'],
    ['write', 'EIO', 'ERR_AUDIT_STORAGE_FAILED'],
    ['datasync', 'EIO', 'ERR_AUDIT_STORAGE_FAILED'],
    ['datasync', 'ENOSPC', 'ERR_AUDIT_STORAGE_FULL'],
  ] as const)(
    '%s failing with %s refuses, says when to retry, and recovers without hands',
    async (operation, code, expected) => {
      const directory = freshDirectory();
      const fs = faultyFileSystem(nodeFileSystem());
      const log = await openLog({ directory, fileSystem: fs });
      const before = await log.record({ type: 'auth.ok' });
      const mend = fs.fail({ operation, code, path: 'segments', partialBytes: 77 });
      const refused = await Promise.allSettled(Array.from({ length: 5 }, () => log.record({ type: 'auth.expired' })));
      for (const one of refused) {
        expect(one.status).toBe('rejected');
        const reason = (one as PromiseRejectedResult).reason as { code: string; retryAfterSeconds: number };
        expect(reason.code).toBe(expected);
        expect(reason.retryAfterSeconds).toBeGreaterThan(0);
      }
      expect(fs.injected).toBeGreaterThan(0);
      mend();
      const after = await log.record({ type: 'auth.ok' });
      await log.close();
      const records = recordsOf(directory);
      expect(records.filter(({ type }) => type === 'auth.expired')).toEqual([]);
      for (const { id } of [before, after]) expect(records.filter((record) => record.id === id)).toHaveLength(1);
      // What was refused is accounted for, by counter.
      const gap = records.find(({ type }) => type === 'audit.gap') as {
        gap: { count: number; ranges: number[][]; stream: string };
      };
      expect(gap.gap).toMatchObject({ stream: 'auth', count: 5, ranges: [[1, 5]] });
      const { status, library } = await verifyBoth(directory, [key]);
      expect(status).toBe('intact');
      expect(library.warnings.map((one) => one.code)).toContain('refused_records');
    },
  );

  test('a failing rotation keeps the old segment and the next attempt makes the new one', async () => {
    const directory = freshDirectory();
    const fs = faultyFileSystem(nodeFileSystem());
    const log = await openLog({ directory, fileSystem: fs, maxSegmentBytes: 65_536 });
    const acknowledged: string[] = [];
    fs.fail({ operation: 'open', code: 'EIO', path: 'segments', times: 3 });
    fs.fail({ operation: 'syncDirectory', code: 'EIO', path: 'segments', times: 2 });
    let refused = 0;
    for (let i = 0; i < 400; i += 1) {
      try {
        acknowledged.push((await log.record({ type: 'mcp.list', detail: { filler: 'z'.repeat(300) } })).id);
      } catch {
        refused += 1;
      }
    }
    await log.close();
    expect(refused).toBe(5);
    expect(segmentsOf(directory).length).toBeGreaterThan(1);
    const present = new Set(recordsOf(directory).map(({ id }) => id));
    expect(acknowledged.filter((id) => !present.has(id))).toEqual([]);
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
  });

  test('a truncate that fails on repair is tried again', async () => {
    const directory = freshDirectory();
    const fs = faultyFileSystem(nodeFileSystem());
    const log = await openLog({ directory, fileSystem: fs });
    fs.fail({ operation: 'write', code: 'EIO', path: 'segments', times: 1, partialBytes: 50 });
    fs.fail({ operation: 'truncate', code: 'EIO', path: 'segments', times: 2 });
    for (let i = 0; i < 3; i += 1)
      expect(await codeOf(log.record({ type: 'auth.ok' }))).toBe('ERR_AUDIT_STORAGE_FAILED');
    await log.record({ type: 'auth.ok' });
    await log.close();
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
  });

  test('a checkpoint file that cannot be written does not stop the record; the next one is complete', async () => {
    const directory = freshDirectory();
    const fs = faultyFileSystem(nodeFileSystem());
    const log = await openLog({ directory, fileSystem: fs, checkpointEveryRecords: 2 });
    const mend = fs.fail({ operation: 'replaceFile', code: 'ENOSPC', path: 'checkpoint' });
    for (let i = 0; i < 10; i += 1) await log.record({ type: 'auth.ok' });
    await expect(log.checkpoint()).rejects.toThrow(/ENOSPC/);
    mend();
    await log.close();
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
  });

  test('an identity whose key cannot be stored refuses the record', async () => {
    const directory = freshDirectory();
    const fs = faultyFileSystem(nodeFileSystem());
    const log = await openLog({ directory, fileSystem: fs });
    const actor = { issuer: 'i', subject: 'new' };
    const mend = fs.fail({ operation: 'replaceFile', code: 'EIO', path: '-keys' });
    expect(await codeOf(log.record({ type: 'auth.ok', actor }))).toBe('ERR_AUDIT_KEY_FAILED');
    mend();
    await log.record({ type: 'auth.ok', actor });
    await log.close();
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
  });

  test('a terminal record that the disk refused is owed and written late', async () => {
    const directory = freshDirectory();
    const fs = faultyFileSystem(nodeFileSystem());
    const log = await openLog({ directory, fileSystem: fs });
    const exchange = log.exchange({ durability: 'strict' });
    await exchange.intent({ type: 'mcp.tool.call' });
    const mend = fs.fail({ operation: 'write', code: 'ENOSPC', path: 'segments' });
    expect(await codeOf(exchange.finish({ type: 'mcp.tool.result', outcome: 'ok' }))).toBe('ERR_AUDIT_STORAGE_FULL');
    expect(log.state().owedTerminals).toBe(1);
    mend();
    await log.record({ type: 'auth.ok' });
    await log.close();
    const terminals = recordsOf(directory).filter(
      ({ ex }) => (ex as { phase?: string } | undefined)?.phase === 'terminal',
    );
    expect(terminals).toHaveLength(1);
    expect(terminals[0]).toMatchObject({ ex: { id: exchange.id }, detail: { late: true } });
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
  });

  test('a disk that hangs refuses everybody in time and takes records again afterwards', async () => {
    const directory = freshDirectory();
    const fs = faultyFileSystem(nodeFileSystem());
    const log = await openLog({ directory, fileSystem: fs, ackTimeoutMs: 500 });
    const release = fs.stall();
    const results = await Promise.all([
      codeOf(log.record({ type: 'auth.ok' })),
      codeOf(log.record({ type: 'auth.ok' })),
    ]);
    expect(results).toEqual(['ERR_AUDIT_TIMEOUT', 'ERR_AUDIT_TIMEOUT']);
    expect(log.state().stalled).toBe(true);
    expect(await codeOf(log.record({ type: 'auth.ok' }))).toBe('ERR_AUDIT_TIMEOUT');
    release();
    await expect.poll(() => codeOf(log.record({ type: 'auth.ok' })), { timeout: 15_000 }).toBeUndefined();
    await log.close();
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
  });

  test('a signer that fails leaves records unsigned, not unwritten', async () => {
    const { signerFromSeed } = await import('./kit.ts');
    const directory = freshDirectory();
    const real = signerFromSeed('a');
    let broken = false;
    const signer = {
      ...real,
      sign: (message: Uint8Array) => {
        if (broken) throw new Error('the HSM is away');
        return real.sign(message);
      },
    };
    const log = await openLog({ directory, signer, checkpointEveryRecords: 1 });
    broken = true;
    await log.record({ type: 'auth.ok' });
    expect(await codeOf(log.checkpoint())).toBe('ERR_AUDIT_SIGNER_FAILED');
    expect((await verifyBoth(directory, [key])).status).toBe('unsealed');
    broken = false;
    await log.checkpoint();
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
    await log.close();
  });
});

describe('back-pressure', () => {
  test('a full queue refuses with Retry-After and nothing that was acknowledged is missing', async () => {
    const directory = freshDirectory();
    const log = await openLog({ directory, maxQueueBytes: 65_536 });
    const results = await Promise.allSettled(
      Array.from({ length: 500 }, () => log.record({ type: 'auth.ok', detail: { filler: 'q'.repeat(500) } })),
    );
    const acknowledged = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value.id] : []));
    const refused = results.flatMap((one) =>
      one.status === 'rejected' ? [one.reason as { code: string; retryAfterSeconds: number }] : [],
    );
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(refused.length).toBeGreaterThan(10);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['ERR_AUDIT_QUEUE_FULL']));
    expect(refused[0]!.retryAfterSeconds).toBe(1);
    await log.record({ type: 'auth.ok' });
    await log.close();
    const records = recordsOf(directory);
    const present = new Set(records.map(({ id }) => id));
    expect(acknowledged.filter((id) => !present.has(id))).toEqual([]);
    const gaps = records.flatMap(({ gap }) => (gap ? [(gap as { count: number }).count] : []));
    expect(gaps.reduce((a, b) => a + b, 0)).toBe(refused.length);
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
  });

  test('what was refused last, with nothing of its stream after it, is accounted for as well', async () => {
    const directory = freshDirectory();
    const fs = faultyFileSystem(nodeFileSystem());
    const log = await openLog({ directory, fileSystem: fs });
    const mend = fs.fail({ operation: 'write', code: 'EIO', path: 'segments' });
    expect(await codeOf(log.record({ type: 'limit.exceeded' }))).toBe('ERR_AUDIT_STORAGE_FAILED');
    mend();
    await log.close();
    expect(recordsOf(directory).find(({ type }) => type === 'audit.gap')).toMatchObject({
      gap: { stream: 'limit', ranges: [[0, 0]] },
    });
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
  });

  test('text of three bytes per character fills batches without harm', async () => {
    const directory = freshDirectory();
    const log = await openLog({ directory, maxBatchBytes: 65_536 });
    const name = '\u65e5'.repeat(250);
    const detail = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`k${i}`, '\u672c'.repeat(1000)]));
    await Promise.all(Array.from({ length: 300 }, () => log.record({ type: 'mcp.list', target: { name }, detail })));
    await log.close();
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
  });

  test('relaxed records are dropped when too many wait, counted and said so', async () => {
    const directory = freshDirectory();
    const log = await openLog({ directory, maxRelaxedRecords: 20 });
    for (let i = 0; i < 100; i += 1) await log.record({ type: 'auth.ok', detail: { i } }, { durability: 'relaxed' });
    expect(log.state().refusedRecords).toBe(80);
    await log.record({ type: 'auth.expired' });
    await log.close();
    const records = recordsOf(directory);
    expect(records.filter(({ type }) => type === 'auth.ok')).toHaveLength(20);
    expect(records.find(({ type }) => type === 'audit.dropped')).toMatchObject({
      gap: { stream: 'auth', count: 80, reason: 'dropped' },
    });
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
  });
});

const mounts: string[] = [];
afterAll(() => {
  for (const mount of mounts) execFileSync('umount', ['-l', mount]);
});

function smallDisk(bytes: number): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const mount = join(makeDirectory(), 'disk');
  mkdirSync(mount);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', mount], { stdio: 'pipe' });
  } catch {
    return undefined;
  }
  mounts.push(mount);
  return mount;
}

test('a real disk that runs full: refusals, no lost acknowledgement, and work again once there is room', async ({
  skip,
}) => {
  const disk = smallDisk(1_500_000);
  if (disk === undefined) skip('mounting a tmpfs needs root and permission to mount');
  const directory = join(disk!, 'log');
  const log = await openLog({ directory });
  const ballast = join(disk!, 'ballast');
  writeFileSync(ballast, Buffer.alloc(300_000));
  const acknowledged: string[] = [];
  let refused = 0;
  for (let round = 0; round < 40; round += 1) {
    const results = await Promise.allSettled(
      Array.from({ length: 64 }, () => log.record({ type: 'mcp.list', detail: { filler: 'd'.repeat(600) } })),
    );
    for (const one of results) {
      if (one.status === 'fulfilled') acknowledged.push(one.value.id);
      else {
        expect((one.reason as { code: string }).code).toBe('ERR_AUDIT_STORAGE_FULL');
        expect((one.reason as { retryAfterSeconds: number }).retryAfterSeconds).toBe(30);
        refused += 1;
      }
    }
  }
  expect(refused).toBeGreaterThan(64);
  expect(acknowledged.length).toBeGreaterThan(64);
  unlinkSync(ballast);
  acknowledged.push((await log.record({ type: 'mcp.list' })).id);
  await log.close();
  const present = new Set(recordsOf(directory).map(({ id }) => id));
  expect(acknowledged.filter((id) => !present.has(id))).toEqual([]);
  expect((await verifyBoth(directory, [key])).status).toBe('intact');
});

describe('recovery', () => {
  async function crashed(): Promise<string> {
    const directory = freshDirectory();
    const log = await openLog({ directory });
    for (let i = 0; i < 20; i += 1) await log.record({ type: 'auth.ok', detail: { i } });
    await log.close();
    return directory;
  }

  test('a torn tail is cut off, kept aside, and said so', async () => {
    const directory = await crashed();
    const torn = linesOf(segmentsOf(directory)[0]!)[5]!.slice(0, 150);
    appendFileSync(segmentsOf(directory)[0]!, torn);
    expect((await verifyBoth(directory, [key])).status).toBe('unsealed');
    const log = await openLog({ directory });
    expect(log.recovery).toMatchObject({ torn: { bytes: 150, lines: 1 } });
    await log.close();
    expect(recordsOf(directory).find(({ type }) => type === 'gateway.crashed_recovered')).toMatchObject({
      detail: { torn_bytes: 150 },
    });
    const [name] = await nodeFileSystem().list(join(directory, 'torn'));
    expect(readFileSync(join(directory, 'torn', name!), 'utf8')).toBe(torn);
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
  });

  test('an empty or half first line of a new segment is taken back', async () => {
    for (const content of ['', '{"v":1,"t":17']) {
      const directory = await crashed();
      const size = recordsOf(directory).length;
      const stray = join(directory, 'segments', `${String(size).padStart(16, '0')}.jsonl`);
      writeFileSync(stray, content);
      expect((await verifyBoth(directory, [key])).status).toBe('unsealed');
      const log = await openLog({ directory });
      await log.close();
      expect(existsSync(stray)).toBe(false);
      expect((await verifyBoth(directory, [key])).status).toBe('intact');
    }
  });

  test('a signed record that is gone or changed is not mended but refused', async () => {
    const cut = await crashed();
    const path = segmentsOf(cut)[0]!;
    truncateSync(path, readFileSync(path).length - 700);
    expect(await codeOf(openLog({ directory: cut }))).toBe('ERR_AUDIT_CHAIN_BROKEN');
    const changed = await crashed();
    const file = segmentsOf(changed)[0]!;
    writeFileSync(file, readFileSync(file, 'utf8').replace('"i":7', '"i":8'));
    const before = readFileSync(file);
    expect(await codeOf(openLog({ directory: changed }))).toBe('ERR_AUDIT_CHAIN_BROKEN');
    expect(readFileSync(file)).toEqual(before);
  });

  test('a chain that was rebuilt without the key is refused, although every line fits', async () => {
    const directory = await crashed();
    const file = segmentsOf(directory)[0]!;
    let prev = '0'.repeat(64);
    const lines = linesOf(file).map((line) => {
      const changed = line.replace('"i":7', '"i":8').replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${prev}"`);
      prev = createHash('sha256').update(changed).digest('hex');
      return changed;
    });
    writeLines(file, lines);
    expect(await codeOf(openLog({ directory }))).toBe('ERR_AUDIT_CHAIN_BROKEN');
    expect(linesOf(file)).toEqual(lines);
  });

  test('more garbage than one write can tear is refused', async () => {
    const directory = await crashed();
    appendFileSync(segmentsOf(directory)[0]!, Buffer.alloc(3_000_000, 'x'));
    expect(await codeOf(openLog({ directory }))).toBe('ERR_AUDIT_CHAIN_BROKEN');
  });

  test('a forged checkpoint, or a log of another signer, is refused', async () => {
    const directory = await crashed();
    const { makeSigner } = await import('./kit.ts');
    expect(await codeOf(openLog({ directory, signer: makeSigner() }))).toBe('ERR_AUDIT_CHAIN_BROKEN');
    expect(await codeOf(openLog({ directory, signer: makeSigner('gw.example/audit/other') }))).toBe(
      'ERR_AUDIT_CHAIN_BROKEN',
    );
  });

  test('after a change of the signing key the old one is still trusted for what it signed', async () => {
    const directory = await crashed();
    const { signerFromSeed } = await import('./kit.ts');
    const log = await openLog({ directory, signer: signerFromSeed('new key'), previousKeys: [key] });
    await log.record({ type: 'auth.ok' });
    await log.close();
    expect((await verifyBoth(directory, [key, await vkeyOf('new key')])).status).toBe('intact');
    expect((await verifyBoth(directory, [key])).status).toBe('broken');
  });

  test('one writer only; a lock of a dead process is taken over', async () => {
    const directory = await crashed();
    const log = await openLog({ directory });
    expect(await codeOf(openLog({ directory }))).toBe('ERR_AUDIT_LOCKED');
    await log.close();
    writeFileSync(
      join(directory, 'writer.lock'),
      JSON.stringify({ pid: 2 ** 22 - 1, host: (await import('node:os')).hostname(), started: '1' }),
    );
    await (await openLog({ directory })).close();
    writeFileSync(join(directory, 'writer.lock'), JSON.stringify({ pid: 1, host: 'another-host', started: '1' }));
    expect(await codeOf(openLog({ directory }))).toBe('ERR_AUDIT_LOCKED');
  });
});

test('a closed log refuses, and closing twice is one closing', async () => {
  const directory = freshDirectory();
  const log = await openLog({ directory });
  const exchange = log.exchange();
  await Promise.all([log.close(), log.close()]);
  expect(await codeOf(log.record({ type: 'auth.ok' }))).toBe('ERR_AUDIT_CLOSED');
  expect(await codeOf(exchange.finish({ type: 'mcp.list' }))).toBe('ERR_AUDIT_CLOSED');
  expect(recordsOf(directory).filter(({ type }) => type === 'audit.stopped')).toHaveLength(1);
  expect((await verifyBoth(directory, [key])).status).toBe('intact');
});
