import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { folderOf } from '../config/load-fixture.ts';
import { openComposed, type Composed } from '../support/whole.ts';
import { send } from '../support/mcp-client.ts';
import { listResult, startRawHttp, textResult } from '../support/raw-server.ts';

const HEADER = 'planted-header-5f1d0c9a77b1';
const FROM_FILE = 'planted-file-9c2e4477d0aa';
const ARGUMENT = 'planted-argument-77aa1b2c3d';

/** A server that tells whatever it knows: its own credentials in results, names, errors and instructions. */
async function openTold(): Promise<Composed & { readonly called: () => string }> {
  let called = '';
  const server = await startRawHttp({
    name: 'told',
    capabilities: { tools: {} },
    instructions: `Use ${HEADER} with me.`,
    methods: {
      'tools/list': ({ era }) =>
        listResult(era, 'tools', [
          { name: 'tell', description: `My key is ${HEADER} or ${FROM_FILE}`, inputSchema: { type: 'object' } },
        ]),
      'tools/call': ({ era, params }) => {
        called += JSON.stringify(params);
        if (params['name'] === 'tell' && JSON.stringify(params).includes('fail'))
          throw new Error(`denied for ${HEADER}`);
        return textResult(era, `I was given ${HEADER} and ${FROM_FILE}`);
      },
    },
  });
  onTestFinished(() => server.close());
  const plain = await startRawHttp({
    name: 'plain',
    capabilities: { tools: {} },
    methods: {
      'tools/list': ({ era }) => listResult(era, 'tools', [{ name: 'discreet', inputSchema: { type: 'object' } }]),
    },
  });
  onTestFinished(() => plain.close());
  const composed = await openComposed(
    {
      mcpServers: {
        told: { url: server.url, headers: { Authorization: `Bearer ${HEADER}`, 'X-Api-Key': '${secret:told}' } },
        plain: { url: plain.url },
        broken: { command: 'no-such-program-here', args: [FROM_FILE], env: { API_KEY: '${secret:told}' } },
      },
    },
    { load: { secretsFile: await secretsFile() } },
  );
  return { ...composed, called: () => called };
}

async function secretsFile(): Promise<string> {
  return join(await folderOf({ 'secrets.json': { told: FROM_FILE } }), 'secrets.json');
}

/** Everything written below a folder, one byte a character. */
async function writtenIn(folder: string): Promise<string> {
  const parts: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) parts.push(`${entry.name}\n${await readFile(join(entry.parentPath, entry.name), 'latin1')}`);
  return parts.join('\n');
}

test('GW-35, GW-38: no list, error, status or log holds a credential of a server, nor does the admin port', async () => {
  const told = await openTold();
  const { port, who, modern, logged, stateFolder } = told;
  const legacy = await told.legacy();
  const heard: string[] = [];
  for (const ask of [modern, legacy])
    for (const [method, params] of [
      ['tools/list', {}],
      ['prompts/list', {}],
      ['tools/call', { name: 'told__tell', arguments: {} }],
      ['tools/call', { name: 'told__tell', arguments: { please: 'fail' } }],
      ['tools/call', { name: 'broken__any', arguments: {} }],
    ] as const)
      heard.push((await ask(method, params)).text);
  heard.push((await modern('server/discover')).text);
  heard.push((await send(port, { method: 'GET', path: '/status', headers: who })).text);
  const folder = join(stateFolder, 'admin');
  const place = (await readdir(folder)).find((name) => name.endsWith('.json'))!;
  const { port: admin } = JSON.parse(await readFile(join(folder, place), 'utf8')) as { port: number };
  const authorization = `Bearer ${(await readFile(join(folder, 'token'), 'utf8')).trim()}`;
  for (const path of ['/status', '/metrics'])
    heard.push((await send(admin, { method: 'GET', path, headers: { authorization } })).text);
  // The control: all of them did say something.
  expect(heard.filter((text) => text.length > 20)).toHaveLength(heard.length);
  expect(heard.join('\n')).toContain('told__tell');
  expect(heard.join('\n')).toContain('I was given');
  for (const secret of [HEADER, FROM_FILE]) expect(heard.join('\n') + logged()).not.toContain(secret);
});

test('GW-20, O06, O28: no secret is written in clear: not in the state, not in the cache, not in the log', async () => {
  const told = await openTold();
  const key = told.who['authorization']!.slice(7);
  await told.modern('tools/call', { name: 'told__tell', arguments: { ARGUMENT } });
  await (
    await told.legacy()
  )('tools/call', { name: 'told__tell', arguments: { ARGUMENT } });
  // What is refused is written down as well, and what was wrong with it.
  await send(told.port, { headers: { authorization: `Bearer ${key}x` }, body: '{}' });
  await told.modern('tools/call', { name: 'told__tell', arguments: { header: HEADER } });
  expect(told.called()).toContain(ARGUMENT);
  expect(told.called()).not.toContain(HEADER);
  await told.composition.close();
  const written = (await writtenIn(told.stateFolder)) + (await writtenIn(join(told.folder, 'cache'))) + told.logged();
  expect(written).toContain('mcp.tool.result');
  // What tells no secret is remembered.
  expect(written).toContain('discreet');
  for (const secret of [HEADER, FROM_FILE, ARGUMENT]) expect(written).not.toContain(secret);
  // The owner's own key lies in one file for its owner's commands, and nowhere else.
  expect(written.split(key).length - 1).toBe(1);
  expect((await readFile(join(told.stateFolder, 'auth/local-key'), 'utf8')).trim()).toBe(key);
});
