import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NO_BOX_SENTENCE } from '@sekisho/sandbox';
import { describe, expect, test } from 'vitest';
import { checklist, examine } from '../../src/doctor/examine.ts';
import type { Facts } from '../../src/doctor/finding.ts';
import { runCommand } from '../cli/fake-io.ts';
import { folderOf, loadObject } from '../config/load-fixture.ts';

const DAY_MS = 86_400_000;
const nowMs = Date.parse('2026-11-24');
const servers = { mcpServers: { web: { url: 'https://mcp.example.com/mcp' } } };

/** A configuration with which there is nothing to find, and what a test makes worse. */
async function facts(settings: object = {}, more: Partial<Facts> = {}, file: object = servers): Promise<Facts> {
  const good = {
    content: { arguments: 'enforce' },
    auth: { apiKeys: {} },
    policy: {
      roles: {},
      rules: [{ id: 'search', effect: 'allow', roles: ['*'], servers: ['web'], tools: ['search'] }],
    },
    rateLimit: {
      onStoreFailure: 'local',
      limits: {
        rules: [{ name: 'each', by: ['principal'], allow: { kind: 'rate', amount: 60, periodMs: 60_000, burst: 10 } }],
      },
    },
    pii: {},
    audit: { places: [{ kind: 'file', path: '/elsewhere/checkpoints' }] },
  };
  const config = await loadObject({ ...file, 'x-sekisho': { ...good, ...settings } });
  return {
    config,
    running: { upstreams: [{ name: 'web', state: 'ready' }], problems: [] },
    machine: { nodeVersion: 'v24.21.0', isRoot: false, env: {}, freeBytes: 10 ** 11, openFiles: [] },
    keys: [],
    certificateEndsMs: undefined,
    nowMs,
    ...more,
  };
}

const found = (given: Facts): string[] =>
  examine(given).flatMap(({ id, findings }) => findings.map(({ severity, what }) => `${id} ${severity}: ${what}`));

test('O30: a gateway in good order has nothing to be told', async () => {
  expect(found(await facts())).toEqual([]);
});

test('every check has an id of its own and a sentence', () => {
  expect(new Set(checklist.map(({ id }) => id)).size).toBe(checklist.length);
  for (const { title } of checklist) expect(title).toMatch(/^[A-Z].{15,}[^.]$/);
});

describe('O30: each line of the checklist', () => {
  test.each<[string, object, Partial<Facts>, string]>([
    [
      'a proxy and no TLS',
      { listen: { trustedProxies: ['10.0.0.1'], allowedHosts: ['mcp.example.com'] } },
      {},
      'encrypted note',
    ],
    ['hosts that are not named', { listen: { trustedProxies: ['10.0.0.1'] } }, {}, 'hosts danger'],
    [
      'whole networks that are believed',
      { listen: { trustedProxies: ['10.0.0.0/8'], allowedHosts: ['a'] } },
      {},
      'proxies warning',
    ],
    [
      'a web page without encryption',
      { listen: { allowedOrigins: ['http://app.example.com'] } },
      {},
      'origins warning',
    ],
    ['a certificate that ends', {}, { certificateEndsMs: nowMs + 3 * DAY_MS }, 'certificate warning'],
    ['a certificate that has ended', {}, { certificateEndsMs: nowMs - 1 }, 'certificate danger'],
    ['nobody who is told what to use', { policy: undefined }, {}, 'policy danger'],
    [
      'everything for everybody',
      { policy: { roles: {}, rules: [{ id: 'all', effect: 'allow', roles: ['*'] }] } },
      {},
      'policy-breadth warning',
    ],
    ['no limits', { rateLimit: undefined }, {}, 'limits warning'],
    ['no masking', { pii: undefined }, {}, 'masking note'],
    ['schemas that nobody looks at', { content: { arguments: 'off' } }, {}, 'schemas warning'],
    ['nothing on record', { audit: { enabled: false } }, {}, 'record danger'],
    [
      'a record that may lose something',
      { audit: { durability: 'relaxed', places: [{ kind: 'file', path: '/x' }] } },
      {},
      'record warning',
    ],
    ['no checkpoints outside', { audit: {} }, {}, 'outside-checkpoints warning'],
    [
      'a full disk',
      {},
      { machine: { nodeVersion: 'v24.21.0', isRoot: false, env: {}, freeBytes: 10 ** 8, openFiles: [] } },
      'room danger',
    ],
    [
      'root',
      {},
      { machine: { nodeVersion: 'v24.21.0', isRoot: true, env: {}, freeBytes: undefined, openFiles: [] } },
      'root warning',
    ],
    [
      'an old runtime',
      {},
      { machine: { nodeVersion: 'v22.1.0', isRoot: false, env: {}, freeBytes: undefined, openFiles: [] } },
      'runtime warning',
    ],
    [
      'an odd runtime',
      {},
      { machine: { nodeVersion: 'v25.1.0', isRoot: false, env: {}, freeBytes: undefined, openFiles: [] } },
      'runtime warning',
    ],
    [
      'certificates that nobody checks',
      {},
      {
        machine: {
          nodeVersion: 'v24.21.0',
          isRoot: false,
          env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
          freeBytes: undefined,
          openFiles: [],
        },
      },
      'dangerous-environment danger',
    ],
    [
      'an open debugger',
      {},
      {
        machine: {
          nodeVersion: 'v24.21.0',
          isRoot: false,
          env: { NODE_OPTIONS: '--inspect=0.0.0.0' },
          freeBytes: undefined,
          openFiles: [],
        },
      },
      'dangerous-environment danger',
    ],
    [
      'files that others read',
      {},
      {
        machine: {
          nodeVersion: 'v24.21.0',
          isRoot: false,
          env: {},
          freeBytes: undefined,
          openFiles: [{ path: '/k', reason: 'others read it' }],
        },
      },
      'file-rights danger',
    ],
    [
      'an old key',
      {},
      {
        keys: [{ id: 'k', label: 'ci', createdMs: nowMs - 200 * DAY_MS, expiresMs: nowMs + DAY_MS, lastUsedMs: nowMs }],
      },
      'key-rotation warning',
    ],
    [
      'a key for ever',
      {},
      { keys: [{ id: 'k', label: 'ci', createdMs: nowMs, expiresMs: nowMs + 900 * DAY_MS, lastUsedMs: nowMs }] },
      'key-rotation note',
    ],
    [
      'a key that nobody uses',
      {},
      {
        keys: [
          { id: 'k', label: 'ci', createdMs: nowMs - 100 * DAY_MS, expiresMs: nowMs + DAY_MS, lastUsedMs: undefined },
        ],
      },
      'key-rotation note',
    ],
    [
      'a server that is down',
      {},
      { running: { upstreams: [{ name: 'web', state: 'failed' }], problems: [] } },
      'servers warning',
    ],
    [
      'a server that falls down',
      {},
      { running: { upstreams: [{ name: 'web', state: 'ready', restarts: 9 }], problems: [] } },
      'restarts warning',
    ],
    [
      'a box that does not hold',
      {},
      {
        running: {
          upstreams: [{ name: 'web', state: 'ready', box: { state: 'weak', notEnforceable: ['network'] } }],
          problems: [],
        },
      },
      'box-proof warning',
    ],
    [
      'no box',
      {},
      { running: { upstreams: [{ name: 'web', state: 'ready', box: { state: 'none' } }], problems: [] } },
      'box-proof danger',
    ],
    [
      'a hidden text',
      {},
      { running: { upstreams: [], problems: ['the tool "x" has 1 invisible character'] } },
      'definitions danger',
    ],
    [
      'a store that is away',
      {},
      {
        running: {
          upstreams: [],
          problems: [],
          limits: { store: 'redis', state: 'degraded', rules: [], concurrency: [], streams: [], refused: {} } as never,
        },
      },
      'limit-store danger',
    ],
    ['no gateway', {}, { running: undefined }, 'reachable note'],
  ])('%s', async (_what, settings, more, expected) => {
    expect(found(await facts(settings, more)).map((line) => line.slice(0, line.indexOf(':')))).toContain(expected);
  });

  test('a server without encryption, and one without a box', async () => {
    const file = {
      mcpServers: {
        web: { url: 'http://mcp.example.com/mcp' },
        near: { url: 'http://127.0.0.1:9/mcp' },
        bare: {
          command: 'node',
          'x-sekisho': {
            sandbox: { backend: 'none', iUnderstand: NO_BOX_SENTENCE },
          },
        },
      },
    };
    const lines = found(await facts({}, {}, file));
    expect(lines.filter((line) => line.startsWith('upstream-encryption'))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('boxes danger: "bare"'))).toHaveLength(1);
  });

  test('what needs a gateway is skipped without one, and nothing is said to be well that was not looked at', async () => {
    const skipped = examine(await facts({}, { running: undefined })).filter(({ result }) => result === 'skipped');
    expect(skipped.map(({ id }) => id)).toEqual(checklist.filter(({ when }) => when === 'running').map(({ id }) => id));
  });
});

describe('sekisho doctor', () => {
  test('tells what is wrong and how to mend it; the exit code says whether it is dangerous', async () => {
    const home = await folderOf({ 'sekisho.jsonc': { ...servers, 'x-sekisho': { audit: { enabled: false } } } });
    const run = (...words: string[]) =>
      runCommand(['doctor', '--config', 'sekisho.jsonc', ...words], { cwd: home, env: { XDG_STATE_HOME: home } });
    const bad = await run();
    expect(bad.code).toBe(1);
    expect(bad.out).toContain('x Everything is recorded before it is answered');
    expect(bad.out).toContain('Take "enabled": false out of "audit".');
    expect(bad.out).toMatch(/^1 dangerous, \d+ to be warned of, \d+ to know\. \d+ checks need a gateway that runs\.$/m);
    expect(JSON.parse((await run('--json')).out)).toContainEqual(
      expect.objectContaining({ id: 'record', result: 'found' }),
    );

    await writeFile(join(home, 'sekisho.jsonc'), JSON.stringify(servers), { mode: 0o600 });
    expect((await run()).code).toBe(0);
    await mkdir(join(home, 'sekisho/audit-keys'), { recursive: true });
    await writeFile(join(home, 'sekisho/audit-keys/signer.json'), '{}');
    await chmod(join(home, 'sekisho/audit-keys/signer.json'), 0o644);
    const open = await run();
    expect(open.code).toBe(1);
    expect(open.out).toMatch(/signer\.json: other users of this computer can read it/);
  });
});
