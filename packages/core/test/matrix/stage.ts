import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { plainProcessStarter, type GatewayOptions, type UpstreamSpec } from '../../src/index.ts';
import { startAskingHttp, startAskingSse, type Asking } from '../fixtures/servers/asking/serve.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import type { Column } from './cells.ts';

/** What the client does when it is asked; by default it answers at once. */
export interface Behaviour {
  /** Runs before each answer; the answer waits for it. */
  beforeAnswer?: (() => Promise<void>) | undefined;
}

/** A client, a gateway and a server, and everything that went over both wires. */
export interface Stage {
  readonly client: Client;
  readonly gateway: TestGateway['gateway'];
  readonly behaviour: Behaviour;
  /** What the client was sent, as text. */
  readonly toClient: readonly string[];
  /** What the server was sent, as text. */
  readonly toServer: readonly string[];
  /** The other server beside the asking one, for reloads. */
  readonly specs: readonly UpstreamSpec[];
  /** Moves the gateway's clocks, milliseconds. */
  pass(ms: number): void;
  /** Callers that gave up, as far as the server can be looked into. */
  cancelledAtServer(): number;
  /** Ends the server, and resolves when the gateway knows. A process cannot be started again until {@link recover}. */
  crash(): Promise<void>;
  recover(): void;
  close(): Promise<void>;
}

const main = fileURLToPath(new URL('../fixtures/servers/asking/main.ts', import.meta.url));

/** Sets the scene of one column. */
export async function openStage(column: Column, options: Partial<GatewayOptions> = {}): Promise<Stage> {
  const toServer: string[] = [];
  const asking = await startUpstream(column);
  let passed = 0;
  let isDown = false;
  const spec: UpstreamSpec = asking
    ? {
        name: 'asking',
        kind: 'http',
        url: asking.url,
        transport: column.transport === 'sse' ? 'sse' : 'auto',
        headers: {},
      }
    : { name: 'asking', kind: 'stdio', command: process.execPath, args: [main, column.upstream], env: {} };
  const opened = await startTestGateway({
    upstreams: [spec],
    starter: tapped(toServer, () => isDown),
    now: () => performance.now() + passed,
    ...options,
    parked: { wallNow: () => Date.now() + passed, ...options.parked },
  });
  const { url, gateway } = opened;
  const behaviour: Behaviour = {};
  const toClient: string[] = [];
  const client = await connectClient(column, url, behaviour, toClient);
  return {
    client,
    gateway,
    behaviour,
    toClient,
    get toServer() {
      return [...toServer, ...(asking?.heard ?? [])];
    },
    specs: [spec],
    pass(ms) {
      passed += ms;
    },
    cancelledAtServer: () =>
      (asking?.world.cancelled ?? 0) +
      (asking ? 0 : toServer.filter((line) => line.includes('"notifications/cancelled"')).length),
    recover() {
      isDown = false;
    },
    async crash() {
      isDown = true;
      if (asking) return asking.crash();
      const known = () => gateway.status().upstreams[0];
      const pid = known()?.pid;
      const gone = new Promise<void>((resolve) => {
        const stop = gateway.onStatus(({ upstreams }) => {
          if (upstreams[0]?.state === 'ready') return;
          stop();
          resolve();
        });
      });
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      await gone;
    },
    async close() {
      await client.close();
      await opened.close();
      await asking?.crash();
    },
  };
}

function startUpstream({ upstream, transport }: Column): Promise<Asking> | undefined {
  if (transport === 'stdio') return undefined;
  return transport === 'sse' ? startAskingSse() : startAskingHttp(upstream);
}

/** Processes whose input is listened to, and which do not start while they are down. */
function tapped(lines: string[], isDown: () => boolean): NonNullable<GatewayOptions['starter']> {
  const plain = plainProcessStarter();
  return {
    async start(spec) {
      if (isDown()) throw new Error('the program is not there');
      const started = await plain.start(spec);
      const write = started.stdin.write.bind(started.stdin) as (chunk: unknown, ...rest: unknown[]) => boolean;
      started.stdin.write = (chunk: unknown, ...rest: unknown[]) => {
        lines.push(...String(chunk).split('\n').filter(Boolean));
        return write(chunk, ...rest);
      };
      return started;
    },
  };
}

async function connectClient(column: Column, url: string, behaviour: Behaviour, heard: string[]): Promise<Client> {
  const client = new Client(
    { name: 'matrix', version: '1.0.0' },
    {
      ...(column.client === 'modern' ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {}),
      capabilities: { elicitation: { form: {} }, sampling: {}, roots: {} },
    },
  );
  client.setRequestHandler('elicitation/create', async () => {
    await behaviour.beforeAnswer?.();
    return { action: 'accept', content: { name: 'Ada' } };
  });
  client.setRequestHandler('sampling/createMessage', () => ({
    role: 'assistant',
    content: { type: 'text', text: 'word' },
    model: 'm',
  }));
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///home' }] }));
  const listening: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    // A stream that breaks has told what it told; the client hears of the break itself.
    response
      .clone()
      .text()
      .then(
        (text) => heard.push(text),
        () => undefined,
      );
    return response;
  };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: listening }));
  return client;
}
