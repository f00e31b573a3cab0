import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFileSystem, verifyLog } from '@sekisho/audit';
import { faultyFileSystem } from '@sekisho/audit/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { folderOf } from '../config/load-fixture.ts';
import { modernAsk } from '../support/mcp-client.ts';
import { startHouse, startNotes, type House } from './kit.ts';

/** Ids of the exchanges on record that ended well; one for each answer that was given. */
async function recorded(house: House): Promise<number> {
  return (await house.records()).filter(({ type, outcome }) => type === 'mcp.tool.result' && outcome === 'ok').length;
}

async function isIntact(house: House): Promise<void> {
  const key = house.composition.audit.log!.verifierKey;
  await house.composition.close();
  expect(await verifyLog({ directory: house.directory, keys: [key] })).toMatchObject({
    status: 'intact',
    findings: [],
  });
}

describe.each(['EIO', 'ENOSPC'])('a disk that answers %s', (code) => {
  test('R-81: is a 503 with a time to retry, and over as soon as the disk works again', async () => {
    const { url, calls } = await startNotes();
    const fileSystem = faultyFileSystem(nodeFileSystem());
    const house = await startHouse({}, { url, fileSystem });
    const ask = modernAsk(house.port, house.who);
    const call = async (name: string) => await ask('tools/call', { name: `notes__${name}`, arguments: {} });
    expect((await call('get')).status).toBe(200);

    const mend = fileSystem.fail({ operation: 'write', code, path: 'segments' });
    const first = await call('get');
    expect(first.status).toBe(503);
    expect(Number(first.headers['retry-after'])).toBeGreaterThan(0);
    expect(first.message.error!.code).toBe(-31503);
    // From the first refusal on nothing is sent whose intent is not on disk, and a tool that destroys never is.
    const before = calls();
    expect((await call('get')).status).toBe(503);
    expect((await call('drop')).status).toBe(503);
    expect(calls()).toBe(before);
    // What the gateway would answer by itself is not told either.
    expect((await ask('tools/list')).status).toBe(503);
    expect((await ask('no/such')).status).toBe(503);

    mend();
    await expect.poll(async () => (await call('get')).status, { timeout: 10_000 }).toBe(200);
    expect((await call('drop')).status).toBe(200);
    const answered = await recorded(house);
    expect(answered).toBeGreaterThanOrEqual(3);
    await isIntact(house);
  });
});

test('a tool that destroys is not called when its intent cannot be written, not even the first time', async () => {
  const { url, calls } = await startNotes();
  const fileSystem = faultyFileSystem(nodeFileSystem());
  const house = await startHouse({}, { url, fileSystem });
  const mend = fileSystem.fail({ operation: 'datasync', code: 'EIO', path: 'segments' });
  expect((await modernAsk(house.port, house.who)('tools/call', { name: 'notes__drop', arguments: {} })).status).toBe(
    503,
  );
  expect(calls()).toBe(0);
  mend();
});

test('a real disk that runs full: no answer without a record, and work again once there is room', async ({ skip }) => {
  const stateFolder = join(await folderOf({}), 'disk');
  await mkdir(stateFolder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=900000', 'tmpfs', stateFolder], { stdio: 'pipe' });
  } catch {
    skip('mounting a tmpfs needs root and permission to mount');
  }
  onTestFinished(() => void execFileSync('umount', ['-l', stateFolder]));
  const house = await startHouse({}, { stateFolder });
  await writeFile(join(stateFolder, 'ballast'), Buffer.alloc(300_000));
  const ask = modernAsk(house.port, house.who);
  const call = async (): Promise<number> =>
    (await ask('tools/call', { name: 'notes__get', arguments: { filler: 'x'.repeat(100) } })).status;
  let answered = 0;
  let refused = 0;
  for (let round = 0; round < 200 && refused < 20; round += 1) {
    for (const status of await Promise.all(Array.from({ length: 8 }, call))) {
      expect([200, 503]).toContain(status);
      if (status === 200) answered += 1;
      else refused += 1;
    }
  }
  expect(answered).toBeGreaterThan(20);
  expect(refused).toBeGreaterThanOrEqual(20);
  await rm(join(stateFolder, 'ballast'));
  await expect.poll(call, { timeout: 10_000 }).toBe(200);
  expect(await recorded(house)).toBeGreaterThanOrEqual(answered + 1);
  await isIntact(house);
});
