import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderOf } from '../config/load-fixture.ts';
import { runCommand } from './fake-io.ts';

const cursorFile = {
  'home/.cursor/mcp.json': '{\n  // mine\n  "mcpServers": {\n    "a": { "command": "x" }\n  }\n}\n',
  'work/keep': '',
};

describe('sekisho connect', () => {
  test('shows the change and writes only after a yes', async () => {
    const folder = await folderOf(cursorFile);
    const file = join(folder, 'home/.cursor/mcp.json');
    const where = { cwd: join(folder, 'work'), home: join(folder, 'home') };
    const before = await readFile(file, 'utf8');
    const dry = await runCommand(['connect', 'cursor', '--dry-run'], where);
    expect(dry).toMatchObject({ code: 0, out: expect.stringContaining('+     "sekisho"') });
    const shown = [dry];
    for (const refused of [
      await runCommand(['connect', 'cursor'], where),
      await runCommand(['connect', 'cursor'], { ...where, answers: 'n\n' }),
      await runCommand(['connect', 'cursor'], { ...where, answers: '\n' }),
    ]) {
      shown.push(refused);
      expect(refused.code).toBe(1);
      expect(refused.err).toContain('Nothing is written');
    }
    expect(await readFile(file, 'utf8')).toBe(before);
    expect((await runCommand(['connect', 'cursor'], { ...where, answers: 'y\n' })).code).toBe(0);
    // The key of this computer's owner goes into the file, and on no screen.
    const key = (await readFile(join(folder, 'home/.local/state/sekisho/auth/local-key'), 'utf8')).trim();
    expect(await readFile(file, 'utf8')).toBe(
      before.replace(
        '{ "command": "x" }\n',
        `{ "command": "x" },\n    "sekisho": {\n      "url": "http://127.0.0.1:7300/mcp",\n      "headers": {\n        "Authorization": "Bearer ${key}"\n      }\n    }\n`,
      ),
    );
    expect(dry.out).toContain('"Authorization": "****"');
    for (const { out, err } of shown) expect(out + err).not.toContain(key);
    expect(await readFile(`${file}.before-sekisho-20261123T102030`, 'utf8')).toBe(before);
    expect((await runCommand(['connect', 'cursor'], where)).out).toContain('connected already');
  });

  test('writes a new file with --yes, for a client that starts programs too', async () => {
    const folder = await folderOf({ 'home/.config/sekisho/sekisho.jsonc': { mcpServers: {} } });
    const home = join(folder, 'home');
    expect((await runCommand(['connect', 'claude-desktop', '--yes'], { cwd: folder, home })).code).toBe(0);
    const written: unknown = JSON.parse(
      await readFile(join(home, '.config/Claude/claude_desktop_config.json'), 'utf8'),
    );
    expect(written).toEqual({
      mcpServers: {
        sekisho: {
          command: '/opt/node',
          args: ['/opt/sekisho/main.js', 'stdio', '--config', join(home, '.config/sekisho/sekisho.jsonc')],
        },
      },
    });
  });

  test('leaves a file alone that it cannot change, and names the nearest client', async () => {
    const folder = await folderOf({ 'home/.cursor/mcp.json': '{ "mcpServers": ' });
    const where = { cwd: folder, home: join(folder, 'home') };
    expect(await runCommand(['connect', 'cursor', '--yes'], where)).toMatchObject({
      code: 1,
      err: expect.stringContaining('left as it is'),
    });
    expect((await runCommand(['connect', 'cursr'], where)).err).toContain('Did you mean "cursor"?');
    expect((await runCommand(['connect'], where)).err).toContain('claude-code');
    expect(await readdir(join(folder, 'home/.cursor'))).toEqual(['mcp.json']);
  });
});

describe('sekisho import', () => {
  test('never replaces a file without a yes, and keeps the old one', async () => {
    const folder = await folderOf({ ...cursorFile, 'work/sekisho.jsonc': 'precious' });
    const where = { cwd: join(folder, 'work'), home: join(folder, 'home') };
    const output = join(folder, 'work/sekisho.jsonc');
    const argv = ['import', '--output', 'sekisho.jsonc'];
    for (const ran of [await runCommand(argv, where), await runCommand(argv, { ...where, answers: 'no\n' })]) {
      expect(ran.code).toBe(1);
      expect(ran.out).toContain('Cursor');
    }
    expect(await readFile(output, 'utf8')).toBe('precious');
    expect((await runCommand([...argv, '--yes'], where)).code).toBe(0);
    expect(await readFile(output, 'utf8')).toContain('"command": "x"');
    expect(await readFile(`${output}.before-sekisho-20261123T102030`, 'utf8')).toBe('precious');
    expect((await runCommand(['config', 'check', '-c', 'sekisho.jsonc'], where)).code).toBe(0);
  });

  test('takes a project’s file only when asked for it', async () => {
    const folder = await folderOf({ ...cursorFile, 'work/.mcp.json': { mcpServers: { project: { command: 'y' } } } });
    const where = { cwd: join(folder, 'work'), home: join(folder, 'home') };
    const without = await runCommand(['import', '--yes'], where);
    expect(without.out).toContain('--project');
    expect(await readFile(join(folder, 'home/.config/sekisho/sekisho.jsonc'), 'utf8')).not.toContain('"project"');
    const { out } = await runCommand(['import', '--json', '--project'], where);
    expect(Object.keys((JSON.parse(out) as { servers: object }).servers).sort()).toEqual(['a', 'project']);
  });

  test('shows no secret of any client', async () => {
    const folder = await folderOf({
      'home/.cursor/mcp.json': {
        mcpServers: {
          a: { command: 'x', args: ['--token', 'planted-1-secret'], env: { K_TOKEN: 'planted-2-secret' } },
          b: { url: 'https://u:planted-3-secret@x.example.com/mcp?key=planted-4-secret' },
        },
      },
    });
    const ran = await runCommand(['import'], { cwd: folder, home: join(folder, 'home') });
    expect(ran.out).toContain('secret openly');
    expect(ran.out + ran.err).not.toContain('planted');
  });

  test('says so when there is nothing', async () => {
    const folder = await folderOf({});
    expect(await runCommand(['import'], { cwd: folder })).toMatchObject({
      code: 1,
      out: expect.stringContaining('No client'),
    });
    expect(await runCommand(['import', 'absent.json'], { cwd: folder })).toMatchObject({
      code: 1,
      err: expect.stringContaining('no file absent.json'),
    });
  });
});
