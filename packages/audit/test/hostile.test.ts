import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { copyOf, linesOf, makeDirectory, openLog, segmentsOf, verifyBoth, vkeyOf } from './kit.ts';

const key = await vkeyOf();
let base: string;

beforeAll(async () => {
  base = join(makeDirectory(), 'log');
  const log = await openLog({ directory: base });
  await log.record({ type: 'auth.ok' });
  await log.close();
});

/** Appends a record that fits the chain, as anybody can who may write to the file. */
function append(directory: string, members: string, stream = 'log', n = 0): void {
  const path = segmentsOf(directory)[0]!;
  const last = linesOf(path).at(-1)!;
  const seq = Number(/"seq":(\d+)/.exec(last)![1]) + 1;
  const prev = createHash('sha256').update(last).digest('hex');
  appendFileSync(
    path,
    `{"v":1,"t":1795000099999,${members},"stream":"${stream}","n":${n},"seq":${seq},"prev":"${prev}"}\n`,
  );
}

test.each([
  ['a gap without a shape', '"type":"audit.gap","gap":7'],
  ['a gap of nothing', '"type":"audit.gap","gap":null'],
  ['a gap with odd ranges', '"type":"audit.gap","gap":{"stream":"a","ranges":[[5,1],["x"],null],"count":"y"}'],
  [
    'a gap over all numbers',
    '"type":"audit.gap","gap":{"stream":"auth","ranges":[[0,9007199254740991]],"count":1,"reason":"r"}',
  ],
  ['a checkpoint that is no text', '"type":"audit.checkpoint","note":{"a":1}'],
  ['a checkpoint without one', '"type":"audit.checkpoint"'],
  ['a purge of everything', '"type":"gdpr.retention_purge","detail":{"before_seq":1e300}'],
  ['a purge of nothing', '"type":"gdpr.retention_purge","detail":null'],
  ['a run that begins anew', '"type":"audit.started","detail":[]'],
])('%s at the unsigned end does not confuse the verifiers, and is never intact', async (_name, members) => {
  const copy = copyOf(base);
  append(copy, members);
  expect((await verifyBoth(copy, [key])).status).not.toBe('intact');
});

test('a counter that jumps to the largest number takes no time', async () => {
  const copy = copyOf(base);
  append(copy, '"type":"auth.ok"', 'auth', 9_007_199_254_740_990);
  expect((await verifyBoth(copy, [key])).status).not.toBe('intact');
});

test.each([
  '"segment":7',
  '"segment":null',
  '"segment":{"size":0}',
  '"segment":{"chain":1,"origin":2,"size":0,"frontier":[],"open":[]}',
  '"segment":{"chain":"a","origin":"b","size":0,"frontier":"x","open":[]}',
  '"segmen":1',
])('a first record with %s', async (members) => {
  const copy = copyOf(base);
  const path = segmentsOf(copy)[0]!;
  writeFileSync(path, readFileSync(path, 'utf8').replace(/"segment":\{[^}]*\}/, members));
  expect((await verifyBoth(copy, [key])).status).toBe('broken');
  await expect(openLog({ directory: copy })).rejects.toMatchObject({ code: 'ERR_AUDIT_CHAIN_BROKEN' });
});

test.each([
  '',
  '\n',
  '\n\n\n',
  'null\n',
  '[]\n',
  '{}\n',
  '\u0000\u0000\n',
  `${'x'.repeat(200_000)}\n`,
  '{"v":1,"t":1,"type":"a.b","stream":"a","n":0,"seq":0,"prev":"x"}\n',
])('a segment of %j', async (content) => {
  const copy = copyOf(base);
  writeFileSync(segmentsOf(copy)[0]!, content);
  expect((await verifyBoth(copy, [key])).status).toBe('broken');
  await expect(openLog({ directory: copy })).rejects.toMatchObject({ code: 'ERR_AUDIT_CHAIN_BROKEN' });
});
