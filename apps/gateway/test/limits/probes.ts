import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { callOf, clientOf, errorOf, ONCE, rules, talk } from './client.ts';
import { modern, openLimitsHouse, openSession, type Got, type LimitsHouse, type Sent } from './house.ts';

/** True where the limit behind the probe held. */
type Probe = () => Promise<boolean>;

const rpc = (method: string): string => `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{}}`;
const times = (count: number): object => rules({ name: 'l', by: ['principal'], allow: { ...ONCE, burst: count } });
const LISTEN = modern('subscriptions/listen', '"notifications":{"toolsListChanged":true}');

async function inHouse(
  section: object | undefined,
  probe: (house: LimitsHouse) => Promise<boolean>,
  more: Parameters<typeof openLimitsHouse>[1] = {},
): Promise<boolean> {
  const house = await openLimitsHouse(section, more);
  try {
    return await probe(house);
  } finally {
    await house.close();
  }
}

async function until(holds: () => boolean): Promise<boolean> {
  for (let i = 0; i < 500; i++) {
    if (holds()) return true;
    await sleep(10);
  }
  return false;
}

/** The status of the head: under a mutation there may be a stream that does not end. */
async function statusOf(client: ReturnType<typeof clientOf>, sent: Sent): Promise<number> {
  const { status, leave } = await client.open(sent);
  leave();
  return status;
}

/** The second of two is refused with `status`. */
const second =
  (sent: Sent, status = 429): Probe =>
  () =>
    inHouse(times(1), async (house) => {
      const client = clientOf(house, 'ada');
      return (await statusOf(client, sent)) !== status && (await statusOf(client, sent)) === status;
    });

/** The same in a session, which is opened by one of two. */
const secondInSession =
  (sent: Sent): Probe =>
  () =>
    inHouse(times(2), async (house) => {
      const client = clientOf(house, 'ada');
      const session = await openSession({ name: 'node:http', send: (it) => client.send(it) });
      const own = { ...sent, headers: { ...session, ...sent.headers } };
      return (await statusOf(client, own)) !== 429 && (await statusOf(client, own)) === 429;
    });

const secondLine =
  (line: string): Probe =>
  () =>
    inHouse(times(1), async ({ gateway }) => {
      const [input, output] = [new PassThrough(), new PassThrough()];
      const lines: string[] = [];
      output.on('data', (chunk) => lines.push(...String(chunk).split('\n').filter(Boolean)));
      const served = gateway.serveStdio(input, output);
      input.write(`${line}\n`);
      await until(() => lines.length === 1);
      input.write(`${line}\n`);
      await until(() => lines.length === 2);
      input.end();
      await served;
      return errorOf(lines[0]!)?.code !== 429 && errorOf(lines[1]!)?.code === 429;
    });

const streams = { streams: { rules: [{ name: 's', by: ['principal'], limit: 1 }] } };
const gate = { concurrency: { rules: [{ name: 'g', by: ['server'], limit: 1 }] } };
const dead = {
  upstreams: [
    { name: 'dead', kind: 'http', url: 'http://127.0.0.1:9/mcp', transport: 'streamable-http', headers: {} },
  ] as const,
};
const bytes = rules({
  name: 'b',
  by: ['principal'],
  unit: 'bytes',
  allow: { kind: 'rate', amount: 10_000, periodMs: 3_600_000, burst: 10_000 },
});

export const probes: Readonly<Record<string, Probe>> = {
  call: second(callOf('echo')),
  list: second(modern('tools/list')),
  unknownName: second(callOf('none')),
  unknownMethod: second(modern('no/such')),
  modernNotification: second({
    headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'notifications/x' },
    body: '{"jsonrpc":"2.0","method":"notifications/x","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}',
  }),
  initialize: second({
    body: '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}',
  }),
  noSession: second({ body: rpc('ping') }),
  legacyNotification: secondInSession({ body: '{"jsonrpc":"2.0","method":"notifications/initialized"}' }),
  legacyMethod: secondInSession({ body: rpc('no/such') }),
  stream: secondInSession({ method: 'GET', headers: { accept: 'text/event-stream' } }),
  stdioModern: secondLine(modern('tools/list').body as string),
  stdioLegacy: secondLine(rpc('ping')),
  stdioUnknown: secondLine(modern('no/such').body as string),
  address: () =>
    inHouse(undefined, async (house) => {
      const client = clientOf(house, 'bad');
      const statuses: number[] = [];
      for (let i = 0; i < 11; i++) statuses.push((await client.send(modern('tools/list'))).status);
      return statuses[9] === 401 && statuses[10] === 429;
    }),
  fields: () =>
    inHouse(times(2), async (house) => {
      const { status, headers } = await clientOf(house, 'ada').call('echo');
      return status === 200 && headers['ratelimit'] !== undefined && headers['ratelimit-policy'] !== undefined;
    }),
  body: () =>
    inHouse(rules({ name: 't', by: ['tool'], allow: ONCE }), async (house) => {
      const client = clientOf(house, 'ada');
      const own = (name: string): Promise<Got> => client.send({ ...modern('tools/call', `"name":"${name}"`) });
      return (
        (await own('s__echo')).status === 200 &&
        (await own('s__big')).status === 200 &&
        (await own('s__echo')).status === 429
      );
    }),
  gate: () =>
    inHouse(gate, async (house) => {
      const client = clientOf(house, 'ada');
      client.begin(callOf('hold', { text: 'a' }));
      await until(() => house.held.length === 1);
      client.begin(callOf('hold', { text: 'b' }));
      const waited = await until(() => house.limits.status().concurrency[0]!.queued === 1);
      house.held[0]?.finish();
      return waited && (await until(() => house.held[0]?.text === 'b'));
    }),
  gateFreed: () =>
    inHouse(gate, async (house) => {
      await clientOf(house, 'ada').call('echo');
      return house.limits.status().concurrency[0]!.underWay === 0;
    }),
  gateFreedByCancel: () =>
    inHouse(gate, async (house) => {
      const { leave } = clientOf(house, 'ada').begin(callOf('hold'));
      await until(() => house.held.length === 1);
      leave();
      return await until(() => house.limits.status().concurrency[0]!.underWay === 0);
    }),
  gateFreedByFailure: () =>
    inHouse(
      gate,
      async (house) => {
        await clientOf(house, 'ada').call('hold');
        return house.limits.status().concurrency[0]!.underWay === 0;
      },
      { callMs: 100 },
    ),
  queueLeft: () =>
    inHouse(gate, async (house) => {
      const client = clientOf(house, 'ada');
      client.begin(callOf('hold'));
      await until(() => house.held.length === 1);
      const { leave } = client.begin(callOf('hold'));
      await until(() => house.limits.status().concurrency[0]!.queued === 1);
      leave();
      return await until(() => house.limits.status().concurrency[0]!.queued === 0);
    }),
  overload: () =>
    inHouse(
      { concurrency: { rules: [{ name: 'g', by: ['server'], limit: { initial: 10 } }] } },
      async (house) => {
        await clientOf(house, 'ada').call('hold');
        return house.limits.status().concurrency[0]!.limit === 9;
      },
      { callMs: 100 },
    ),
  refund: () =>
    inHouse(
      times(1),
      async (house) => {
        const client = clientOf(house, 'ada');
        await client.send(modern('tools/call', '"name":"dead__x"'));
        return (await client.call('echo')).status === 200;
      },
      dead,
    ),
  refundUnsent: () =>
    inHouse({ ...times(2), ...gate }, async (house) => {
      const client = clientOf(house, 'ada');
      client.begin(callOf('hold'));
      await until(() => house.held.length === 1);
      const { leave } = client.begin(callOf('hold'));
      await until(() => house.limits.status().concurrency[0]!.queued === 1);
      leave();
      await until(() => house.limits.status().concurrency[0]!.queued === 0);
      house.held[0]!.finish();
      await until(() => house.limits.status().concurrency[0]!.underWay === 0);
      return (await client.call('echo')).status === 200 && (await client.call('echo')).status === 429;
    }),
  settle: () =>
    inHouse(bytes, async (house) => {
      const client = clientOf(house, 'ada');
      await client.call('big', { bytes: 11_000 });
      return (await client.call('echo')).status === 429;
    }),
  listen: () =>
    inHouse(streams, async (house) => {
      const client = clientOf(house, 'ada');
      const first = await client.open(LISTEN);
      const { status } = await client.open(LISTEN);
      first.leave();
      return status === 503 && (await until(() => house.limits.status().streams[0]!.open === 0));
    }),
  news: () =>
    inHouse(streams, async (house) => {
      const client = clientOf(house, 'ada');
      const [one, other] = [0, 1].map(() => openSession({ name: 'node:http', send: (it) => client.send(it) }));
      const get = async (session: Promise<object>): Promise<Sent> => ({
        method: 'GET',
        headers: { ...(await session), accept: 'text/event-stream' },
      });
      const first = await client.open(await get(one!));
      const { status } = await client.open(await get(other!));
      first.leave();
      return status === 503 && (await until(() => house.limits.status().streams[0]!.open === 0));
    }),
  post: () =>
    inHouse(streams, async (house) => {
      const stream = await clientOf(house, 'ada').open(talk());
      const counted = house.limits.status().streams[0]!.open === 1;
      stream.leave();
      return counted && (await until(() => house.limits.status().streams[0]!.open === 0));
    }),
};

/** Runs probes and gives the names of those that failed. */
export async function failing(names: readonly string[]): Promise<string[]> {
  const failed: string[] = [];
  for (const name of names) {
    // Without its limit a request may wait for ever.
    const late = sleep(15_000, false, { ref: false });
    if (!(await Promise.race([probes[name]!().catch(() => false), late]))) failed.push(name);
  }
  return failed;
}

// As a program: prints the names that failed, as JSON.
if (process.argv[1] === import.meta.filename) {
  process.stdout.write(JSON.stringify(await failing(process.argv.slice(2))));
  process.exit(0);
}
