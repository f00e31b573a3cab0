import { join } from 'node:path';
import { NO_BOX_SENTENCE } from '@sekisho/sandbox';
import { describe, expect, test } from 'vitest';
import { runCommand, type Ran } from '../cli/fake-io.ts';
import { folderOf } from '../config/load-fixture.ts';
import { anything } from './house.ts';

const longMs = 60_000;
const env = { PATH: process.env['PATH']! };

async function sandbox(
  words: readonly string[],
  file?: object,
  files: Record<string, string> = {},
): Promise<Ran & { cwd: string }> {
  const cwd = await folderOf({ ...(file === undefined ? {} : { 'sekisho.jsonc': file }), ...files });
  const config = file === undefined ? [] : ['--config', join(cwd, 'sekisho.jsonc')];
  const [action, ...rest] = words;
  return {
    ...(await runCommand(['sandbox', action!, ...config, ...rest], { cwd, home: await folderOf({}), env })),
    cwd,
  };
}

describe.runIf(process.platform === 'linux')('sekisho sandbox', { timeout: longMs }, () => {
  test('explain says in sentences what the box allows, and what was proved', async () => {
    const own = { network: { allowedDomains: ['api.example.com'] }, env: { API_KEY: 'planted-secret-value' } };
    const file = {
      mcpServers: {
        it: { command: 'node', args: [anything], 'x-sekisho': { sandbox: own } },
        bare: { command: 'node', 'x-sekisho': { sandbox: { backend: 'none', iUnderstand: NO_BOX_SENTENCE } } },
        far: { url: 'https://x.example.com/mcp' },
      },
    };
    const { out, code } = await sandbox(['explain', 'it'], file);
    expect(out).toContain('It connects to api.example.com (over TLS), and to nothing else.');
    expect(out).toContain('It may not start other processes; threads work.');
    expect(out).toMatch(/Proved just now: (\d+) of \1 attempts held \(bubblewrap/);
    expect(out).not.toContain('planted-secret');
    expect(code).toBe(0);
    const json = JSON.parse((await sandbox(['explain', '--json', 'it'], file)).out) as {
      attestation: { probes: object[] };
    };
    expect(json.attestation.probes.length).toBeGreaterThan(30);
    expect((await sandbox(['explain', 'bare'], file)).out).toContain('"bare" has NO BOX');
    expect(await sandbox(['explain', 'far'], file)).toMatchObject({
      code: 2,
      err: expect.stringContaining('over the network'),
    });
    expect(await sandbox(['explain', 'nobody'], file)).toMatchObject({
      code: 3,
      err: expect.stringContaining('There are: it, bare, far'),
    });
    expect(await sandbox(['explian'], file)).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean "explain"?'),
    });
  });

  test('run runs anything in a box, with its own streams and exit code, and names what it lacked', async () => {
    const script = "console.log('out'); console.error('err'); process.exit(7)";
    expect(await sandbox(['run', '--', 'node', '-e', script])).toMatchObject({ code: 7, out: 'out\n', err: 'err\n' });
    const reading = ['node', '-p', "require('fs').readFileSync('x.txt', 'utf8')"];
    const denied = await sandbox(['run', '--', ...reading], undefined, { 'x.txt': 'CONTENT' });
    expect(denied.code).toBe(1);
    expect(denied.err).toMatch(
      /sekisho: it may not read .*x\.txt\nsekisho: it would take .*"allowRead":\[".*x\.txt"\]/,
    );
    // A folder that everybody may look into, since the box of a gateway that is root is somebody else's.
    const granted = await sandbox(
      ['run', '--read', 'sub', '--', 'node', '-p', "require('fs').readdirSync('sub').length"],
      undefined,
      { 'sub/a.js': '' },
    );
    expect(granted).toMatchObject({ code: 0, out: '1\n' });
    expect(await sandbox(['run'])).toMatchObject({ code: 2 });
    expect(await sandbox(['run', '--', 'no-such-program-here'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/was not found.*\nMend it: Install it/),
    });
    expect((await sandbox(['run', '--net', 'https://x/', '--', 'node'])).err).toContain('not usable as a network rule');
  });

  test('learn proposes what a server lacked, and nothing that it did not use', async () => {
    const file = { mcpServers: { it: { command: 'node', args: [anything] } } };
    const code = "require('child_process').execSync('id')";
    const call = JSON.stringify({
      name: 'run',
      arguments: { code: `try { ${code} } catch (error) { console.error(error.message) }` },
    });
    const learned = await sandbox(['learn', '--seconds', '0', '--call', call, 'it'], file);
    expect(learned.out).toContain('It lacked: it starts other processes, which its profile denies');
    expect(learned.out).toContain('put into the entry of "it":\n"x-sekisho": { "sandbox": {"spawn":true} }');
    expect(learned.code).toBe(0);
    expect((await sandbox(['learn', '--seconds', '0', 'it'], file)).out).toContain(
      '"it" lacks nothing that was seen in 1 round.',
    );
    expect(await sandbox(['learn', '--call', 'x', 'it'], file)).toMatchObject({ code: 2 });
    expect(await sandbox(['approve', 'it'], file)).toMatchObject({
      code: 2,
      err: expect.stringContaining('nothing to approve'),
    });
  });
});
