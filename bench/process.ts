import { spawn, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { PeerUpstream, Usage } from './peers/control.ts';

export interface MeasuredProcess {
  readonly url: string;
  /** What every request to it must bear. */
  readonly headers: Readonly<Record<string, string>>;
  /** Reads CPU and memory; `memory` collects garbage first. */
  usage(question?: 'cpu' | 'memory'): Promise<Usage>;
  stop(): Promise<void>;
}

/** `gateway` runs alone on the first core; upstreams and the load share the second one. */
export type Core = 'gateway' | 'load' | 'any';

const canPin = process.platform === 'linux' && availableParallelism() > 1;
export const pinning = canPin ? 'gateway on core 0, upstreams and load on core 1' : 'not pinned';

// What is still running when this process ends, for whatever reason, ends with it.
const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const FIXTURES = new URL('../packages/core/test/fixtures/servers/main.ts', import.meta.url);

/** Command line of a fixture server of the core package. */
export const fixtureArgs = (...args: string[]): string[] => [fileURLToPath(FIXTURES), ...args];

/** The node that runs us, on one core where the system lets us choose. */
export function pinned(core: Core, args: readonly string[]): readonly [string, readonly string[]] {
  if (!canPin || core === 'any') return [process.execPath, args];
  return ['taskset', ['-c', core === 'gateway' ? '0' : '1', process.execPath, ...args]];
}

/** Moves this very process to the core of the load. */
export function pinSelf(): void {
  if (canPin) spawn('taskset', ['-a', '-cp', '1', String(process.pid)], { stdio: 'ignore' });
}

/** Starts a peer and resolves when it listens. */
export async function startPeer(
  name: string,
  upstreams: readonly PeerUpstream[],
  options: { readonly core: Core; readonly conditions: readonly string[]; readonly argument?: string },
): Promise<MeasuredProcess> {
  const script = fileURLToPath(new URL(`peers/${name}.ts`, import.meta.url));
  const [command, args] = pinned(options.core, [
    '--expose-gc',
    ...options.conditions,
    script,
    JSON.stringify(upstreams),
    ...(options.argument === undefined ? [] : [options.argument]),
  ]);
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  children.add(child);
  const errors = collect(child);
  const { url, headers } = await nextMessage<Pick<MeasuredProcess, 'url' | 'headers'>>(child, errors);
  return {
    url,
    headers,
    async usage(question = 'cpu') {
      child.send(question);
      return (await nextMessage<{ usage: Usage }>(child, errors)).usage;
    },
    stop: () => stop(child),
  };
}

/** Starts a fixture server over HTTP and resolves with its URL. */
export async function startUpstream(core: Core, ...args: string[]): Promise<{ url: string; stop(): Promise<void> }> {
  const [command, line] = pinned(core, fixtureArgs(...args));
  const child = spawn(command, line, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once('exit', (code) => reject(new Error(`The upstream ended with ${code} before it listened`)));
  });
  return { url, stop: () => stop(child) };
}

function collect(child: ChildProcess): () => string {
  const chunks: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

function nextMessage<Message>(child: ChildProcess, errors: () => string): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void =>
      reject(new Error(`A peer ended with ${code}: ${errors().slice(-2000)}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message as Message);
    });
  });
}

function stop(child: ChildProcess): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
