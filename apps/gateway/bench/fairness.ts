/**
 * What one caller feels of another who sends fifty times what it may: `node --conditions=@sekisho/source bench/fairness.ts`
 * prints a section of markdown. Four processes: the server, the gateway, the abuser, and the caller who is measured. Rounds alone,
 * with the abuser, and with the abuser and no limits come in turn, so that whatever else the machine does hits all of them.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGateway } from '@sekisho/core';
// @boundaries-ignore servers and clients for tests are not published
import { startEchoHttp } from '../../../packages/core/test/fixtures/servers/echo.ts';
// @boundaries-ignore servers and clients for tests are not published
import { modern } from '../../../packages/core/test/edge/raw-client.ts';
import { mountRateLimit } from '../src/mount/rate-limit.ts';
import { rateLimitSection } from '../src/mount/rate-limit-section.ts';

/** Calls a second that each may make. */
const ALLOWED = 20;
const TIMES = 50;
/** The server works on so many calls at once, each for so long: 400 calls a second, a fraction of what the abuser sends. */
const SLOTS = 4;
const WORK_MS = 10;

const LIMITS = {
  onStoreFailure: 'refuse',
  limits: {
    rules: [
      { name: 'per-principal', by: ['principal'], allow: { kind: 'rate', amount: ALLOWED, periodMs: 1000, burst: 10 } },
      { name: 'per-tool', by: ['server', 'tool'], allow: { kind: 'rate', amount: 1000, periodMs: 1000, burst: 100 } },
    ],
  },
  concurrency: { rules: [{ name: 'server', by: ['server'], limit: SLOTS }] },
};

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A server that is slow and narrow, in front of the fast one of the tests. */
async function serve(): Promise<string> {
  const echo = await startEchoHttp();
  const waiting: (() => void)[] = [];
  let busy = 0;
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const pass = (): void => {
        const onward = request(echo.url, { method: incoming.method, headers: incoming.headers, agent }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(outgoing);
        });
        onward.end(body);
      };
      if (!body.includes('tools/call')) return pass();
      const work = (): void => {
        busy++;
        setTimeout(() => {
          busy--;
          pass();
          waiting.shift()?.();
        }, WORK_MS);
      };
      if (busy < SLOTS) work();
      else waiting.push(work);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${new URL(echo.url).pathname}`;
}

async function gateway(upstream: string, limited: boolean): Promise<number> {
  const limits = await mountRateLimit(limited ? rateLimitSection.parse(LIMITS) : undefined, {
    stateFolder: tmpdir(),
    log: quiet,
    now: Date.now,
  });
  const made = createGateway({
    log: quiet,
    ...limits.ports,
    authenticate: ({ header }) => ({ id: header('authorization') ?? '' }),
    upstreams: [{ name: 's', kind: 'http', url: upstream, transport: 'streamable-http', headers: {} }],
  });
  const server = createServer((incoming, outgoing) => made.listener(incoming, outgoing));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await made.ready();
  return (server.address() as AddressInfo).port;
}

const CALL = modern('tools/call', '"name":"s__echo","arguments":{"text":"x"}');

function call(port: number, principal: string, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: principal,
    };
    for (const [name, value] of Object.entries(CALL.headers ?? {}))
      if (typeof value === 'string') headers[name] = value;
    const sent = request({ host: '127.0.0.1', port, path: '/mcp', method: 'POST', headers, agent }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', () => resolve(0));
    sent.end(CALL.body);
  });
}

/** Sends at its rate whether or not anything is answered, until told to end. */
async function abuse(port: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const counts = new Map<number, number>();
  const beginMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - beginMs) / 1000) * ALLOWED * TIMES);
    for (; sent < due; sent++)
      void call(port, 'abuser', agent).then((status) => counts.set(status, (counts.get(status) ?? 0) + 1));
  }, 5);
  await once(process, 'message');
  clearInterval(timer);
  process.send!({ seconds: (performance.now() - beginMs) / 1000, sent, statuses: [...counts] });
}

type Round = { readonly p50: number; readonly p95: number; readonly refused: number };
type Abuse = { readonly seconds: number; readonly sent: number; readonly statuses: readonly [number, number][] };

/** The caller who keeps within its limit: one call after the other, at most ten a second. */
async function measure(port: number, forMs: number): Promise<Round> {
  const agent = new Agent({ keepAlive: true });
  const took: number[] = [];
  let refused = 0;
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs) {
    const beginMs = performance.now();
    if ((await call(port, 'caller', agent)) === 200) took.push(performance.now() - beginMs);
    else refused++;
    await sleep(Math.max(0, 100 - (performance.now() - beginMs)));
  }
  agent.destroy();
  took.sort((a, b) => a - b);
  const at = (part: number): number =>
    took[Math.min(Math.floor(took.length * part), took.length - 1)] ?? Number.POSITIVE_INFINITY;
  return { p50: at(0.5), p95: at(0.95), refused };
}

function start(...words: string[]): ChildProcess {
  return fork(import.meta.filename, words, { execArgv: ['--conditions=@sekisho/source', '--no-warnings'] });
}

async function hear<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, 'message')) as [T];
  return message;
}

export type Fairness = {
  readonly alone: readonly Round[];
  readonly besideAbuse: readonly Round[];
  readonly withoutLimits: readonly Round[];
  readonly abuse: readonly Abuse[];
};

/** @param control whether to measure without limits too */
export async function measureFairness(rounds: number, roundMs: number, control: boolean): Promise<Fairness> {
  const children: ChildProcess[] = [];
  const startOne = (...words: string[]): ChildProcess => {
    const child = start(...words);
    children.push(child);
    return child;
  };
  try {
    const upstream = await hear<string>(startOne('server'));
    const port = await hear<number>(startOne('gateway', upstream, 'limited'));
    const open = control ? await hear<number>(startOne('gateway', await hear<string>(startOne('server')), 'open')) : 0;
    const beside = async (at: number): Promise<{ round: Round; abuse: Abuse }> => {
      const abuser = startOne('abuser', String(at));
      await sleep(Math.min(roundMs / 4, 1000));
      const round = await measure(at, roundMs);
      abuser.send('end');
      const told = await hear<Abuse>(abuser);
      abuser.kill('SIGKILL');
      return { round, abuse: told };
    };
    const result = {
      alone: [] as Round[],
      besideAbuse: [] as Round[],
      withoutLimits: [] as Round[],
      abuse: [] as Abuse[],
    };
    await measure(port, Math.min(roundMs, 1000));
    for (let i = 0; i < rounds; i++) {
      result.alone.push(await measure(port, roundMs));
      const { round, abuse: told } = await beside(port);
      result.besideAbuse.push(round);
      result.abuse.push(told);
      if (control) result.withoutLimits.push((await beside(open)).round);
    }
    return result;
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function report(): Promise<void> {
  const { alone, besideAbuse, withoutLimits, abuse: told } = await measureFairness(5, 4000, true);
  const row = (name: string, rounds: readonly Round[]): string => {
    const p50 = median(rounds.map((round) => round.p50));
    const ratio = median(rounds.map((round, i) => round.p50 / alone[i]!.p50));
    const p95 = median(rounds.map((round) => round.p95));
    const tail = median(rounds.map((round, i) => round.p95 / alone[i]!.p95));
    return `| ${name} | ${p50.toFixed(1)} | ${ratio.toFixed(2)}x | ${p95.toFixed(1)} | ${tail.toFixed(2)}x |`;
  };
  const perSecond = median(told.map(({ sent, seconds }) => sent / seconds));
  const through = median(
    told.map(({ statuses, seconds }) => (statuses.find(([status]) => status === 200)?.[1] ?? 0) / seconds),
  );
  process.stdout.write(
    [
      '### One caller beside another who sends fifty times what it may',
      '',
      `Each may make ${ALLOWED} calls a second; the abuser sent ${perSecond.toFixed(0)} a second, of which ${through.toFixed(1)} got through. The server works on ${SLOTS} calls at once for ${WORK_MS} ms each. Ten calls a second of the other caller, median of 5 rounds of 4 s in turn; a ratio is the median of the ratios of neighbouring rounds.`,
      '',
      '| | p50 ms | to alone | p95 ms | to alone |',
      '|---|---|---|---|---|',
      row('alone', alone),
      row('**beside the abuser**', besideAbuse),
      row('beside the abuser, limits taken out', withoutLimits),
      '',
      '`node --conditions=@sekisho/source apps/gateway/bench/fairness.ts`',
      '',
    ].join('\n'),
  );
}

if (process.argv[1] === import.meta.filename) {
  const [role, where, how] = process.argv.slice(2);
  if (role === 'server') process.send!(await serve());
  else if (role === 'gateway') process.send!(await gateway(where!, how === 'limited'));
  else if (role === 'abuser') await abuse(Number(where));
  else await report();
}
