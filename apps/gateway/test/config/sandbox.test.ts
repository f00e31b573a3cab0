import { join } from 'node:path';
import { NO_BOX_SENTENCE } from '@sekisho/sandbox';
import { describe, expect, test } from 'vitest';
import { stricterOf, withDefaults } from '../../src/config/merge-sandbox.ts';
import { readBoxLaunch, type BoxLaunch } from '../../src/config/box-launch.ts';
import { folderOf, loadGood, loadServer, spec, warningsOf } from './load-fixture.ts';

async function boxOf(entry: object, root: object = {}): Promise<BoxLaunch & { folder: string; warnings: string[] }> {
  const folder = await folderOf({ 'sekisho.jsonc': { mcpServers: { it: { command: 'x', ...entry } }, ...root } });
  const config = await loadGood(join(folder, 'sekisho.jsonc'), {
    env: { HOME: '/home/ada', PASSED: 'passed', REGION: 'eu' },
  });
  return { ...readBoxLaunch(spec(config, 'it', 'stdio').launch)!, folder, warnings: warningsOf(config) };
}
const own = (sandbox: object): object => ({ 'x-sekisho': { sandbox } });

describe('the box of a server', () => {
  test('is closed where nothing is said; it starts in the folder of the file, and a cwd is granted', async () => {
    const box = await boxOf({ env: { A: '1' } });
    expect(box).toMatchObject({ none: false, directory: box.folder, secrets: {} });
    expect(box.profile).toEqual({ env: { A: '1' } });
    expect((await boxOf({ cwd: '/tmp' })).profile.cwd).toBe('/tmp');
  });

  test('fills in references, counts relative paths from the folder of the file, and keeps ~', async () => {
    const { profile, folder } = await boxOf({
      ...own({
        filesystem: { allowRead: ['notes', '~/x', '/y', '${workspaceFolder}/z'] },
        network: { allowedDomains: ['api.${REGION}.example.com'] },
        env: { B: 'in ${REGION}', PASSED: true, ABSENT: true },
        cwd: 'notes',
      }),
    });
    expect(profile).toEqual({
      filesystem: { allowRead: [join(folder, 'notes'), '~/x', '/y', join(folder, 'z')] },
      network: { allowedDomains: ['api.eu.example.com'] },
      env: { B: 'in eu', PASSED: 'passed' },
      cwd: join(folder, 'notes'),
    });
  });

  test('takes over what the root says, key by key; denials add up; the limits too', async () => {
    const root = own({
      filesystem: { allowRead: ['/shared'], denyRead: ['/shared/keys'] },
      network: { deniedDomains: ['bad.example.com'] },
      limits: { processes: 20, openFiles: 99 },
      enforcement: 'required',
    });
    const { profile } = await boxOf(
      own({
        filesystem: { denyRead: ['/mine'] },
        network: { allowedDomains: ['*.example.com'] },
        limits: { processes: 40 },
        enforcement: 'best-effort',
      }),
      root,
    );
    expect(profile).toMatchObject({
      filesystem: { allowRead: ['/shared'], denyRead: ['/shared/keys', '/mine'] },
      network: { allowedDomains: ['*.example.com'], deniedDomains: ['bad.example.com'] },
      limits: { processes: 40, openFiles: 99 },
      enforcement: 'best-effort',
    });
    expect((await boxOf({}, root)).profile.filesystem).toEqual({ allowRead: ['/shared'], denyRead: ['/shared/keys'] });
  });

  test('no box is chosen by server or for all, and a server that says what it wants gets a box', async () => {
    const none = { backend: 'none', iUnderstand: NO_BOX_SENTENCE };
    expect((await boxOf(own(none))).none).toBe(true);
    expect((await boxOf({}, own(none))).none).toBe(true);
    expect((await boxOf(own({ spawn: true }), own(none))).none).toBe(false);
  });

  test("VS Code's block means the same: at the root, in the entry, and the stricter where both speak", async () => {
    expect(
      (await boxOf({ sandbox: { filesystem: { allowWrite: ['out'] } } })).profile.filesystem?.allowWrite,
    ).toHaveLength(1);
    const both = await boxOf(
      {
        sandbox: { network: { allowedDomains: ['a.example.com', 'b.example.com'] } },
        ...own({ network: { allowedDomains: ['*.example.com', 'c.test'] }, filesystem: { allowRead: ['/a'] } }),
      },
      { sandbox: { network: { deniedDomains: ['b.example.com'] } } },
    );
    expect(both.profile.network).toEqual({
      allowedDomains: ['a.example.com', 'b.example.com'],
      deniedDomains: ['b.example.com'],
    });
    expect(both.profile.filesystem).toEqual({ allowRead: ['/a'] });
    expect(both.warnings.join()).toContain('differ in network.allowedDomains; the stricter counts');
    expect((await boxOf({ sandbox: { ports: [1] } })).warnings.join()).toContain('"ports"');
    expect((await boxOf({ sandboxEnabled: false })).none).toBe(false);
  });

  test('a change of the box is a change of the server', async () => {
    const [before, after] = [
      await loadServer({ command: 'x' }),
      await loadServer({ command: 'x', ...own({ spawn: true }) }),
    ];
    const [a, b] = [before, after].map(({ config }) => spec(config, 'it', 'stdio').launch!);
    expect(JSON.stringify({ ...a, directory: '' })).not.toBe(JSON.stringify({ ...b, directory: '' }));
  });
});

describe('the stricter of two', () => {
  test('keeps what each covers of the other', () => {
    const { sandbox, differing } = stricterOf(
      { filesystem: { allowWrite: ['/a', '/b/c', '/e'], denyRead: ['/x'] } },
      { filesystem: { allowWrite: ['/a/deep', '/b', '/eve'], denyRead: ['/y'] } },
    );
    expect(sandbox.filesystem).toEqual({ allowWrite: ['/b/c', '/a/deep'], denyRead: ['/x', '/y'] });
    expect(differing).toEqual(['filesystem.allowWrite', 'filesystem.denyRead']);
  });
  test('defaults alone, or own alone, are themselves', () => {
    expect(withDefaults({}, { spawn: true })).toEqual({ spawn: true });
    expect(withDefaults({ spawn: false }, { spawn: true })).toEqual({ spawn: false });
  });
});
