import { describe, expect, test } from 'vitest';
import { baseEnv, folderOf, load, loadObject, server, errorsOf } from './load-fixture.ts';
import { join } from 'node:path';

const servers = { mcpServers: { it: { command: 'node' } } };

describe('references in our own settings', () => {
  test('are filled in at any depth, and their values are kept out of every text', async () => {
    const config = await loadObject(
      { ...servers, 'x-sekisho': { listen: { allowedHosts: ['${HOST_OF_TEST}:7300', 'plain'] } } },
      { env: { ...baseEnv, HOST_OF_TEST: 'mcp.test' } },
    );
    expect(config.settings.listen?.allowedHosts).toEqual(['mcp.test:7300', 'plain']);
  });

  test('without a value stop the whole file: a guard does not start with half of its settings', async () => {
    const file = join(
      await folderOf({ 'a.jsonc': { ...servers, 'x-sekisho': { listen: { allowedHosts: ['${NOT_SET}'] } } } }),
      'a.jsonc',
    );
    const result = await load(file);
    expect(result.ok).toBe(false);
    expect(result.ok ? [] : result.problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      expect.stringMatching(
        /^ERR_CONFIG_REFERENCE in "x-sekisho\.listen\.allowedHosts\.0", \$\{NOT_SET\} has no value/,
      ),
    ]);
  });

  test('the schema judges the value and not the reference', async () => {
    const file = join(await folderOf({ 'a.jsonc': { ...servers, 'x-sekisho': { naming: '${NAMING}' } } }), 'a.jsonc');
    expect((await load(file, { env: { ...baseEnv, NAMING: 'none' } })).ok).toBe(true);
    expect((await load(file, { env: { ...baseEnv, NAMING: 'other' } })).ok).toBe(false);
  });

  test('in the settings of a server they stop that server alone, and one that is switched off needs none', async () => {
    const of = (disabled: boolean) => ({
      mcpServers: {
        it: { command: 'node', disabled, 'x-sekisho': { tools: { include: ['${NOT_SET}'] } } },
        other: { command: 'node' },
      },
    });
    const config = await loadObject(of(false));
    expect(server(config, 'it').spec).toBeUndefined();
    expect(server(config, 'other').spec).toBeDefined();
    expect(errorsOf(config, 'it')).toHaveLength(1);
    expect(server(await loadObject(of(true)), 'it').spec).toMatchObject({ enabled: false });
  });
});
