import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { existsSync, readFileSync, renameSync, mkdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filePlace } from '../src/sinks/file-place.ts';
import { fileSink, stdoutSink } from '../src/sinks/file-sink.ts';
import { otlpSink } from '../src/sinks/otlp-sink.ts';
import { postgresDayPartition, postgresSchema, postgresSink } from '../src/sinks/postgres.ts';
import type { AuditSink } from '../src/sinks/audit-sink.ts';
import { createSinkPump } from '../src/sinks/sink-pump.ts';
import { webhookPlace, webhookSink } from '../src/sinks/webhook-sink.ts';
import { outgoingRecord, sinkContract } from '../src/testing/sink-contract.ts';
import type { SinkSubject } from '../src/testing/sink-contract.ts';
import { linesOf, makeDirectory, openLog, recordsOf, verifyBoth, vkeyOf } from './kit.ts';
import { startCluster } from './postgres-cluster.ts';
import type { Cluster } from './postgres-cluster.ts';

interface Receiver {
  url: string;
  requests: { headers: IncomingMessage['headers']; body: string }[];
  status: number;
  answer: string;
  close(): Promise<void>;
}

async function receiver(): Promise<Receiver> {
  const state = { requests: [] as Receiver['requests'], status: 200, answer: '' };
  const server: Server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (state.status < 300) state.requests.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(state.status, { location: 'http://127.0.0.1:9/' }).end(state.answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}/hook`,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const now = (): number => 1_795_000_000_000;

let cluster: Cluster | string;
beforeAll(async () => {
  cluster = await startCluster();
}, 60_000);
afterAll(async () => {
  if (typeof cluster !== 'string') await cluster.stop();
});

async function fileSubject(): Promise<SinkSubject> {
  const folder = makeDirectory();
  const path = join(folder, 'out.jsonl');
  return {
    sink: fileSink({ path }),
    ids: async () => (existsSync(path) ? linesOf(path).map((line) => (JSON.parse(line) as { id: string }).id) : []),
    deduplicates: true,
    async breakPlace() {
      if (existsSync(path)) renameSync(path, `${path}.away`);
      mkdirSync(path);
      return async () => {
        rmSync(path, { recursive: true });
        if (existsSync(`${path}.away`)) renameSync(`${path}.away`, path);
      };
    },
  };
}

async function stdoutSubject(): Promise<SinkSubject> {
  let text = '';
  let broken = false;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!broken) text += chunk.toString();
      done(null);
    },
  });
  const write = (out: string, done: (error?: Error | null) => void): boolean => {
    if (!broken) return stream.write(out, done);
    done(new Error('EPIPE'));
    return false;
  };
  return {
    sink: stdoutSink({ stream: { write } }),
    ids: async () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { id: string }).id),
    deduplicates: false,
    async breakPlace() {
      broken = true;
      return async () => {
        broken = false;
      };
    },
  };
}

function httpSubject(make: (url: string) => AuditSink, idsOf: (body: string) => string[]): () => Promise<SinkSubject> {
  return async () => {
    const place = await receiver();
    return {
      sink: make(place.url),
      ids: async () => place.requests.flatMap(({ body }) => idsOf(body)),
      deduplicates: false,
      async breakPlace() {
        place.status = 500;
        return async () => {
          place.status = 200;
        };
      },
      cleanUp: () => place.close(),
    };
  };
}

let tables = 0;
async function postgresSubject(): Promise<SinkSubject> {
  if (typeof cluster === 'string') throw new Error(cluster);
  const client = await cluster.connect();
  const table = `contract_${(tables += 1)}`;
  await client.query(postgresSchema(table));
  return {
    sink: postgresSink({ client, chainUid: 'chain', table }),
    ids: async () =>
      (await client.query(`SELECT id FROM ${table} ORDER BY seq`)).rows.map((row) => (row as { id: string }).id),
    deduplicates: true,
    async breakPlace() {
      await client.query(`ALTER TABLE ${table} RENAME TO ${table}_away`);
      return async () => void (await client.query(`ALTER TABLE ${table}_away RENAME TO ${table}`));
    },
    cleanUp: () => client.end(),
  };
}

interface OtlpBody {
  resourceLogs: {
    scopeLogs: {
      logRecords: { attributes: { key: string; value: { stringValue: string } }[]; body: { stringValue: string } }[];
    }[];
  }[];
}
const otlpRecords = (body: string) => (JSON.parse(body) as OtlpBody).resourceLogs[0]!.scopeLogs[0]!.logRecords;

describe.each([
  ['file', fileSubject],
  ['stdout', stdoutSubject],
  [
    'webhook',
    httpSubject(
      (url) => webhookSink({ url, fetch, secrets: [secret], now }),
      (body) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id),
    ),
  ],
  [
    'otlp',
    httpSubject(
      (url) => otlpSink({ url, fetch }),
      (body) =>
        otlpRecords(body).map((one) => one.attributes.find(({ key }) => key === 'sekisho.audit.id')!.value.stringValue),
    ),
  ],
  ['postgres', postgresSubject],
] as const)('the %s sink keeps the contract', (name, make) => {
  test.each(sinkContract(make).map((one) => [one.name, one.run] as const))('%s', async (_name, run) => {
    if (name === 'postgres' && typeof cluster === 'string') {
      process.stdout.write(`skipped: ${cluster}\n`);
      return;
    }
    await run();
  });
});

describe('details of the places', () => {
  test('webhooks are signed as the Standard Webhooks say, with every secret, and follow no redirect', async () => {
    const place = await receiver();
    const second = `whsec_${Buffer.alloc(24, 6).toString('base64')}`;
    const sink = webhookSink({ url: place.url, fetch, secrets: [secret, second], now });
    await sink.send([outgoingRecord(1)], AbortSignal.timeout(5000));
    const { headers, body } = place.requests[0]!;
    const expected = [Buffer.alloc(32, 5), Buffer.alloc(24, 6)].map(
      (key) =>
        `v1,${createHmac('sha256', key)
          .update(`${String(headers['webhook-id'])}.1795000000.${body}`)
          .digest('base64')}`,
    );
    expect(headers['webhook-signature']).toBe(expected.join(' '));
    expect(JSON.parse(body)).toMatchObject([
      { specversion: '1.0', type: 'dev.sekisho.audit.mcp.tool.result', data: { seq: 1 } },
    ]);
    place.status = 302;
    await expect(sink.send([outgoingRecord(2)], AbortSignal.timeout(5000))).rejects.toThrow();
    await place.close();
    expect(() => webhookSink({ url: 'http://x', fetch, secrets: [], now })).toThrow(TypeError);
    expect(() => webhookSink({ url: 'http://x', fetch, secrets: ['whsec_YQ=='], now })).toThrow(TypeError);
  });

  test('a partial success of a collector is no success', async () => {
    const place = await receiver();
    const sink = otlpSink({ url: place.url, fetch, headers: { authorization: 'Bearer x' } });
    place.answer = JSON.stringify({ partialSuccess: {} });
    await sink.send(
      [outgoingRecord(1, { trace: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` })],
      AbortSignal.timeout(5000),
    );
    expect(otlpRecords(place.requests[0]!.body)[0]).toMatchObject({
      severityNumber: 9,
      eventName: 'mcp.tool.result',
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      body: { stringValue: outgoingRecord(1, { trace: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }).line },
    });
    expect(place.requests[0]!.headers.authorization).toBe('Bearer x');
    place.answer = JSON.stringify({ partialSuccess: { rejectedLogRecords: '1' } });
    await expect(sink.send([outgoingRecord(2)], AbortSignal.timeout(5000))).rejects.toMatchObject({
      code: 'ERR_AUDIT_SINK_FAILED',
    });
    await place.close();
  });

  test('postgres: partitions by day, and a table name that is no name is refused', async ({ skip }) => {
    if (typeof cluster === 'string') skip(cluster);
    const client = await (cluster as Cluster).connect();
    await client.query(postgresSchema('days'));
    await client.query(postgresDayPartition(now(), 'days'));
    const sink = postgresSink({ client, chainUid: 'c', table: 'days' });
    await sink.send([outgoingRecord(1)], AbortSignal.timeout(5000));
    const { rows } = await client.query('SELECT tableoid::regclass::text AS partition, record FROM days');
    expect(rows[0]).toMatchObject({
      partition: `days_${new Date(now()).toISOString().slice(0, 10).replaceAll('-', '')}`,
      record: { seq: 1 },
    });
    await client.end();
    expect(() => postgresSink({ client, chainUid: 'c', table: 'x; DROP TABLE y' })).toThrow(TypeError);
  });
});

describe('the pump', () => {
  const open = async (records: number) => {
    const directory = join(makeDirectory(), 'log');
    const log = await openLog({ directory, maxSegmentBytes: 65_536 });
    for (let i = 0; i < records; i += 1) await log.record({ type: 'mcp.list', detail: { i, filler: 'f'.repeat(200) } });
    return { directory, log };
  };

  test('delivers the whole log once, and after a restart only what is new', async () => {
    const { directory, log } = await open(300);
    const path = join(makeDirectory(), 'out');
    const first = createSinkPump({ directory, sink: fileSink({ path }), batchRecords: 37 });
    await first.drain();
    expect(linesOf(path)).toEqual(recordsOf(directory).map((record) => JSON.stringify(record)));
    await log.record({ type: 'auth.ok' });
    const second = createSinkPump({ directory, sink: fileSink({ path }) });
    expect(await second.drain()).toBe(1);
    expect(linesOf(path)).toHaveLength(recordsOf(directory).length);
    await log.close();
  });

  test('keeps the cursor where the sink failed, shows the lag, and goes on by itself', async () => {
    const { directory, log } = await open(100);
    const taken: number[] = [];
    let broken = true;
    const sink: AuditSink = {
      name: 'flaky',
      async send(batch) {
        if (broken && taken.length >= 40) throw new Error('away');
        taken.push(...batch.map(({ record }) => record.seq));
      },
    };
    const pump = createSinkPump({ directory, sink, batchRecords: 20, pollMs: 10, retryMs: 10, random: () => 0 });
    await expect(pump.drain()).rejects.toMatchObject({ code: 'ERR_AUDIT_SINK_FAILED' });
    const size = recordsOf(directory).length;
    expect(pump.state()).toMatchObject({ deliveredSeq: 40, lagRecords: size - 40, failures: 1 });
    expect(pump.state().lagMs).toBeGreaterThan(0);
    pump.start();
    await expect.poll(() => pump.state().failures).toBeGreaterThan(2);
    broken = false;
    await expect.poll(() => pump.state().lagRecords, { timeout: 10_000 }).toBe(0);
    await log.record({ type: 'auth.ok' });
    await expect.poll(() => taken.length, { timeout: 10_000 }).toBe(size + 1);
    await pump.stop();
    expect(taken).toEqual(Array.from({ length: size + 1 }, (_, i) => i));
    await log.close();
  });

  test('a send that never answers is aborted', async () => {
    const { directory, log } = await open(3);
    const sink: AuditSink = {
      name: 'hung',
      send: (_batch, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    };
    const pump = createSinkPump({ directory, sink, timeoutMs: 30 });
    await expect(pump.drain()).rejects.toMatchObject({ code: 'ERR_AUDIT_SINK_FAILED' });
    await log.close();
  });

  test('what is not selected still moves the cursor', async () => {
    const { directory, log } = await open(10);
    const seen: string[] = [];
    const sink: AuditSink = {
      name: 'some',
      send: async (batch) => void seen.push(...batch.map(({ record }) => record.type)),
    };
    const pump = createSinkPump({ directory, sink, select: ({ type }) => type.startsWith('audit.') });
    await pump.drain();
    expect(new Set(seen)).toEqual(new Set(['audit.started', 'audit.checkpoint']));
    expect(pump.state().lagRecords).toBe(0);
    await log.close();
  });

  test('misuse is a TypeError', () => {
    const sink: AuditSink = { name: '../x', send: async () => undefined };
    expect(() => createSinkPump({ directory: 'd', sink })).toThrow(TypeError);
    expect(() => createSinkPump({ directory: 'd', sink: { ...sink, name: 'x' }, batchRecords: 0 })).toThrow(TypeError);
    expect(() => createSinkPump({ directory: 'd', sink: { ...sink, name: 'x' }, pollMs: 1 })).toThrow(TypeError);
  });
});

describe('outside places for checkpoints', () => {
  test('a file collects every checkpoint, and reveals a rollback of everything else', async () => {
    const directory = join(makeDirectory(), 'log');
    const outside = join(makeDirectory(), 'elsewhere', 'checkpoints');
    const log = await openLog({ directory, places: [filePlace({ path: outside })] });
    for (let i = 0; i < 5; i += 1) {
      await log.record({ type: 'auth.ok' });
      await log.checkpoint();
    }
    expect(log.state().places).toMatchObject([
      { name: 'file', failures: 0, publishedSize: log.state().checkpointSize },
    ]);
    await log.close();
    const key = await vkeyOf();
    expect((await verifyBoth(directory, [key], [outside])).status).toBe('intact');
    expect(readFileSync(outside, 'utf8').match(/^\u2014 /gm)!.length).toBeGreaterThanOrEqual(6);
    const fresh = join(makeDirectory(), 'log');
    await (await openLog({ directory: fresh })).close();
    expect((await verifyBoth(fresh, [key])).status).toBe('intact');
    expect((await verifyBoth(fresh, [key], [outside])).status).toBe('broken');
  });

  test('a place that is away is counted, does not stop the log, and gets the newest later', async () => {
    const place = await receiver();
    place.status = 503;
    const log = await openLog({
      directory: join(makeDirectory(), 'log'),
      places: [webhookPlace({ url: place.url, fetch, secrets: [secret], now })],
    });
    await log.record({ type: 'auth.ok' });
    await log.checkpoint();
    expect(log.state().places[0]!.failures).toBeGreaterThan(0);
    place.status = 200;
    await log.checkpoint();
    expect(place.requests.at(-1)!.body).toBe(readFileSync(join(log.directory, 'checkpoint'), 'utf8'));
    await log.close();
    await place.close();
  });
});
