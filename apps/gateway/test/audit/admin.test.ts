import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modernAsk } from '../support/mcp-client.ts';
import { startHouse } from './kit.ts';

async function adminOf(stateFolder: string): Promise<{ base: string; token: string; file: string }> {
  const folder = join(stateFolder, 'admin');
  const name = (await readdir(folder)).find((one) => one.endsWith('.json'))!;
  const { host, port } = JSON.parse(await readFile(join(folder, name), 'utf8')) as { host: string; port: number };
  const token = await readFile(join(folder, 'token'), 'utf8');
  return { base: `http://${host}:${port}`, token, file: join(folder, name) };
}

test('the admin port is on loopback, its token and place readable by nobody else', async () => {
  const { stateFolder, composition } = await startHouse();
  const { base, file } = await adminOf(stateFolder);
  expect(new URL(base).hostname).toBe('127.0.0.1');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(stateFolder, 'admin', 'token'))).mode & 0o777).toBe(0o600);
  await composition.close();
  await expect(stat(file)).rejects.toThrow('ENOENT');
  await expect(fetch(`${base}/livez`)).rejects.toThrow();
});

test('R-84: health is for everybody on this computer, all else for who has the token; what is refused is on record', async () => {
  const { stateFolder, records } = await startHouse();
  const { base, token } = await adminOf(stateFolder);
  for (const path of ['/livez', '/readyz']) expect((await fetch(base + path)).status).toBe(200);
  const bearer = { authorization: `Bearer ${token}` };
  for (const path of ['/metrics', '/status', '/reload', '/audit/erase', '/none'])
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: token }])
      expect((await fetch(base + path, { headers })).status).toBe(401);
  expect((await fetch(`${base}/metrics`, { headers: { ...bearer, origin: 'http://127.0.0.1' } })).status).toBe(403);
  expect((await fetch(`${base}/none`, { headers: bearer })).status).toBe(404);
  expect((await fetch(`${base}/reload`, { headers: bearer, method: 'GET' })).status).toBe(404);
  expect((await fetch(`${base}/audit/erase`, { headers: bearer })).status).toBe(405);
  const wrong = await fetch(`${base}/audit/erase`, { method: 'POST', headers: bearer, body: '{"subject":1}' });
  expect(wrong.status).toBe(400);
  expect((await records()).filter(({ type }) => type === 'admin.refused').length).toBeGreaterThanOrEqual(16);
});

test('metrics count exchanges by method and outcome, and tell the state of the record', async () => {
  const { stateFolder, port, who } = await startHouse();
  const { base, token } = await adminOf(stateFolder);
  await modernAsk(port, who)('tools/call', { name: 'notes__get', arguments: {} });
  await modernAsk(port, who)('tools/call', { name: 'notes__none', arguments: {} });
  const page = await (await fetch(`${base}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text();
  expect(page).toContain('mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",outcome="ok"} 1');
  expect(page).toContain('mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",outcome="error"} 1');
  expect(page).toMatch(/^sekisho_audit_log_records \d+$/m);
  expect(page).toContain('sekisho_upstreams{state="ready"} 1');
  const names = page.split('\n').filter((line) => line.startsWith('# TYPE'));
  expect(new Set(names).size).toBe(names.length);
});

test('it reloads where somebody can read the configuration again, on record', async () => {
  let reloads = 0;
  const { stateFolder, records } = await startHouse({}, { requestReload: async () => void (reloads += 1) });
  const { base, token } = await adminOf(stateFolder);
  const options = { method: 'POST', headers: { authorization: `Bearer ${token}` } };
  expect((await fetch(`${base}/reload`, options)).status).toBe(200);
  expect(reloads).toBe(1);
  expect((await records()).some(({ type }) => type === 'admin.reload')).toBe(true);
});
