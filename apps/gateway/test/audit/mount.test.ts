import { createHmac } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyLog } from '@sekisho/audit';
import { expect, test } from 'vitest';
import { legacyAsk, modernAsk, openSession } from '../support/mcp-client.ts';
import { startHouse } from './kit.ts';

const types = (records: readonly { type: string; ex?: { phase: string } }[]): string[] =>
  records.filter(({ ex }) => ex !== undefined).map(({ type, ex }) => `${type} ${ex!.phase}`);

test('R-83: a gateway keeps a record without being asked to', async () => {
  const { composition, port, who, directory, stateFolder, records } = await startHouse();
  const ask = modernAsk(port, { ...who, 'user-agent': 'ada-agent' });
  await ask('tools/call', { name: 'notes__get', arguments: { secret: 'S-3cr-3t' } });
  const { headers: session } = await openSession(port, who);
  await legacyAsk(port, session)('tools/list');
  await composition.close();

  const all = await records();
  expect(types(all)).toEqual([
    'mcp.tool.call intent',
    'mcp.tool.result terminal',
    'mcp.initialize terminal',
    'mcp.list terminal',
  ]);
  const [intent, result] = all.filter(({ ex }) => ex !== undefined);
  expect(intent).toMatchObject({
    target: { server: 'notes', method: 'tools/call', name: 'get', era: 'modern' },
    req: { id: 1, bytes: expect.any(Number), args_mac: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ex: { id: result!.ex!.id },
  });
  expect(result).toMatchObject({
    outcome: 'ok',
    res: { bytes: expect.any(Number), ms: expect.any(Number), result_mac: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  // What was said and who said it are nowhere in the clear.
  const text = (
    await Promise.all(
      (await readdir(join(directory, 'segments'))).map((name) => readFile(join(directory, 'segments', name), 'utf8')),
    )
  ).join('');
  expect(text).not.toMatch(/S-3cr-3t|ada-agent|127\.0\.0\.1/);

  const keys = join(stateFolder, 'audit-keys');
  expect((await stat(join(keys, 'signer.json'))).mode & 0o777).toBe(0o600);
  expect((await stat(keys)).mode & 0o777).toBe(0o700);
});

test('the record verifies, goes on after a stop, and another gateway of the computer writes one of its own', async () => {
  const first = await startHouse();
  const second = await startHouse({}, { stateFolder: first.stateFolder });
  await modernAsk(first.port, first.who)('tools/list');
  await modernAsk(second.port, second.who)('tools/list');
  const key = first.composition.audit.log!.verifierKey;
  const otherKey = second.composition.audit.log!.verifierKey;
  await first.composition.close();
  await second.composition.close();
  const again = await startHouse({}, { stateFolder: first.stateFolder });
  expect(again.composition.audit.replica).toBe('1');
  expect(again.composition.audit.log!.verifierKey).toBe(key);
  await again.composition.close();
  expect(await verifyLog({ directory: first.directory, keys: [key] })).toMatchObject({ status: 'intact' });
  const other = join(first.stateFolder, 'audit', '2');
  expect(await verifyLog({ directory: other, keys: [otherKey] })).toMatchObject({ status: 'intact' });
  expect((await first.records()).filter(({ type }) => type === 'config.loaded')).toHaveLength(2);
});

test('it can be turned off, and then nothing is written', async () => {
  const { composition, port, who, stateFolder } = await startHouse({ audit: { enabled: false } });
  expect((await modernAsk(port, who)('tools/call', { name: 'notes__get' })).status).toBe(200);
  await composition.close();
  await expect(readdir(join(stateFolder, 'audit'))).rejects.toThrow('ENOENT');
});

test('keys that others can read, and a log that was changed, stop the start and say what to do', async () => {
  const { composition, stateFolder, directory } = await startHouse();
  await composition.close();
  const { chmod, writeFile } = await import('node:fs/promises');
  const keys = join(stateFolder, 'audit-keys', 'signer.json');
  await chmod(keys, 0o644);
  await expect(startHouse({}, { stateFolder })).rejects.toThrow(`chmod 600 ${keys}`);
  await chmod(keys, 0o600);
  const [name] = await readdir(join(directory, 'segments'));
  const segment = join(directory, 'segments', name!);
  const lines = await readFile(segment, 'utf8');
  await writeFile(segment, lines.replace('"outcome":"ok"', '"outcome":"no"'));
  await expect(startHouse({}, { stateFolder })).rejects.toThrow(/cannot be opened.*sekisho audit verify/s);
});

test('what the configuration asks to be kept is sealed under the key of its sender', async () => {
  const audit = { capture: [{ server: 'notes', name: 'g*', arguments: true, results: true }] };
  const { composition, port, who, records } = await startHouse({ audit });
  const { log } = composition.audit;
  await modernAsk(port, who)('tools/call', { name: 'notes__get', arguments: { text: 'grüße' } });
  await modernAsk(port, who)('tools/call', { name: 'notes__drop', arguments: { text: 'not kept' } });
  const { openCapture } = await import('@sekisho/audit');
  const kept = (await records()).filter(({ blob }) => blob !== undefined);
  const subject = { issuer: 'sekisho', subject: 'local' };
  expect(await Promise.all(kept.map((record) => openCapture(log!, record, subject)))).toEqual([
    { arguments: '{"text":"grüße"}' },
    { result: expect.stringContaining('"ran get"') },
  ]);
});

test('equal arguments and results have equal hashes, whatever the request is called, and others cannot make them', async () => {
  const { port, who, records } = await startHouse();
  const ask = modernAsk(port, who);
  await ask('tools/call', { name: 'notes__get', arguments: { a: 1 } });
  await ask('tools/call', { name: 'notes__get', arguments: { a: 1 } });
  await ask('tools/call', { name: 'notes__get', arguments: { a: 2 } });
  const all = await records();
  const args = all.flatMap(({ req }) => req?.args_mac ?? []);
  expect(args).toHaveLength(3);
  expect(args[0]).toBe(args[1]);
  expect(args[2]).not.toBe(args[0]);
  expect(args[0]).not.toBe(createHmac('sha256', '').update('{"a":1}').digest('hex'));
  expect(new Set(all.flatMap(({ res }) => res?.result_mac ?? [])).size).toBe(1);
});
