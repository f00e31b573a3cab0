import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { createKey, revokeKey, rotateKey, type KeySpecification } from '@sekisho/auth/keys';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { localKeyFile, openKeyRoom, readLocalKey } from '../../src/mount/key-room.ts';
import { runCommand } from '../cli/fake-io.ts';
import { folderOf, loadObject } from '../config/load-fixture.ts';
import { composed } from '../support/composed.ts';
import { holdStream, legacyAsk, modernAsk, openSession, send } from '../support/mcp-client.ts';
import { listResult, startRawHttp, textResult } from '../support/raw-server.ts';

const patiently = { timeout: 15_000, interval: 10 };

async function house() {
  const server = async (name: string) => {
    const raw = await startRawHttp({
      name,
      capabilities: { tools: { listChanged: true }, prompts: {} },
      methods: {
        'tools/list': ({ era }) =>
          listResult(
            era,
            'tools',
            ['get_note', 'put_note'].map((tool) => ({ name: tool, inputSchema: { type: 'object' } })),
          ),
        'tools/call': ({ era, params }) => textResult(era, `${name} ran ${String(params['name'])}`),
        'prompts/list': ({ era }) => listResult(era, 'prompts', [{ name: 'greet' }]),
      },
    });
    onTestFinished(() => raw.close());
    return raw;
  };
  const [notes, mail] = [await server('notes'), await server('mail')];
  const secret = 'upstream-own-credential';
  const at = await composed(
    await loadObject({
      mcpServers: {
        notes: { url: notes.url, headers: { Authorization: `Bearer ${secret}` } },
        mail: { url: mail.url },
      },
    }),
  );
  const { administration } = await openKeyRoom(join(at.folder, 'state'), { now: Date.now });
  const make = async (specification: Partial<KeySpecification> = {}) => {
    const { key, record } = await createKey(administration, { principal: 'ci', ...specification });
    return { key, id: record.keyId, who: { authorization: `Bearer ${key}` } };
  };
  return { ...at, administration, make, notes, mail, secret };
}
const namesOf = (list: unknown): string[] => (list as { name: string }[]).map(({ name }) => name);

/** When a held response has ended, however it did. */
function ended(port: number, headers: Readonly<Record<string, string>>): Promise<{ over: Promise<unknown> }> {
  return new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port,
      path: '/mcp',
      method: 'GET',
      agent: false,
      headers: { accept: 'text/event-stream', ...headers },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.on('error', () => undefined);
      response.resume();
      resolve({ over: once(response, 'close') });
    });
    sent.end();
  });
}

describe('an API key', () => {
  test('R-64: that is revoked is refused, and loses its sessions and streams, within a second; others keep theirs', async () => {
    const { port, who: owner, administration, make } = await house();
    const { id, who } = await make();
    const session = await openSession(port, who);
    const others = await openSession(port, owner);
    const own = await ended(port, session.headers);
    const stays = await holdStream(port, { method: 'GET', headers: others.headers });
    onTestFinished(stays.close);
    const asked = modernAsk(port, who);
    let heard = '';
    const abort = new AbortController();
    onTestFinished(() => abort.abort());
    const listening = asked(
      'subscriptions/listen',
      { notifications: { toolsListChanged: true } },
      { signal: abort.signal, onText: (text) => (heard += text) },
    ).catch(() => undefined);
    await vi.waitFor(() => expect(heard).toContain('acknowledged'), patiently);

    const before = Date.now();
    await revokeKey(administration, id);
    await Promise.all([own.over, listening]);
    await vi.waitFor(async () => expect((await asked('tools/list')).status).toBe(401), patiently);
    // What a busy machine adds is its own; the parts have 500 ms and 250 ms.
    expect(Date.now() - before).toBeLessThan(5_000);
    expect((await legacyAsk(port, session.headers)('tools/list')).status).toBe(401);
    expect((await legacyAsk(port, others.headers)('tools/list')).status).toBe(200);
    expect(stays.text()).not.toContain('error');
  });

  test('R-65: reaches its servers and tools and nothing else, in lists and calls, with no policy', async () => {
    const { port, make } = await house();
    const narrow = await make({ servers: ['notes'], tools: ['get_*'] });
    const session = await openSession(port, narrow.who);
    for (const ask of [modernAsk(port, narrow.who), legacyAsk(port, session.headers)]) {
      expect(namesOf((await ask('tools/list')).message.result?.['tools'])).toEqual(['notes__get_note']);
      expect(namesOf((await ask('prompts/list')).message.result?.['prompts'])).toEqual([]);
      expect((await ask('tools/call', { name: 'notes__get_note', arguments: {} })).text).toContain(
        'notes ran get_note',
      );
      const unknown = await ask('tools/call', { name: 'notes__nothing', arguments: {} });
      for (const name of ['notes__put_note', 'mail__get_note']) {
        const hidden = await ask('tools/call', { name, arguments: {} });
        expect([hidden.status, hidden.text]).toEqual([unknown.status, unknown.text]);
      }
    }
    const to = (path: string) => modernAsk(port, narrow.who)('tools/list', {}, { path });
    const [hidden, none] = [await to('/mcp/mail'), await to('/mcp/nothing')];
    expect([hidden.status, hidden.text]).toEqual([none.status, none.text]);
    expect((await to('/mcp/notes')).status).toBe(200);
  });

  test('R-07: does not find the session of another key, of the same principal or not', async () => {
    const { port, make, who: owner } = await house();
    const [one, two] = [await make(), await make()];
    const session = await openSession(port, one.who);
    const id = session.headers['mcp-session-id']!;
    const nothing = await legacyAsk(port, { ...two.who, 'mcp-session-id': 'x'.repeat(32) })('tools/list');
    for (const who of [two.who, owner]) {
      const foreign = { ...who, 'mcp-session-id': id };
      const got = await legacyAsk(port, foreign)('tools/list');
      expect([got.status, got.text]).toEqual([nothing.status, nothing.text]);
      for (const method of ['GET', 'DELETE']) {
        const other = await send(port, { method, headers: { ...foreign, accept: 'text/event-stream' } });
        expect(other.status).toBe(404);
      }
    }
    expect((await legacyAsk(port, session.headers)('tools/list')).status).toBe(200);
  });

  test('that is rotated works beside its successor until its overlap ends; one that has expired is refused', async () => {
    const { port, make, administration } = await house();
    const old = await make();
    const made = await rotateKey(administration, old.id, { overlapMs: 0 });
    await vi.waitFor(async () => expect((await modernAsk(port, old.who)('tools/list')).status).toBe(401), patiently);
    const fresh = { authorization: `Bearer ${made.key}` };
    expect((await modernAsk(port, fresh)('tools/list')).status).toBe(200);
    const both = await rotateKey(administration, made.record.keyId);
    expect((await modernAsk(port, fresh)('tools/list')).status).toBe(200);
    expect((await modernAsk(port, { authorization: `Bearer ${both.key}` })('tools/list')).status).toBe(200);
  });

  test('A107, R-63: nothing of a caller reaches a server: it gets what its own entry says', async () => {
    const { port, make, notes, mail, secret } = await house();
    const { key, who } = await make();
    const session = await openSession(port, who);
    for (const headers of [who, { 'x-api-key': key }])
      for (const server of ['notes', 'mail'])
        await modernAsk(port, { ...headers, cookie: 'a=b', dpop: 'x' })('tools/call', {
          name: `${server}__get_note`,
          arguments: {},
        });
    await legacyAsk(port, session.headers)('tools/call', { name: 'mail__get_note', arguments: {} });
    const seen = [...notes.requests, ...mail.requests] as unknown as readonly {
      headers: Record<string, unknown>;
      body: string;
    }[];
    expect(seen.length).toBeGreaterThan(4);
    expect(JSON.stringify(seen)).not.toContain(key.slice(10));
    for (const { headers } of seen)
      for (const name of ['x-api-key', 'cookie', 'dpop']) expect(headers[name]).toBeUndefined();
    for (const { headers } of notes.requests as unknown as typeof seen)
      expect(headers['authorization']).toBe(`Bearer ${secret}`);
    for (const { headers } of mail.requests as unknown as typeof seen) expect(headers['authorization']).toBeUndefined();
  });
});

describe('the files of keys', () => {
  test('are their owner’s alone, hold no key but his, and are refused when others can read them', async () => {
    const { folder, composition } = await composed(await loadObject({ mcpServers: {} }));
    const state = join(folder, 'state');
    for (const name of ['api-keys.json', 'pepper', 'local-key'])
      expect((await stat(join(state, 'auth', name))).mode & 0o777, name).toBe(0o600);
    expect(await readLocalKey(state)).toBe(composition.newLocalKey);
    const { chmod, readFile } = await import('node:fs/promises');
    expect(await readFile(join(state, 'auth', 'api-keys.json'), 'utf8')).not.toContain(
      composition.newLocalKey!.slice(22),
    );
    await chmod(localKeyFile(state), 0o644);
    expect(await readLocalKey(state)).toBeUndefined();
    await chmod(join(state, 'auth', 'pepper'), 0o644);
    await expect(openKeyRoom(state, { now: Date.now })).rejects.toThrow('chmod 600');
  });
});

describe('sekisho keys', () => {
  test('makes, lists, rotates and revokes; a key is shown once and never again', async () => {
    const cwd = await folderOf({});
    const keys = (...words: string[]) => runCommand(['keys', ...words], { cwd });
    const made = await keys('create', 'ci', '--roles', 'reader,writer', '--servers', 'notes', '--expires', '30d');
    expect(made.code).toBe(0);
    const key = made.out.trim();
    expect(key).toMatch(/^sks_live_\w{10}_\w{49}$/);
    const id = key.split('_')[2]!;
    const list = await keys('list');
    expect(list.out).toMatch(
      new RegExp(`${id} +live +ci +in force +roles reader writer +servers notes +not used yet +until 2026-12-23`),
    );
    const asJson = JSON.parse((await keys('list', '--json')).out) as object[];
    expect(asJson).toEqual([expect.objectContaining({ keyId: id, roles: ['reader', 'writer'] })]);
    expect(JSON.stringify(asJson)).not.toMatch(/hmac|pepper/);
    const rotated = JSON.parse((await keys('rotate', id, '--json')).out) as {
      key: string;
      record: { rotatedFrom: string };
    };
    expect(rotated.record.rotatedFrom).toBe(id);
    expect((await keys('revoke', id)).out).toContain('is revoked');
    const all = await keys('list');
    expect(all.out).toContain('revoked');
    for (const secret of [key, rotated.key]) expect(all.out).not.toContain(secret.slice(-20));
    const local = await keys('rotate', 'local');
    expect(local.out).toMatch(/^sks_local_/);
    expect(await readLocalKey(join(cwd, '.local/state/sekisho'), 'linux')).toBe(local.out.trim());
    expect((await keys('rotate', 'local')).out).not.toBe(local.out);
  });

  test('says what is wrong with a wish that cannot be', async () => {
    const cwd = await folderOf({});
    const keys = (...words: string[]) => runCommand(['keys', ...words], { cwd });
    for (const [words, code, said] of [
      [[], 2, 'create|list|rotate|revoke'],
      [['create'], 2, 'Name who'],
      [['create', 'x', '--expires', 'soon'], 2, 'is no time'],
      [['create', 'x', '--expires', '2y'], 2, '365 days'],
      [['create', 'x', '--networks', 'here'], 2, 'That cannot be a key'],
      [['create', 'x', '--origins', 'https://a.example/path'], 2, 'origins'],
      [['revoke', 'nobody'], 1, 'no key with this id'],
    ] as const) {
      const got = await keys(...words);
      expect([got.code, got.err]).toEqual([code, expect.stringContaining(said)]);
    }
  });
});

describe('sekisho status', () => {
  test('asks with the owner’s key, and without one says how to get it', async () => {
    const { port, folder, make } = await house();
    const env = { XDG_STATE_HOME: join(folder, 'elsewhere') };
    const url = ['--url', `http://127.0.0.1:${port}`];
    const none = await runCommand(['status', ...url], { cwd: folder, env });
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('keys rotate local')]);
    const reader = await runCommand(['status', ...url], {
      cwd: folder,
      env: { ...env, SEKISHO_KEY: (await make()).key },
    });
    expect([reader.code, reader.err]).toEqual([1, expect.stringContaining('role "admin"')]);
    const key = (await readLocalKey(join(folder, 'state')))!;
    const asked = await runCommand(['status', ...url, '--json'], { cwd: folder, env: { ...env, SEKISHO_KEY: key } });
    expect([asked.code, asked.err]).toEqual([0, '']);
  });
});
