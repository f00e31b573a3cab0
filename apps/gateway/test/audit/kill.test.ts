import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { ed25519Signer, verifierKey, verifyLog } from '@sekisho/audit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readAuditKeys } from '../../src/audit/keys.ts';
import { readLocalKey } from '../../src/mount/key-room.ts';
import { folderOf } from '../config/load-fixture.ts';
import { send } from '../support/mcp-client.ts';
import { recordsOf, startNotes } from './kit.ts';

const root = resolve(import.meta.dirname, '../../../..');
const main = join(root, 'apps/gateway/src/main.ts');

type Program = { readonly child: ChildProcess; readonly port: number; readonly errors: () => string };

async function start(home: string): Promise<Program> {
  const words = [
    '--conditions=@sekisho/source',
    '--no-warnings',
    main,
    '--config',
    join(home, 'sekisho.jsonc'),
    '--port',
    '0',
  ];
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_STATE_HOME: home,
    XDG_CACHE_HOME: home,
  };
  const child = spawn(process.execPath, words, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (errors += String(chunk)));
  await vi.waitFor(() => expect(out + errors).toContain('Ctrl-C stops'), { timeout: 60_000, interval: 25 });
  return { child, port: Number(new URL(/http:\/\/\S+\/mcp/.exec(out)![0]).port), errors: () => errors };
}

test(
  'R-82: kill -9 of the whole gateway under load: every answer that left is on record, and the next start says so',
  { timeout: 180_000 },
  async () => {
    const { url } = await startNotes();
    const home = await folderOf({ 'sekisho.jsonc': { mcpServers: { notes: { url } } } });
    const answered = new Set<number>();
    let id = 0;
    for (let run = 0; run < 3; run += 1) {
      const { child, port, errors } = await start(home);
      // Said by the second and third run: the one before was killed.
      if (run > 0) expect(errors()).toMatch(/The last run did not stop by itself\./);
      const authorization = `Bearer ${await readLocalKey(join(home, 'sekisho'))}`;
      const wanted = answered.size + 150;
      const client = async (): Promise<void> => {
        while (child.exitCode === null && child.signalCode === null) {
          const mine = (id += 1);
          const body = JSON.stringify({
            jsonrpc: '2.0',
            id: mine,
            method: 'tools/call',
            params: {
              name: 'notes__get',
              arguments: { mine },
              _meta: {
                'io.modelcontextprotocol/protocolVersion': '2026-07-28',
                'io.modelcontextprotocol/clientCapabilities': {},
              },
            },
          });
          const headers = {
            authorization,
            'mcp-protocol-version': '2026-07-28',
            'mcp-method': 'tools/call',
            'mcp-name': 'notes__get',
          };
          const got = await send(port, { headers, body }).catch(() => undefined);
          if (got === undefined) return;
          if (got.status !== 200) throw new Error(`answered ${got.status}`);
          if (got.status === 200 && got.message.result !== undefined) answered.add(mine);
          if (answered.size >= wanted) child.kill('SIGKILL');
        }
      };
      await Promise.all(Array.from({ length: 16 }, client));
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    const last = await start(home);
    const ended = once(last.child, 'exit');
    last.child.kill('SIGTERM');
    await ended;

    const directory = join(home, 'sekisho', 'audit', '1');
    const records = await recordsOf(directory);
    const ends = new Map<number, number>();
    const exchanges = new Map<string, number>();
    for (const { type, ex, req } of records) {
      if (ex?.phase === 'terminal') exchanges.set(ex.id, (exchanges.get(ex.id) ?? 0) + 1);
      if (type === 'mcp.tool.result' && typeof req?.id === 'number') ends.set(req.id, (ends.get(req.id) ?? 0) + 1);
    }
    expect([...answered].filter((one) => ends.get(one) !== 1)).toEqual([]);
    // What was cut short has its one end as well.
    const intents = records.filter(({ ex }) => ex?.phase === 'intent').map(({ ex }) => ex!.id);
    expect(intents.filter((one) => exchanges.get(one) !== 1)).toEqual([]);
    expect(records.filter(({ type, ex }) => type === 'gateway.crashed_recovered' && ex === undefined)).toHaveLength(3);
    const keys = await readAuditKeys(join(home, 'sekisho', 'audit-keys'));
    const key = verifierKey(ed25519Signer({ ...keys, name: `${keys.origin}/1` }));
    expect(await verifyLog({ directory, keys: [key] })).toMatchObject({ status: 'intact', findings: [] });
  },
);
