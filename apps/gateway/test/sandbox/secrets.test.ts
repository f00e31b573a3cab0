import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { BoxEvent } from '@sekisho/sandbox';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { mountSandbox } from '../../src/mount/sandbox.ts';
import { folderOf, loadGood, spec } from '../config/load-fixture.ts';
import { anything, openHouse } from './house.ts';

const longMs = 60_000;
const tls = resolve(import.meta.dirname, '../fixtures/tls');
const name = 'api.example.test';
// Put together as it runs, so that no file that the box may read holds it in one piece.
const value = ['the-brokered', 'value-0123456789'].join('-');
const silent = { debug() {}, info() {}, warn() {}, error() {} };

describe.runIf(process.platform === 'linux')('secrets of a server', { timeout: longMs }, () => {
  test('R-33: a brokered one reaches its header, and is nowhere in the box', async () => {
    const seen: (string | undefined)[] = [];
    const certificate = readFileSync(join(tls, 'api.cert.pem'), 'utf8');
    const web = createServer(
      { cert: certificate, key: readFileSync(join(tls, 'api.key.pem')) },
      (request, response) => {
        seen.push(request.headers.authorization);
        response.end(`echo ${request.headers.authorization}`);
      },
    ).listen(0, '127.0.0.1');
    await once(web, 'listening');
    onTestFinished(() => void web.close());
    const { port } = web.address() as AddressInfo;
    const host = `${name}:${port}`;
    const folder = await folderOf({
      'sekisho.jsonc': {
        mcpServers: {
          it: {
            command: 'node',
            args: [anything],
            'x-sekisho': {
              sandbox: {
                network: { allowedDomains: [host, `127.0.0.1:${port}`] },
                env: { TOKEN: { secret: 'token', broker: { host, header: 'Authorization' } } },
              },
            },
          },
        },
      },
      'secrets.json': { token: value },
    });
    const config = await loadGood(join(folder, 'sekisho.jsonc'), {
      env: process.env,
      secretsFile: join(folder, 'secrets.json'),
    });
    expect(config.secrets.mask(`x ${value} x`)).toBe('x **** x');
    const events: BoxEvent[] = [];
    const mount = mountSandbox(config, {
      stateFolder: join(folder, 'state'),
      cacheFolder: join(folder, 'cache'),
      log: silent,
      now: Date.now,
      onRecord: (_server, record) => void ('event' in record && events.push(record.event)),
      outside: {
        lookup: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
        upstreamCertificates: certificate,
      },
    });
    const child = await mount.starter.start(spec(config, 'it', 'stdio'));
    onTestFinished(async () => {
      await child.kill();
      mount.close();
    });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const run = async (code: string): Promise<string> => {
      const params = { name: 'run', arguments: { code } };
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })}\n`);
      const line = (await answers.next()).value as string;
      return (JSON.parse(line) as { result: { content: { text: string }[] } }).result.content[0]!.text;
    };
    const get = (header: string): string =>
      `return await (await fetch('https://${host}/', { headers: { ${header}: 'Bearer ' + process.env.TOKEN } })).text()`;
    const echoed = await run(get('authorization'));
    expect(seen).toEqual([`Bearer ${value}`]);
    expect(echoed).not.toContain(value);
    expect(await run('return process.env.TOKEN')).not.toContain(value);
    // From outside, what every process of the box holds in memory, in its variables and in its arguments.
    const held = [child.pid!, child.pid! + 1].flatMap((pid) =>
      ['environ', 'cmdline'].map((file) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, 'latin1');
        } catch {
          return ''; // no such process
        }
      }),
    );
    expect(held.join()).not.toContain(value);
    // And from inside, its own memory. The pattern does not match itself; the control finds what is there.
    const search = (pattern: string): string =>
      `const fs = require('fs'); const fd = fs.openSync('/proc/self/mem'); let found = 0;
       for (const line of fs.readFileSync('/proc/self/maps', 'utf8').split('\\n')) {
         const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []; if (from === undefined) continue;
         const size = parseInt(to, 16) - parseInt(from, 16); if (size > 2 ** 26) continue;
         const bytes = Buffer.alloc(size);
         try { fs.readSync(fd, bytes, 0, size, parseInt(from, 16)) } catch { continue }
         if (${pattern}.test(bytes.latin1Slice())) found++;
       } return found`;
    expect(await run(search('/the[-]brokered[-]value/'))).toBe('0');
    expect(Number(await run(search('/does[-]anything/')))).toBeGreaterThan(0);
    await run(get('x-other'));
    await vi.waitFor(() =>
      expect(events).toContainEqual(expect.objectContaining({ type: 'placeholder', variable: 'TOKEN' })),
    );
  });

  test('by reference: a variable of the box, and **** everywhere else', async () => {
    const { run, box, url, folder } = await openHouse(
      {
        mcpServers: {
          it: {
            command: 'node',
            args: [anything],
            'x-sekisho': { sandbox: { env: { TOKEN: { secret: 'token' }, PLAIN: 'x ${workspaceFolder}' } } },
          },
        },
      },
      { files: { 'secrets.json': JSON.stringify({ token: value }) } },
    );
    expect(await run('return process.env.TOKEN.length')).toBe(String(value.length));
    expect(await run('return process.env.PLAIN')).toBe(JSON.stringify(`x ${folder}`));
    expect(await box()).toMatchObject({ state: 'boxed' });
    expect(await (await fetch(`${url}/status`)).text()).not.toContain(value);
  });
});
