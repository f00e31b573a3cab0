import { PassThrough } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { Credentials, ExchangeRecord, Outcome, Recorder, Refusal } from '../../src/index.ts';
import { startRawHttp } from '../fixtures/servers/raw/http.ts';
import { RawError } from '../fixtures/servers/raw/server.ts';
import { openHouse } from '../edge/raw-client.ts';
import type { House } from '../edge/raw-client.ts';

/** One exchange as the recorder saw it. */
export interface Seen {
  readonly credentials: Credentials;
  intents: number;
  readonly ends: string[];
}

/** A recorder that keeps what it was told, and refuses what asks to be refused. */
export class Ledger implements Recorder {
  readonly seen: Seen[] = [];

  open(credentials: Credentials) {
    const seen: Seen = { credentials, intents: 0, ends: [] };
    this.seen.push(seen);
    const refusal = (where: string): Refusal | undefined =>
      credentials.header('x-unrecorded')?.includes(where) === true ? { refused: 'record-failed' } : undefined;
    return {
      intent: async () => {
        seen.intents += 1;
        if (seen.ends.length > 0) seen.ends.push('an intent after the end');
        return await later(refusal('intent'));
      },
      end: async (exchange: ExchangeRecord, outcome: Outcome) => {
        seen.ends.push(describe(exchange, outcome));
        return await later(refusal('end'));
      },
    };
  }

  /** Ends of all exchanges since the last call; waits until each has one. */
  async take(): Promise<Seen[]> {
    for (let tries = 0; tries < 400 && this.seen.some(({ ends }) => ends.length === 0); tries += 1) await wait(5);
    // One end too many comes after the first.
    await wait(2);
    return this.seen.splice(0);
  }
}

async function later<T>(value: T): Promise<T> {
  await new Promise((resolve) => setImmediate(resolve));
  return value;
}

function describe({ method, credentials }: ExchangeRecord, { result, reason }: Outcome): string {
  const what = method ?? (credentials.transport === 'stdio' ? 'line' : `http ${credentials.method}`);
  return `${what}: ${result}${reason === undefined ? '' : ` ${reason}`}`;
}

export interface Drives {
  readonly house: House;
  readonly ledger: Ledger;
  /** Lets the tool `slow` answer. */
  readonly letGo: () => void;
  /** Calls that reached the server. */
  readonly calls: () => number;
  /** Resolves when `slow` has been called at the server. */
  readonly called: () => Promise<void>;
  /** The gateway as a stdio server: writes lines and gives back what comes. */
  readonly stdio: (
    lines: readonly string[],
    endAfter?: () => Promise<void>,
    who?: 'nobody' | 'poor',
  ) => Promise<string[]>;
  readonly close: () => Promise<void>;
}

const TOOLS = ['t', 'slow', 'error', 'leak'];

/** A house in which every port has something to refuse, and to fail at. */
export async function openRecordHouse(): Promise<Drives> {
  let calls = 0;
  let letGo = (): void => undefined;
  let called = (): void => undefined;
  let arrived = new Promise<void>((resolve) => (called = resolve));
  const header = '"region":{"type":"string","x-mcp-header":"Region"}';
  const server = await startRawHttp({
    name: 's',
    capabilities: { tools: {}, logging: {} },
    methods: {
      'tools/list': () =>
        `{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[${TOOLS.map(
          (name) => `{"name":"${name}","inputSchema":{"type":"object","properties":{${name === 't' ? header : ''}}}}`,
        ).join(',')}]}`,
      'tools/call': async ({ params, signal }) => {
        calls += 1;
        if (params['name'] === 'error') throw new RawError(-32050, 'no');
        if (params['name'] === 'slow') {
          await new Promise<void>((resolve) => {
            letGo = resolve;
            signal.addEventListener('abort', () => resolve(), { once: true });
            called();
          });
        }
        return (
          '{"resultType":"complete","content":[{"type":"text","text":"secret of ' + String(params['name']) + '"}]}'
        );
      },
    },
  });
  const ledger = new Ledger();
  let nobody = false;
  let poor = false;
  const is = (name: string) => (id: string) => id === name;
  const crash = (what: string) => {
    throw new Error(`${what} crashed`);
  };
  const house = await openHouse({
    upstreams: [
      { name: 's', kind: 'http', url: server.url, transport: 'streamable-http', headers: {} },
      { name: 'down', kind: 'http', url: 'http://127.0.0.1:9/mcp', transport: 'streamable-http', headers: {} },
    ],
    listWaitMs: 0,
    http: { maxBodyBytes: 4096 },
    admit: ({ header: read }) =>
      read('x-flood') === 'crash' ? crash('admit') : read('x-flood') === undefined ? undefined : { refused: 'limited' },
    authenticate: async (credentials) => {
      if (credentials.transport === 'stdio')
        return nobody ? { refused: 'unauthenticated' } : { id: poor ? 'notes' : 'stdio' };
      const id = credentials.header('authorization');
      if (id === 'crash-who') crash('authenticate');
      return await later(id ? { id } : ({ refused: 'unauthenticated' } as const));
    },
    decide: async ({ id }, target) => {
      if (is('crash-may')(id)) crash('decide');
      if (is('slow-may')(id)) await new Promise((resolve) => setTimeout(resolve, 60));
      if (is('scope')(id)) return { refused: 'insufficient-scope' };
      return is('no')(id) || target.name === 'hidden' ? { refused: 'forbidden' } : undefined;
    },
    take: ({ id }, { method }) => {
      if (is('crash-much')(id)) crash('take');
      const mean =
        is('notes')(id) && (method.startsWith('notifications/') || method === 'no/such' || method === 'ping');
      return is('poor')(id) || mean ? { refused: 'limited' } : undefined;
    },
    enter: async ({ id }) => {
      await later(undefined);
      if (is('crash-gate')(id)) crash('enter');
      return is('crowd')(id) ? { refused: 'overloaded' } : undefined;
    },
    openStream: ({ id }) => (is('streams')(id) ? { refused: 'limited' } : undefined),
    filters: [
      {
        inbound: (args) => {
          if (args.includes('crash')) crash('inbound');
          return args.includes('bad') ? { refused: 'content' } : args;
        },
        outbound: (body) => (body.includes('secret of leak') ? { refused: 'content' } : body),
      },
    ],
    record: ledger,
  });
  return {
    house,
    ledger,
    calls: () => calls,
    letGo: () => letGo(),
    called: async () => {
      await arrived;
      arrived = new Promise<void>((resolve) => (called = resolve));
    },
    stdio: async (lines, endAfter, who) => {
      nobody = who === 'nobody';
      poor = who === 'poor';
      const input = new PassThrough();
      const output = new PassThrough();
      let text = '';
      output.on('data', (chunk: Buffer) => (text += chunk.toString()));
      const served = house.gateway.serveStdio(input, output);
      for (const line of lines) {
        input.write(`${line}\n`);
        await later(undefined);
        await later(undefined);
      }
      await (endAfter?.() ?? wait(30));
      input.end();
      await served;
      await wait(5);
      return text.split('\n').filter((line) => line !== '');
    },
    async close() {
      await house.close();
      await server.close();
    },
  };
}
