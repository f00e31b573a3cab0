import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderOf, loadObject } from '../config/load-fixture.ts';
import { composed } from '../support/composed.ts';
import { leaksIn, sentence } from '../support/leaky-server.ts';
import { legacyAsk, modernAsk, openSession, type Ask } from '../support/mcp-client.ts';

const entry = (name: string): string =>
  resolve(import.meta.dirname, `../../node_modules/@modelcontextprotocol/server-${name}/dist/index.js`);
const longMs = 120_000;

type Asks = Readonly<Record<'modern' | 'legacy', Ask>>;

/** The official servers behind a gateway, with masking or without. */
async function official(folder: string, pii: object | undefined): Promise<Asks> {
  const server = (name: string, args: readonly string[] = []): object => ({
    command: process.execPath,
    args: [entry(name), ...args],
    'x-sekisho': {
      sandbox: { backend: 'none', iUnderstand: 'this server can read, change and send everything that I can' },
    },
  });
  const { port, who } = await composed(
    await loadObject({
      mcpServers: {
        everything: server('everything'),
        files: server('filesystem', [folder]),
        memory: { ...server('memory'), env: { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') } },
      },
      'x-sekisho': pii === undefined ? {} : { pii },
    }),
  );
  const { headers } = await openSession(port, who);
  return { modern: modernAsk(port, who), legacy: legacyAsk(port, headers) };
}

const call = (name: string, args: object): [string, Record<string, unknown>] => [
  'tools/call',
  { name, arguments: args, _meta: { progressToken: 'p' } },
];

describe('R-13, R-51: the official servers behind the masking', { timeout: longMs }, () => {
  test('say the same byte for byte on clean data, and nothing that was planted', async () => {
    const folder = await folderOf({ 'given/clean.txt': 'Nothing of anybody, 42 of it.\n', 'given/memory.jsonl': '' });
    const given = join(folder, 'given');
    await mkdir(join(given, 'sub'));
    const masked = await official(given, { descriptions: true });
    const plain = await official(given, undefined);
    const clean: readonly [string, Record<string, unknown>][] = [
      ['tools/list', {}],
      ['prompts/list', {}],
      ['resources/list', {}],
      ['resources/templates/list', {}],
      call('everything__echo', { message: 'hello' }),
      call('everything__get-sum', { a: 17, b: 4 }),
      call('everything__get-tiny-image', {}),
      call('everything__get-structured-content', { location: 'Chicago' }),
      call('everything__get-annotated-message', { messageType: 'error', includeImage: true }),
      call('everything__trigger-long-running-operation', { duration: 0.2, steps: 2 }),
      call('everything__no-such-tool', {}),
      ['prompts/get', { name: 'everything__args-prompt', arguments: { city: 'Paris' } }],
      call('files__read_text_file', { path: join(given, 'clean.txt') }),
      call('files__read_text_file', { path: join(given, 'missing.txt') }),
      call('files__list_directory', { path: given }),
      call('files__list_allowed_directories', {}),
      call('memory__read_graph', {}),
      call('memory__search_nodes', { query: 'nothing' }),
    ];
    expect((await plain.modern(...call('everything__echo', { message: 'hello' }))).text).toContain('Echo: hello');
    for (const era of ['modern', 'legacy'] as const) {
      for (const [method, params] of clean) {
        const [with_, without] = [await masked[era](method, params), await plain[era](method, params)];
        expect(with_.status, JSON.stringify(params)).toBe(without.status);
        expect(with_.text, `${era} ${JSON.stringify(params)}`).toBe(without.text);
      }
    }
    await writeFile(join(given, 'planted.txt'), sentence);
    const entities = [{ name: 'jane', entityType: 'person', observations: [sentence] }];
    const dirty: readonly [string, Record<string, unknown>][] = [
      call('everything__echo', { message: sentence.replace(/, ghp_\w+/, '') }),
      call('files__read_text_file', { path: join(given, 'planted.txt') }),
      call('files__read_multiple_files', { paths: [join(given, 'planted.txt'), join(given, 'clean.txt')] }),
      call('memory__read_graph', {}),
    ];
    await plain.legacy(...call('memory__create_entities', { entities }));
    for (const era of ['modern', 'legacy'] as const) {
      for (const [method, params] of dirty) {
        const { text } = await masked[era](method, params);
        expect(text, text).toContain('[EMAIL]');
        expect(leaksIn(text), `${era} ${text}`).toEqual([]);
      }
    }
  });
});
