import { readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkProof } from '@sekisho/audit';
import { expect, test } from 'vitest';
import { runCommand, type Ran } from '../cli/fake-io.ts';
import { modernAsk } from '../support/mcp-client.ts';
import { folderOf } from '../config/load-fixture.ts';
import { startHouse, type House } from './kit.ts';

async function audit(house: House, ...words: string[]): Promise<Ran> {
  return await runCommand(['audit', ...words, '--state', house.stateFolder], { cwd: dirname(house.stateFolder) });
}

async function used(): Promise<House> {
  const house = await startHouse();
  await modernAsk(house.port, { ...house.who, 'user-agent': 'ada-agent' })('tools/call', {
    name: 'notes__get',
    arguments: {},
  });
  await modernAsk(house.port, house.who)('tools/call', { name: 'notes__none', arguments: {} });
  return house;
}

test('verify, of a gateway that runs and of one that stopped; a changed log is found', async () => {
  const house = await used();
  expect(await audit(house, 'verify')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^1: intact, \d+ records/),
  });
  expect((await house.records()).some(({ type }) => type === 'audit.verify_ok')).toBe(true);
  await house.composition.close();
  expect((await audit(house, 'verify', '--json')).code).toBe(0);
  const [name] = await readdir(join(house.directory, 'segments'));
  const path = join(house.directory, 'segments', name!);
  await writeFile(path, (await readFile(path, 'utf8')).replace('"name":"get"', '"name":"got"'));
  const found = await audit(house, 'verify');
  expect(found.code).toBe(1);
  expect(found.out).toContain('broken');
});

test('query answers by type, tool and person; proof gives what an outsider can check', async () => {
  const house = await used();
  const calls = await audit(house, 'query', '--type', 'mcp.tool.*', '--json');
  const found = JSON.parse(calls.out) as { type: string; id: string }[];
  expect(found.map(({ type }) => type)).toEqual(['mcp.tool.result', 'mcp.tool.result', 'mcp.tool.call']);
  expect((await audit(house, 'query', '--tool', 'get')).out.trim().split('\n')).toHaveLength(2);
  expect(JSON.parse((await audit(house, 'query', '--subject', 'local', '--json')).out).length).toBeGreaterThan(2);
  expect(JSON.parse((await audit(house, 'query', '--subject', 'eve', '--json')).out)).toEqual([]);
  const proof = JSON.parse((await audit(house, 'proof', found[0]!.id)).out) as Parameters<typeof checkProof>[0];
  expect(checkProof(proof, [house.composition.audit.log!.verifierKey])).toMatchObject({ size: expect.any(Number) });
});

test('R-83: erase through the running gateway: nobody can be found any more, and the log verifies', async () => {
  const house = await used();
  await audit(house, 'query', '--json');
  expect((await audit(house, 'erase', 'local')).code).toBe(2);
  expect(await audit(house, 'erase', 'local', '--yes')).toMatchObject({
    code: 0,
    out: expect.stringContaining('erased'),
  });
  expect(JSON.parse((await audit(house, 'query', '--subject', 'local', '--json')).out)).toEqual([]);
  expect((await audit(house, 'verify')).code).toBe(0);
});

test('export, hold and purge: through the gateway, and without one', async () => {
  const house = await used();
  const folder = join(house.stateFolder, 'out');
  expect((await audit(house, 'export', 'local', '--output', folder)).code).toBe(0);
  expect(await readdir(join(folder, '1'))).toEqual(['manifest.json', 'records.ndjson']);
  expect(await readFile(join(folder, '1', 'records.ndjson'), 'utf8')).toContain('ada-agent');
  expect((await audit(house, 'hold', 'case-1', 'local')).code).toBe(0);
  expect(await audit(house, 'erase', 'local', '--yes')).toMatchObject({
    code: 1,
    out: expect.stringContaining('held'),
  });
  await house.composition.close();
  expect(await audit(house, 'purge', '--before', '2030-01-01')).toMatchObject({ out: expect.stringContaining('held') });
  expect((await audit(house, 'hold', 'case-1', '--release')).out).toContain('released');
  expect(await audit(house, 'erase', 'local', '--yes')).toMatchObject({
    code: 0,
    out: expect.stringContaining('erased'),
  });
  expect((await audit(house, 'verify')).code).toBe(0);
});

test('report soc2 is a signed pack; words that make no sense are told with what would', async () => {
  const house = await used();
  const pack = JSON.parse((await audit(house, 'report', 'soc2')).out) as { pack: { kind: string } };
  expect(pack.pack.kind).toBe('soc2-evidence');
  expect(await audit(house, 'verfy')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Did you mean "verify"?'),
  });
  expect((await audit(house, 'query', '--since', 'yesterday')).code).toBe(2);
  expect((await audit(house, 'query', '--limit', '0')).code).toBe(2);
});

test('keys that are made and revoked are on record, with a gateway and without one', async () => {
  const home = await folderOf({});
  const house = await startHouse({}, { stateFolder: join(home, 'sekisho') });
  const env = { XDG_STATE_HOME: dirname(house.stateFolder) };
  const keys = async (...words: string[]): Promise<Ran> =>
    await runCommand(['keys', ...words, '--json'], { cwd: dirname(house.stateFolder), env });
  const made = await keys('create', 'ada');
  expect(made.code).toBe(0);
  const ids = async (type: string): Promise<unknown[]> =>
    (await house.records()).filter((one) => one.type === type).map(({ detail }) => detail);
  expect(await ids('apikey.created')).toEqual([{ owner: true }, { key_id: expect.any(String) }]);
  const [, { key_id: id }] = (await ids('apikey.created')) as [unknown, { key_id: string }];
  await house.composition.close();
  expect((await keys('revoke', id)).code).toBe(0);
  expect(await ids('apikey.revoked')).toEqual([{ key_id: id }]);
  expect((await audit(house, 'verify')).code).toBe(0);
});
