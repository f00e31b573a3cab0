import { createHash, createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { verifyLog } from '@sekisho/audit';
import { readAuditKeys } from '../../src/audit/keys.ts';
import { readLocalKey } from '../../src/mount/key-room.ts';
import { compose, type Composition } from '../../src/compose.ts';
import { runCommand } from '../cli/fake-io.ts';
import { folderOf, loadObject } from '../config/load-fixture.ts';
import { modernAsk, type Ask } from '../support/mcp-client.ts';
import { listResult, startRawHttp, textResult } from '../support/raw-server.ts';

const none = () => undefined;
const quiet = { debug: none, info: none, warn: none, error: none };

type Place = {
  readonly home: string;
  readonly state: string;
  readonly urls: readonly string[];
  readonly cancelled: () => number;
};

/** Two servers with a tool that answers and one that never does. */
async function place(): Promise<Place> {
  const home = await folderOf({});
  let cancelled = 0;
  const servers = await Promise.all(
    ['a', 'b'].map(() =>
      startRawHttp(
        {
          name: 'it',
          capabilities: { tools: {} },
          methods: {
            'tools/list': ({ era }) =>
              listResult(era, 'tools', [
                { name: 'quick', inputSchema: { type: 'object' } },
                { name: 'hang', inputSchema: { type: 'object' } },
              ]),
            'tools/call': async (call) => {
              if (call.params['name'] === 'quick') return textResult(call.era, 'quick');
              const { signal } = call as unknown as { signal: AbortSignal };
              await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
              cancelled += 1;
              return textResult(call.era, 'given up');
            },
          },
        },
        { eras: ['modern'] },
      ),
    ),
  );
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.close()));
  });
  return { home, state: join(home, 'sekisho'), urls: servers.map(({ url }) => url), cancelled: () => cancelled };
}

async function start({ home, state, urls }: Place): Promise<{ composition: Composition; ask: Ask }> {
  const config = await loadObject({
    mcpServers: { a: { url: urls[0] }, b: { url: urls[1] } },
    'x-sekisho': { admin: { port: 0 } },
  });
  const composition = await compose(config, {
    version: '0.0.0',
    log: quiet,
    cacheFolder: join(home, 'cache'),
    stateFolder: state,
    now: Date.now,
  });
  onTestFinished(composition.close);
  composition.server.listen(0, '127.0.0.1');
  await once(composition.server, 'listening');
  await composition.gateway.ready();
  const who = { authorization: `Bearer ${await readLocalKey(state)}` };
  return { composition, ask: modernAsk((composition.server.address() as AddressInfo).port, who) };
}

const command =
  ({ home }: Place) =>
  (...words: string[]) =>
    runCommand(['incident', ...words], { cwd: home, env: { XDG_STATE_HOME: home } });
const call = (ask: Ask, server: string, tool = 'quick') =>
  ask('tools/call', { name: `${server}__${tool}`, arguments: {} });

describe('isolating', () => {
  test('a server cuts off calls in flight and new ones within a second, and nothing else; a release brings it back', async () => {
    const where = await place();
    const { ask, composition } = await start(where);
    const incident = command(where);
    const hanging = call(ask, 'a', 'hang');
    await vi.waitFor(() => {
      const underWay: string[] = [];
      composition.gateway.interrupt(({ server }) => underWay.push(server) === 0);
      expect(underWay).toEqual(['a']);
    });

    const startedMs = performance.now();
    const told = await incident('isolate', 'server', 'a', '--reason', 'a test');
    expect(told).toMatchObject({ code: 0, err: '' });
    expect(told.out).toContain('1 of 1 running gateway confirmed it');
    expect((await hanging).message.error?.code).toBe(-31503);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    await vi.waitFor(() => expect(where.cancelled()).toBe(1));
    expect((await call(ask, 'a')).message.error).toBeDefined();
    expect((await call(ask, 'b')).message.result).toBeDefined();
    expect((await incident('list')).out).toMatch(/The server "a", since .*: a test/);

    expect((await incident('release', 'server', 'a')).code).toBe(0);
    await vi.waitFor(async () => expect((await call(ask, 'a')).message.result).toBeDefined(), 10_000);
  });

  test('a principal refuses it everything, with words of its own', async () => {
    const where = await place();
    const { ask } = await start(where);
    const incident = command(where);
    const whole = await ask('tools/list');
    expect(whole.status).toBe(200);
    await incident('isolate', 'principal', 'local');
    const refused = await ask('tools/list');
    expect(refused.status).toBe(503);
    expect(refused.text).toContain('The operator has isolated this for now.');
    await incident('release', 'principal', 'local');
    expect((await ask('tools/list')).status).toBe(200);
  });

  test('everything holds over a restart, and is on the record with its release', async () => {
    const where = await place();
    const first = await start(where);
    const incident = command(where);
    await incident('isolate', 'all', '--reason', 'who knows');
    expect((await call(first.ask, 'b')).status).toBe(503);
    await first.composition.close();

    const second = await start(where);
    expect((await call(second.ask, 'b')).status).toBe(503);
    await incident('release', 'all');
    await vi.waitFor(async () => expect((await call(second.ask, 'b')).message.result).toBeDefined(), 10_000);
    await second.composition.close();
    const segments = join(where.state, 'audit/1/segments');
    const record = (
      await Promise.all((await readdir(segments)).map((name) => readFile(join(segments, name), 'utf8')))
    ).join('');
    expect(record).toContain('"security.isolation_on"');
    expect(record).toContain('who knows');
    expect(record).toContain('"security.isolation_off"');
  });

  test('a list that cannot be read cuts off everything, rather than nothing', async () => {
    const where = await place();
    const { ask } = await start(where);
    await writeFile(join(where.state, 'isolations.json'), '{', { mode: 0o600 });
    await vi.waitFor(async () => expect((await call(ask, 'b')).status).toBe(503), 5_000);
    expect((await command(where)('list')).err).toContain('is not a list of isolations');
  });

  test.each([
    [['isolate']],
    [['isolate', 'server']],
    [['isolate', 'all', 'x']],
    [['isolate', 'tool', 'x']],
    [['explode']],
  ])('%j is answered with how it is used', async (words) => {
    const where = { home: await folderOf({}) } as Place;
    expect((await command(where)(...words)).code).toBe(2);
  });

  test('what is not isolated cannot be released, and without a gateway it is written down', async () => {
    const where = { home: await folderOf({}) } as Place;
    expect((await command(where)('release', 'server', 'a')).err).toContain('is not isolated');
    expect((await command(where)('isolate', 'server', 'a')).out).toContain('it holds from the next start on');
  });
});

test('evidence is a signed bundle whose record verifies by itself, without what names people', async () => {
  const where = await place();
  const { ask, composition } = await start(where);
  await call(ask, 'a');
  const incident = command(where);
  const told = await incident('evidence', 'bundle', '--json');
  expect(told).toMatchObject({ code: 0, err: '' });
  const bundle = join(where.home, 'bundle');
  const manifest = await readFile(join(bundle, 'manifest.json'));
  const { sha256 } = JSON.parse(told.out) as { sha256: string };
  expect(createHash('sha256').update(manifest).digest('hex')).toBe(sha256);

  const { privateKey } = await readAuditKeys(join(where.state, 'audit-keys'));
  const signature = Buffer.from(await readFile(join(bundle, 'manifest.sig'), 'utf8'), 'base64');
  expect(verify(null, manifest, createPublicKey(privateKey), signature)).toBe(true);
  const { files } = JSON.parse(String(manifest)) as { files: { path: string; sha256: string }[] };
  for (const file of files)
    expect(
      createHash('sha256')
        .update(await readFile(join(bundle, file.path)))
        .digest('hex'),
    ).toBe(file.sha256);
  expect(files.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['state.json', 'audit/1/checkpoint', 'audit/1/verifier.key']),
  );

  const key = (await readFile(join(bundle, 'audit/1/verifier.key'), 'utf8')).trim();
  const verified = await verifyLog({ directory: join(bundle, 'audit/1'), keys: [key] });
  expect(verified.status).not.toBe('broken');
  expect((await readdir(bundle, { recursive: true })).join('\n')).not.toMatch(/subjects|signer\.json/);
  expect((await incident('evidence', 'bundle')).err).toContain('is not empty');
  await composition.close();
});
