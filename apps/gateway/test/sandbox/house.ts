import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { compose, type ComposeOptions, type Composition } from '../../src/compose.ts';
import type { BoxView } from '../../src/mount/box-view.ts';
import { folderOf, loadGood } from '../config/load-fixture.ts';

/** The server that does whatever it is told to. */
export const anything = resolve(import.meta.dirname, '../fixtures/processes/does-anything.cjs');

/** Who boxes run as, and so who must own what they write. */
export const boxUser = process.getuid!() === 0 ? 65_534 : process.getuid!();

export type House = {
  readonly folder: string;
  readonly url: string;
  /** The header of this computer's owner. */
  readonly who: Readonly<Record<string, string>>;
  readonly logged: object[];
  readonly composition: Composition;
  /** Runs JavaScript inside the server of that name and gives back what its tool says. */
  readonly run: (code: string, server?: string) => Promise<string>;
  readonly box: (server?: string) => Promise<BoxView | undefined>;
  readonly server: (
    name: string,
  ) => Promise<{ state: string; pid?: number; error?: { code: string; message: string; remedy?: string } }>;
};

/** A whole gateway with this configuration, through the composition that everybody uses. */
export async function openHouse(
  file: object,
  options: Partial<ComposeOptions> & {
    files?: Record<string, string>;
    prepare?: (folder: string) => void;
    onOpen?: (composition: Composition) => Promise<void>;
  } = {},
): Promise<House> {
  const { files = {}, prepare, onOpen, ...rest } = options;
  const folder = await folderOf({ 'sekisho.jsonc': file, ...files });
  prepare?.(folder);
  const home = await folderOf({});
  const config = await loadGood(join(folder, 'sekisho.jsonc'), {
    env: process.env,
    home,
    secretsFile: join(folder, 'secrets.json'),
  });
  const logged: object[] = [];
  const note = (fields: object, message: string): void => void logged.push({ ...fields, message });
  const composition = await compose(config, {
    version: '0.0.0',
    log: { debug: () => undefined, info: () => undefined, warn: note, error: note },
    cacheFolder: join(folder, 'cache'),
    stateFolder: join(folder, 'state'),
    now: Date.now,
    env: process.env,
    home,
    ...rest,
  });
  onTestFinished(composition.close);
  await onOpen?.(composition);
  const { server } = composition;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await composition.gateway.ready();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = { Authorization: `Bearer ${composition.newLocalKey}` };
  const status = async (name: string) => {
    const body = (await (await fetch(`${url}/status`, { headers })).json()) as {
      upstreams: ({ name: string; box?: BoxView } & Awaited<ReturnType<House['server']>>)[];
    };
    return body.upstreams.find((upstream) => upstream.name === name)!;
  };
  return {
    folder,
    url,
    who: headers,
    logged,
    composition,
    run: async (code, name = 'it') => await callRun(url, name, code, headers),
    box: async (name = 'it') => (await status(name)).box,
    server: status,
  };
}

export async function callRun(url: string, server: string, code: string, who: Who): Promise<string> {
  return await callTool(url, server, 'run', { code }, who);
}

type Who = Readonly<Record<string, string>>;

/** Calls a tool by the revision 2026-07-28 and gives back the first text of its answer. */
export async function callTool(url: string, server: string, tool: string, args: object, who: Who): Promise<string> {
  const params = {
    name: `${server}__${tool}`,
    arguments: args,
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  };
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: {
      ...who,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': 'tools/call',
      'Mcp-Name': params.name,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
  const text = await response.text();
  const body = JSON.parse(/\{.*\}/s.exec(text)?.[0] ?? '{}') as {
    result?: { content: { text: string }[] };
    error?: { message: string };
  };
  return body.result?.content[0]?.text ?? `FAILED ${body.error?.message ?? text}`;
}

/** Gives a folder of a test to the user of the boxes. */
export function give(path: string): void {
  if (process.getuid!() === 0) execFileSync('chown', ['-R', `${boxUser}:${boxUser}`, path]);
}

/** Numbers of the processes on this computer whose command line holds the text. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
      } catch {
        return false; // it has ended meanwhile
      }
    })
    .map(Number);
}
