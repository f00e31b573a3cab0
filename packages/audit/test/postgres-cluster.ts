import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client as PgClient } from 'pg';
import { makeDirectory, removeAll } from './kit.ts';

// Not from 'pg' itself: the conditions tests run under make its index load a pool that cannot be extended.
const clientModule: string = 'pg/lib/client.js';
const { default: Client } = (await import(clientModule)) as { default: typeof PgClient };

export interface Cluster {
  data: string;
  connect: () => Promise<PgClient>;
  stop(): Promise<void>;
}

function findBinaries(): string | undefined {
  const roots = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`)
    : [];
  const fromPath = (process.env.PATH ?? '').split(':');
  return [...roots, ...fromPath].find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  );
}

/** Postgres refuses to run as root, so it is run as `nobody` then. */
function identity(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a Postgres of its own in a temporary folder; a sentence says why when that is not possible here. */
export async function startCluster(): Promise<Cluster | string> {
  const binaries = findBinaries();
  if (binaries === undefined) return 'Postgres is not installed';
  const root = makeDirectory();
  const data = join(root, 'data');
  const who = identity();
  mkdirSync(data);
  chmodSync(root, 0o755);
  if (who.uid !== undefined) chownSync(data, who.uid, who.gid!);
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' };
  const made = spawnSync(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'audit', '-A', 'trust', '--no-sync', '-E', 'UTF8'],
    { ...who, env, cwd: '/', encoding: 'utf8' },
  );
  if (made.status !== 0) return `initdb failed: ${made.stderr}`;
  const port = await freePort();
  const settings = [
    '-c',
    'fsync=off',
    '-c',
    'unix_socket_directories=',
    '-c',
    'listen_addresses=127.0.0.1',
    '-p',
    String(port),
  ];
  const child = spawn(join(binaries, 'postgres'), ['-D', data, ...settings], {
    ...who,
    env,
    cwd: '/',
    stdio: 'ignore',
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const connect = async (): Promise<PgClient> => {
    const client = new Client({ host: '127.0.0.1', port, user: 'audit', database: 'postgres' });
    // A server that is shut down ends its connections; tests that do so expect it.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt += 1) {
    try {
      await (await connect()).end();
      return {
        data,
        connect,
        async stop() {
          child.kill('SIGINT');
          await exited;
          removeAll(root);
        },
      };
    } catch {
      // Not up yet; the loop's end says so if it never comes.
      await wait(100);
    }
  }
  child.kill('SIGKILL');
  return 'Postgres did not start';
}
