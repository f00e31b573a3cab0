import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { commands } from '../../src/cli/commands-table.ts';
import { folderOf } from '../config/load-fixture.ts';
import { runCommand } from './fake-io.ts';

describe('the words of a command', () => {
  test.each([
    [[], { command: 'serve', flags: {}, positionals: [] }],
    [['--config', 'a.json'], { command: 'serve', flags: { config: 'a.json' }, positionals: [] }],
    [['-c', 'a', '-p', '0'], { command: 'serve', flags: { config: 'a', port: '0' }, positionals: [] }],
    [
      ['serve', '--config=a=b', '--no-watch'],
      { command: 'serve', flags: { config: 'a=b', 'no-watch': true }, positionals: [] },
    ],
    [['--config', 'a', '--config', 'b'], { command: 'serve', flags: { config: 'b' }, positionals: [] }],
    [['connect', 'cursor', '-y'], { command: 'connect', flags: { yes: true }, positionals: ['cursor'] }],
    [['import', '--', '-odd.json'], { command: 'import', flags: {}, positionals: ['-odd.json'] }],
  ])('%j', (argv, expected) => {
    expect(parseArguments(argv)).toEqual(expected);
  });

  test.each([
    [['sevre'], 'Did you mean "serve"?'],
    [['conect', 'cursor'], 'Did you mean "connect"?'],
    [['xyzzy'], 'sekisho --help'],
    [['serve', '--confg', 'a'], 'Did you mean "--config"?'],
    [['--prot=1'], 'Did you mean "--port"?'],
    [['-z'], 'no option "-z"'],
    [['--config'], '--config needs a value'],
    [['--config', '--port', '1'], '--config needs a value'],
    [['--no-watch=1'], 'takes no value'],
    [['serve', 'extra'], '"extra" is one word too many'],
    [['connect', 'a', 'b'], '"b" is one word too many'],
    [['__proto__'], 'no command "__proto__"'],
    [['--constructor'], 'no option "--constructor"'],
  ])('%j is answered', (argv, expected) => {
    expect(parseArguments(argv)).toEqual(expect.objectContaining({ usage: expect.stringContaining(expected) }));
  });

  test('a wrong word is exit code 2, on standard error', async () => {
    const ran = await runCommand(['sevre'], { cwd: '/' });
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain('Did you mean "serve"?');
  });

  test('--version and --help', async () => {
    expect(await runCommand(['--version'], { cwd: '/' })).toEqual({ code: 0, out: '9.9.9\n', err: '' });
    const { out, code } = await runCommand(['--help'], { cwd: '/' });
    expect(code).toBe(0);
    for (const name of Object.keys(commands)) expect(out).toContain(`  ${name}`);
    expect((await runCommand(['help', 'connect'], { cwd: '/' })).out).toContain('claude-code');
  });

  test.each(Object.keys(commands))('%s has help with its options and an example', async (name) => {
    const { out } = await runCommand([name, '--help'], { cwd: '/' });
    for (const flag of Object.keys(commands[name as keyof typeof commands].flags)) expect(out).toContain(`--${flag}`);
    expect(out).toMatch(/Examples\n {2}sekisho/);
    expect(out).not.toContain('\u001B');
  });
});

describe('the configuration that is used', () => {
  test('a file that merely lies in the folder is never started', async () => {
    const cwd = await folderOf({ '.mcp.json': { mcpServers: { evil: { command: 'touch', args: ['pwned'] } } } });
    for (const command of ['serve', 'stdio']) {
      const ran = await runCommand([command], { cwd, home: '/nowhere' });
      expect(ran.code).toBe(3);
      expect(ran.err).toContain('sekisho --config .mcp.json');
    }
  });

  test('the one of the settings, the variable, and the flag win in this order', async () => {
    const home = await folderOf({
      '.config/sekisho/sekisho.jsonc': { mcpServers: { a: { command: 'x' } } },
      'b.json': { mcpServers: { b: { command: 'x' } } },
      'c.json': { mcpServers: { c: { command: 'x' } } },
    });
    const names = async (argv: string[], env = {}): Promise<string[]> => {
      const { out } = await runCommand(['config', 'check', '--json', ...argv], { cwd: home, env });
      return (JSON.parse(out) as { servers: { name: string }[] }).servers.map(({ name }) => name);
    };
    expect(await names([])).toEqual(['a']);
    expect(await names([], { SEKISHO_CONFIG: 'b.json' })).toEqual(['b']);
    expect(await names(['--config', 'c.json'], { SEKISHO_CONFIG: '~/b.json' })).toEqual(['c']);
  });

  test('config check tells every fault by its place, and its exit code', async () => {
    const cwd = await folderOf({
      'a.json': '{"mcpServers": {\n "good": {"command": "x"},\n "bad": {"command": "x", "url": "y"}}}',
      'b.json': '{',
    });
    const bad = await runCommand(['config', 'check', '--config', 'a.json'], { cwd });
    expect(bad.code).toBe(3);
    expect(bad.out).toContain(`${cwd}/a.json:3:26 error: server "bad"`);
    expect(bad.out).toContain('1 of 2 servers can be started');
    expect((await runCommand(['config', 'check', '-c', 'b.json'], { cwd })).code).toBe(3);
    expect((await runCommand(['config', 'chekc'], { cwd })).err).toContain('"check"');
    expect(JSON.parse((await runCommand(['config', 'schema'], { cwd })).out)).toHaveProperty('properties.mcpServers');
  });

  test('config print shows what a file comes to, secrets masked', async () => {
    const cwd = await folderOf({
      'a.json': { mcpServers: { a: { url: 'https://x.example.com', headers: { Authorization: 'Bearer ${TOKEN}' } } } },
    });
    const { out, code } = await runCommand(['config', 'print', '-c', 'a.json'], {
      cwd,
      env: { TOKEN: 'planted-token' },
    });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ servers: [{ name: 'a', headers: { Authorization: 'Bearer ****' } }] });
  });

  test('status without a gateway is exit code 4 and says how to start one', async () => {
    const ran = await runCommand(['status', '--port', '1'], { cwd: '/' });
    expect(ran.code).toBe(4);
    expect(ran.err).toContain('Start one with: sekisho');
  });

  test.each([
    [['--host', '0.0.0.0'], 2],
    [['--port', '70000'], 2],
    [['--port', 'x'], 2],
    [['--log-level', 'loud'], 2],
  ])('serve %j is refused before anything starts', async (argv, code) => {
    const cwd = await folderOf({ 'a.json': { mcpServers: {} } });
    expect((await runCommand(['serve', '-c', 'a.json', ...argv], { cwd })).code).toBe(code);
  });
});
