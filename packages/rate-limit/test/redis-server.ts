import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BINARY = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);

export const hasRedis = BINARY !== undefined;

/** Says why, once per test file, when there is nothing to test against. */
export function announceSkip(what: string): void {
  if (!hasRedis) console.log(`SKIPPED: ${what}: neither redis-server nor valkey-server is on the PATH`);
}

export interface TestRedis {
  readonly port: number;
  /** Without a farewell, as a crash. */
  kill(): Promise<void>;
  /** On the same port, empty. */
  restart(): Promise<void>;
  /** Stops answering without closing connections, as a machine under water. */
  freeze(): void;
  thaw(): void;
  dispose(): Promise<void>;
}

export async function startRedis({ cluster = false } = {}): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-redis-'));
  const port = await freePort();
  let child: ChildProcess;
  const busPort = String(await freePort());
  const alone = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-port', busPort];
  const start = async (): Promise<void> => {
    // No persistence: a restarted server is empty, which is the harder case.
    const args = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      folder,
      ...(cluster ? alone : []),
    ];
    child = spawn(BINARY!, args, { stdio: 'ignore' });
    const started = child;
    // A test that runs out of time never gets to its end; the server must not outlive it all the same.
    process.once('exit', () => started.kill('SIGKILL'));
    await accepting(port);
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    port,
    kill,
    restart: start,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    dispose: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function accepting(port: number): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await sleep(25);
  }
  throw new Error(`redis-server does not answer on port ${port}`);
}
