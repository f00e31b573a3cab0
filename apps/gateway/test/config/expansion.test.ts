import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  baseEnv,
  errorsOf,
  folderOf,
  loadGood,
  loadObject,
  loadServer,
  server,
  spec,
  warningsOf,
} from './load-fixture.ts';

async function expandArgument(argument: string, env: Record<string, string> = {}): Promise<string | string[]> {
  const { spec: made, problems } = await loadServer(
    { command: 'node', args: [argument] },
    { env: { ...baseEnv, ...env } },
  );
  return made?.kind === 'stdio' ? made.args[0]! : problems.map(({ message, remedy }) => `${message} ${remedy ?? ''}`);
}

describe('what a reference turns into', () => {
  test.each([
    ['${A}', { A: 'x' }, 'x'],
    ['${env:A}', { A: 'x' }, 'x'],
    ['pre-${A}-${B}-post', { A: '1', B: '2' }, 'pre-1-2-post'],
    ['${A:-d}', {}, 'd'],
    ['${A:-d}', { A: '' }, 'd'],
    ['${A:-}', {}, ''],
    ['${A:-a:-b}', {}, 'a:-b'],
    ['${A}', { A: '' }, ''],
    ['${A:-${B}}', { B: 'inner' }, 'inner'],
    ['${A:-${B:-${C:-deep}}}', {}, 'deep'],
    ['${A:-${B}}', { A: 'outer' }, 'outer'],
    ['$A and $', { A: 'x' }, '$A and $'],
    ['${A', { A: 'x' }, '${A'],
    ['${SEKISHO_INPUT_X}', { SEKISHO_INPUT_X: 'allowed' }, 'allowed'],
  ])('%s with %j is %j', async (argument, env, expected) => {
    expect(await expandArgument(argument, env)).toBe(expected);
  });

  test.each(['${B}', '${cmd:id}', '${A}', '${file:/etc/passwd}', '$(id)', '`id`'])(
    'a value %j is not expanded again',
    async (value) => {
      expect(await expandArgument('${A}', { A: value, B: 'never' })).toBe(value);
    },
  );

  test('two references do not make a third', async () => {
    expect(await expandArgument('${A}${B}', { A: '${', B: 'HOME}' })).toBe('${HOME}');
  });

  test.each([
    'two words',
    'a "quoted" word',
    "it's",
    'line one\nline two',
    '-rf',
    '--flag=1 --other',
    '; rm -rf /',
    '$(id)',
    '',
  ])('a value fills one argument and never becomes two: %j', async (value) => {
    const { spec: made } = await loadServer(
      { command: 'node', args: ['first', '${A}', 'last'] },
      { env: { ...baseEnv, A: value } },
    );
    expect(made).toMatchObject({ args: ['first', value, 'last'] });
  });

  test('keys are not expanded: a value adds no name', async () => {
    const { spec: made } = await loadServer(
      { command: 'node', env: { '${A}': 'x' } },
      { env: { ...baseEnv, A: 'INJECTED' } },
    );
    expect(made).toMatchObject({ env: { '${A}': 'x' } });
  });

  test.each(['X-A: 1\r\nX-Injected: 2', 'a\nb', 'a\u0000b', 'snow\u2603'])(
    'a value that a header cannot carry stops that server: %j',
    async (value) => {
      const { spec: made, problems } = await loadServer(
        { url: 'https://x.example.com', headers: { 'X-A': '${A}' } },
        { env: { ...baseEnv, A: value } },
      );
      expect(made).toBeUndefined();
      expect(problems.map(({ message }) => message).join()).not.toContain(value);
    },
  );

  test.each([
    ['${config:x.y}', '${config:x.y}'],
    ['${user_config.key}', '${user_config.key}'],
    ['${__dirname', '${__dirname'],
    ['${A-x}', '${A-x}'],
    ['${${A}}', '${${A}}'],
  ])('%s is in nobody’s table and stays as it is', async (argument, expected) => {
    const { spec: made, config } = await loadServer(
      { command: 'node', args: [argument] },
      { env: { ...baseEnv, A: 'B', B: 'x' } },
    );
    expect(made).toMatchObject({ args: [expected] });
    if (argument.endsWith('}')) expect(warningsOf(config)).toEqual([expect.stringContaining('passed on as it stands')]);
  });
});

describe('what is refused', () => {
  test.each(['${cmd: cat /etc/passwd}', '${cmd:id}', '${command:extension.id}', '${CMD:id}', '${A:-${cmd:id}}'])(
    '%s never runs',
    async (argument) => {
      expect(await expandArgument(argument, { A: 'set' })).toEqual([expect.stringContaining('run a command')]);
    },
  );

  test.each([
    '${SEKISHO_TOKEN}',
    '${env:SEKISHO_TOKEN}',
    '${sekisho_token}',
    '${SEKISHO_TOKEN:-x}',
    '${UNSET:-${SEKISHO_TOKEN}}',
  ])('%s: the gateway’s own names are out of reach', async (argument) => {
    const messages = await expandArgument(argument, { SEKISHO_TOKEN: 'planted-own', sekisho_token: 'planted-own' });
    expect(messages).toEqual([expect.stringContaining('belongs to Sekisho itself')]);
    expect(JSON.stringify(messages)).not.toContain('planted-own');
  });

  test.each([
    { url: 'https://x.example.com', bearer_token_env_var: 'SEKISHO_TOKEN' },
    { url: 'https://x.example.com', env_http_headers: { A: 'SEKISHO_TOKEN' } },
    { command: 'node', env_vars: ['SEKISHO_TOKEN'] },
    { command: 'node', env_vars: [{ name: 'SEKISHO_TOKEN' }] },
  ])('nor by another spelling: %j', async (entry) => {
    const { spec: made, problems } = await loadServer(entry, { env: { ...baseEnv, SEKISHO_TOKEN: 'planted-own' } });
    expect(made).toBeUndefined();
    expect(JSON.stringify(problems)).toContain('belongs to Sekisho itself');
  });

  test('a missing name stops its server alone, and says which', async () => {
    const config = await loadObject({
      mcpServers: { bad: { command: 'node', env: { KEY: '${NOT_THERE}' } }, good: { command: 'node' } },
    });
    expect(server(config, 'bad').spec).toBeUndefined();
    expect(server(config, 'good').spec).toBeDefined();
    expect(config.problems).toEqual([
      expect.objectContaining({
        severity: 'error',
        server: 'bad',
        message: expect.stringContaining('"NOT_THERE"'),
        remedy: expect.stringContaining('NOT_THERE'),
        place: expect.objectContaining({ line: 6 }),
      }),
    ]);
  });

  test('the keyring is not there yet, and says what is', async () => {
    expect(await expandArgument('${keyring:k}')).toEqual([expect.stringMatching(/keyring.*\$\{secret:k\}/s)]);
  });
});

describe('secrets', () => {
  test('${secret:name} comes from a file that only its owner reads', async () => {
    const folder = await folderOf({
      'secrets.json': '{ "notes": "planted-secret", /* comment */ }',
      'sekisho.jsonc': {
        mcpServers: {
          it: { command: 'node', env: { T: '${secret:notes}' } },
          none: { command: 'node', env: { T: '${secret:other}' } },
        },
      },
    });
    const file = join(folder, 'sekisho.jsonc');
    const secretsFile = join(folder, 'secrets.json');
    const config = await loadGood(file, { secretsFile });
    expect(spec(config, 'it', 'stdio').env['T']).toBe('planted-secret');
    expect(errorsOf(config, 'none')).toEqual([expect.stringContaining('no secret "other"')]);
    await chmod(secretsFile, 0o640);
    const refused = await loadGood(file, { secretsFile });
    expect(errorsOf(refused, 'it')).toEqual([expect.stringMatching(/other users.*chmod 600/s)]);
  });

  test('the secrets file may be lines of NAME=value', async () => {
    const folder = await folderOf({
      'secrets.env': 'notes="planted secret"\n',
      'sekisho.jsonc': { mcpServers: { it: { command: 'node', args: ['${secret:notes}'] } } },
    });
    const config = await loadGood(join(folder, 'sekisho.jsonc'), { secretsFile: join(folder, 'secrets.env') });
    expect(spec(config, 'it', 'stdio').args).toEqual(['planted secret']);
  });

  test('${file:path} is the content without its last line break; what cannot be read stops its server', async () => {
    const folder = await folderOf({
      'key.txt': 'planted-key\n',
      'sekisho.jsonc': {
        mcpServers: {
          it: { command: 'node', args: ['${file:key.txt}'] },
          none: { command: 'node', args: ['${file:absent}'] },
          folder: { command: 'node', args: ['${file:/}'] },
        },
      },
    });
    const config = await loadGood(join(folder, 'sekisho.jsonc'));
    expect(spec(config, 'it', 'stdio').args).toEqual(['planted-key']);
    expect(errorsOf(config, 'none')).toEqual([expect.stringContaining('no such file')]);
    expect(errorsOf(config, 'folder')).toEqual([expect.stringContaining('not a regular file')]);
    expect([...config.files.keys()]).toContain(join(folder, 'absent'));
  });

  test('${input:id} asks once, and only where a person can answer', async () => {
    const asked: string[] = [];
    const value = {
      inputs: [{ type: 'promptString', id: 'k-1', description: 'Key', password: true }],
      servers: {
        a: { command: 'node', args: ['${input:k-1}'] },
        b: { command: 'node', args: ['${input:k-1}', '${input:unknown}'] },
      },
    };
    const prompt = async ({ id }: { id: string }): Promise<string> => {
      asked.push(id);
      return await Promise.resolve('planted-answer');
    };
    const config = await loadObject(value, { prompt });
    expect(spec(config, 'a', 'stdio').args).toEqual(['planted-answer']);
    expect(errorsOf(config, 'b')).toEqual([expect.stringContaining('no input "unknown"')]);
    expect(asked).toEqual(['k-1']);
    expect(config.secrets.mask('it is planted-answer')).toBe('it is ****');
    const alone = await loadObject(value);
    expect(alone.problems.find(({ server: name }) => name === 'a')?.remedy).toContain('SEKISHO_INPUT_K_1');
    const given = await loadObject(value, { env: { ...baseEnv, SEKISHO_INPUT_K_1: 'from-env' }, prompt });
    expect(spec(given, 'a', 'stdio').args).toEqual(['from-env']);
  });

  test('whatever way a secret came in, it is masked', async () => {
    const planted = [
      'planted-env-1',
      'planted-file-2',
      'planted-secret-3',
      'planted-inline-4',
      'planted-header-5',
      'planted-query-6',
      'planted-userinfo-7',
      'planted-envfile-8',
      'planted/é-9',
      'planted-named-10',
      'planted-args-11',
    ];
    const folder = await folderOf({
      'secrets.json': { s: planted[2] },
      'f.txt': `${planted[1]}\n`,
      '.env': `API_KEY=${planted[7]}\n`,
      'sekisho.jsonc': {
        mcpServers: {
          a: {
            command: 'node',
            args: ['${A}', '${file:f.txt}', '--x=${X11}'],
            env: { T: '${secret:s}', API_TOKEN: planted[3], NAME: '${ODD}' },
            envFile: '.env',
            env_vars: ['N10'],
          },
          b: {
            url: `https://user:${planted[6]}@x.example.com/mcp?api_key=${planted[5]}`,
            headers: { 'X-Y': `Bearer ${planted[4]}` },
          },
        },
      },
    });
    const env = { ...baseEnv, A: planted[0]!, ODD: planted[8]!, N10: planted[9]!, X11: planted[10]! };
    const config = await loadGood(join(folder, 'sekisho.jsonc'), { env, secretsFile: join(folder, 'secrets.json') });
    expect(errorsOf(config)).toEqual([]);
    expect(
      planted.filter(
        (value) =>
          JSON.stringify(config.servers).includes(value) ||
          JSON.stringify(config.servers).includes(encodeURIComponent(value)),
      ),
    ).toHaveLength(10);
    const shown = JSON.stringify(config.secrets.maskDeep(config.servers.map(({ spec: made }) => made)));
    for (const value of planted) {
      expect(shown).not.toContain(value);
      expect(config.secrets.mask(`?q=${encodeURIComponent(value)}`)).toBe('?q=****');
    }
    expect(shown).not.toContain(Buffer.from(`user:${planted[6]}`).toString('base64'));
    expect(shown).toContain('/usr/bin:/bin');
  });

  test('a key of several lines is masked line by line', async () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----';
    const { config } = await loadServer(
      { command: 'node', env: { K: '${PEM_KEY}' } },
      { env: { ...baseEnv, PEM_KEY: key } },
    );
    expect(config.secrets.mask('stderr: MIIEvQIBADANBgkqhkiG9w0BAQEFAASC')).toBe('stderr: ****');
  });

  test('a secret that begins like another leaves nothing behind', async () => {
    const { config } = await loadServer(
      { command: 'node', args: ['${A_KEY}', '${B_KEY}'] },
      { env: { ...baseEnv, A_KEY: 'abcdef', B_KEY: 'abcdefghij' } },
    );
    expect(config.secrets.mask('abcdefghij')).toBe('****');
  });

  test('what a broken file says about itself holds no value', async () => {
    const env = { ...baseEnv, U: 'ftp://planted-user:planted-pass@h', V: 'planted not a url' };
    for (const url of ['${U}', '${V}']) {
      const { problems, spec: made } = await loadServer({ url }, { env });
      expect(made).toBeUndefined();
      expect(JSON.stringify(problems)).not.toContain('planted');
    }
  });
});

describe('the child’s environment', () => {
  test('holds PATH, HOME, LANG, TMPDIR and the declared names, and nothing of ours', async () => {
    const env = { ...baseEnv, SEKISHO_TOKEN: 'own', AWS_SECRET_ACCESS_KEY: 'ours', NODE_OPTIONS: '--x', A: '1' };
    const { spec: made } = await loadServer({ command: 'node', env: { DECLARED: '${A}' } }, { env });
    expect(made).toMatchObject({ env: { ...baseEnv, DECLARED: '1' } });
    expect(Object.keys((made as { env: object }).env).sort()).toEqual(['DECLARED', 'HOME', 'LANG', 'PATH', 'TMPDIR']);
  });

  test('env wins over envFile, whose values are taken as they are', async () => {
    const folder = await folderOf({
      'it.env': 'A=1\nB=${HOME}\n',
      'sekisho.jsonc': {
        mcpServers: {
          it: { command: 'node', envFile: './it.env', env: { A: '2' } },
          none: { command: 'node', envFile: 'absent.env' },
        },
      },
    });
    const config = await loadGood(join(folder, 'sekisho.jsonc'));
    expect(spec(config, 'it', 'stdio').env).toEqual({ ...baseEnv, A: '2', B: '${HOME}' });
    expect(errorsOf(config, 'none')).toEqual([expect.stringContaining('"envFile"')]);
    expect([...config.files.keys()]).toContain(join(folder, 'absent.env'));
  });

  test('an envFile that everybody can change is refused', async () => {
    const folder = await folderOf({
      'it.env': 'A=1\n',
      'sekisho.jsonc': { mcpServers: { it: { command: 'node', envFile: 'it.env' } } },
    });
    await chmod(join(folder, 'it.env'), 0o666);
    expect(errorsOf(await loadGood(join(folder, 'sekisho.jsonc')), 'it')).toEqual([
      expect.stringContaining('every user'),
    ]);
  });

  test('Windows keeps what its programs need, whatever the case', async () => {
    await writeFile(join(await folderOf({}), 'x'), '');
    const { spec: made } = await loadServer(
      { command: 'node' },
      { platform: 'win32', env: { Path: 'C:\\bin', SystemRoot: 'C:\\Windows', SECRET: 'x' } },
    );
    expect(made).toMatchObject({ env: { Path: 'C:\\bin', SystemRoot: 'C:\\Windows' } });
    expect(made).not.toHaveProperty('env.SECRET');
  });
});
