import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AuditRecord } from '../src/event.ts';
import { nodeFileSystem } from '../src/storage/file-system.ts';
import { faultyFileSystem } from '../src/testing/faulty-file-system.ts';
import { makeDirectory, openLog, recordsOf, verifyBoth, vkeyOf } from './kit.ts';

const key = await vkeyOf();
const records = (directory: string): AuditRecord[] => recordsOf(directory) as unknown as AuditRecord[];
const ofExchange = (directory: string, id: string): AuditRecord[] =>
  records(directory).filter(({ ex }) => ex?.id === id);

describe('exactly one terminal record', () => {
  test.each([
    ['success', 'ok'],
    ['refusal', 'denied'],
    ['failure', 'error'],
  ] as const)('%s', async (_name, outcome) => {
    const log = await openLog({ directory: join(makeDirectory(), 'log') });
    const exchange = log.exchange({ target: { server: 's', method: 'tools/call' } });
    exchange.add({ actor: { issuer: 'i', subject: 'a' } });
    await exchange.intent({ type: 'mcp.tool.call' });
    const [first, second] = await Promise.all([
      exchange.finish({ type: 'mcp.tool.result', outcome }),
      exchange.finish({ type: 'mcp.protocol_error', outcome: 'error' }),
    ]);
    expect(second).toBe(first);
    await log.close();
    const [intent, terminal, ...rest] = ofExchange(log.directory, exchange.id);
    expect(rest).toEqual([]);
    expect(intent).toMatchObject({ ex: { phase: 'intent' }, target: { server: 's' } });
    expect(terminal).toMatchObject({
      ex: { phase: 'terminal' },
      outcome,
      type: 'mcp.tool.result',
      actor_ref: expect.any(String),
      stream: 'exchange',
    });
  });

  test('an intent that waits for a sealed blob is still before its end, and nothing is left open', async () => {
    const log = await openLog({ directory: join(makeDirectory(), 'log') });
    const actor = { issuer: 'i', subject: 'a' };
    await log.record({ type: 'auth.ok', actor });
    const exchange = log.exchange({ actor });
    const intent = exchange.intent({ type: 'mcp.tool.call', capture: { arguments: 'kept' } });
    await exchange.finish({ type: 'mcp.tool.result', outcome: 'ok' });
    await intent;
    expect(log.state().openExchanges).toBe(0);
    await log.close();
    expect(ofExchange(log.directory, exchange.id).map(({ ex }) => ex!.phase)).toEqual(['intent', 'terminal']);
  });

  test('left without an outcome: thrown out of, disconnected, forgotten', async () => {
    const log = await openLog({ directory: join(makeDirectory(), 'log') });
    const ids: string[] = [];
    const handler = async (): Promise<void> => {
      await using exchange = log.exchange();
      ids.push(exchange.id);
      await exchange.intent({ type: 'mcp.tool.call' });
      throw new Error('the client is gone');
    };
    await expect(handler()).rejects.toThrow('gone');
    await log.close();
    expect(ofExchange(log.directory, ids[0]!).filter(({ ex }) => ex?.phase === 'terminal')).toMatchObject([
      { type: 'mcp.cancelled', outcome: 'unknown' },
    ]);
  });

  test('an exchange with an outcome is not ended a second time by disposal', async () => {
    const log = await openLog({ directory: join(makeDirectory(), 'log') });
    let id = '';
    {
      await using exchange = log.exchange();
      id = exchange.id;
      await exchange.finish({ type: 'mcp.list', outcome: 'ok' });
      expect(exchange.finished).toBe(true);
    }
    await log.close();
    expect(ofExchange(log.directory, id)).toHaveLength(1);
  });

  test('open when the process ended: the next run ends it, also when its intent is in an older segment', async () => {
    const directory = join(makeDirectory(), 'log');
    const log = await openLog({ directory, maxSegmentBytes: 65_536 });
    const exchanges = Array.from({ length: 450 }, () => log.exchange({ durability: 'strict' }));
    await Promise.all(exchanges.map((exchange) => exchange.intent({ type: 'mcp.tool.call' })));
    for (let i = 0; i < 400; i += 1) await log.record({ type: 'auth.ok', detail: { filler: 'z'.repeat(300) } });
    await exchanges[0]!.finish({ type: 'mcp.tool.result', outcome: 'ok' });
    await log.close();
    const again = await openLog({ directory });
    expect(again.recovery).toMatchObject({ closedExchanges: 449 });
    await again.close();
    await (await openLog({ directory })).close();
    const terminals = new Map<string, AuditRecord[]>();
    for (const record of records(directory))
      if (record.ex?.phase === 'terminal')
        terminals.set(record.ex.id, [...(terminals.get(record.ex.id) ?? []), record]);
    for (const { id } of exchanges) expect(terminals.get(id)).toHaveLength(1);
    expect(terminals.get(exchanges[1]!.id)![0]).toMatchObject({
      type: 'gateway.crashed_recovered',
      outcome: 'unknown',
    });
    expect((await verifyBoth(directory, [key])).status).toBe('intact');
  });
});

describe('modes', () => {
  test('strict: the intent is on disk before intent() resolves; standard: it is not waited for; both end durably', async () => {
    const fs = faultyFileSystem(nodeFileSystem());
    const log = await openLog({ directory: join(makeDirectory(), 'log'), fileSystem: fs, ackTimeoutMs: 10_000 });
    const release = fs.stall();
    const standard = log.exchange();
    await standard.intent({ type: 'mcp.tool.call' });
    const strict = log.exchange({ destructive: true });
    let intended = false;
    const waiting = strict.intent({ type: 'mcp.tool.call' }).then(() => (intended = true));
    let finished = false;
    const finishing = standard.finish({ type: 'mcp.tool.result', outcome: 'ok' }).then(() => (finished = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([intended, finished]).toEqual([false, false]);
    release();
    await Promise.all([waiting, finishing]);
    expect(ofExchange(log.directory, strict.id)).toHaveLength(1);
    const relaxed = log.exchange({ durability: 'relaxed' });
    expect(await relaxed.finish({ type: 'mcp.list', outcome: 'ok' })).toMatchObject({ seq: undefined });
    await log.close();
    expect(ofExchange(log.directory, relaxed.id)).toHaveLength(1);
  });

  test('in strict mode a refused intent rejects, so the upstream is never touched', async () => {
    const fs = faultyFileSystem(nodeFileSystem());
    const log = await openLog({ directory: join(makeDirectory(), 'log'), fileSystem: fs });
    const mend = fs.fail({ operation: 'write', code: 'ENOSPC', path: 'segments' });
    const exchange = log.exchange({ destructive: true });
    await expect(exchange.intent({ type: 'mcp.tool.call' })).rejects.toMatchObject({
      code: 'ERR_AUDIT_STORAGE_FULL',
      retryAfterSeconds: 30,
    });
    mend();
    await exchange.finish({ type: 'mcp.tool.result', outcome: 'error' });
    await log.close();
    expect(ofExchange(log.directory, exchange.id)).toMatchObject([{ ex: { phase: 'terminal' } }]);
  });

  test('a change is waited for even when the log is relaxed, unless the call says otherwise', async () => {
    const log = await openLog({ directory: join(makeDirectory(), 'log'), durability: 'relaxed' });
    expect((await log.record({ type: 'auth.ok' })).seq).toBeUndefined();
    expect((await log.record({ type: 'policy.changed', detail: { diff_sha256: 'x' } })).seq).toBeGreaterThan(0);
    expect((await log.record({ type: 'policy.changed' }, { durability: 'relaxed' })).seq).toBeUndefined();
    await log.close();
  });
});

describe('what record refuses', () => {
  test('types that are not on the list, types of the log itself, other words', async () => {
    const log = await openLog({ directory: join(makeDirectory(), 'log'), types: ['orders.placed'] });
    await log.record({ type: 'orders.placed' });
    for (const event of [
      { type: 'auth.expird' },
      { type: 'Auth.ok' },
      { type: 'x"' },
      { type: 'actor.envelope' },
      { type: 'audit.checkpoint' },
      { type: 'auth.ok', outcome: 'fine' },
      { type: 'auth.ok', severity: 'bad' },
      { type: 'auth.ok', stream: 'log' },
      { type: 'auth.ok', stream: 'a b' },
      { type: 'auth.ok', exchange: { id: 'a"b', phase: 'intent' } },
      { type: 'auth.ok', exchange: { id: 'a', phase: 'middle' } },
    ]) {
      expect(() => log.record(event as { type: 'auth.ok' }), JSON.stringify(event)).toThrow(TypeError);
    }
    await expect(openLog({ directory: join(makeDirectory(), 'log'), types: ['Not Dotted'] })).rejects.toThrow(
      TypeError,
    );
    await log.close();
    expect((await verifyBoth(log.directory, [key])).status).toBe('intact');
  });

  test('a subject without a name', async () => {
    const log = await openLog({ directory: join(makeDirectory(), 'log') });
    await expect(log.record({ type: 'auth.ok', actor: { issuer: 'i', subject: '' } })).rejects.toThrow(TypeError);
    await log.close();
  });
});

test('a hash can be looked up by who knows the value: per subject, and per log without one', async () => {
  const log = await openLog({ directory: join(makeDirectory(), 'log') });
  const alice = { issuer: 'i', subject: 'alice' };
  await log.record({ type: 'mcp.tool.call', actor: alice, request: { args: '{"a":1}' } });
  await log.record({ type: 'mcp.tool.call', request: { args: '{"a":1}' } });
  await log.close();
  const [ofAlice, ofNobody] = records(log.directory)
    .filter(({ req }) => req)
    .map(({ req }) => req!.args_mac);
  expect(await log.mac('{"a":1}', alice)).toBe(ofAlice);
  expect(await log.mac('{"a":1}')).toBe(ofNobody);
  expect(ofAlice).not.toBe(ofNobody);
  expect(await log.mac('x', { issuer: 'i', subject: 'nobody' })).toBeUndefined();
});

test('one envelope per identity and segment: identities stay cheap, segments stay readable alone', async () => {
  const log = await openLog({ directory: join(makeDirectory(), 'log'), maxSegmentBytes: 65_536 });
  for (let i = 0; i < 400; i += 1)
    await log.record({
      type: 'auth.ok',
      actor: { issuer: 'i', subject: `s${i % 3}` },
      detail: { filler: 'e'.repeat(200) },
    });
  await log.close();
  const bySegment = new Map<number, { refs: Set<string>; envelopes: string[] }>();
  let segment = 0;
  for (const record of records(log.directory)) {
    if (record.segment) segment = record.seq;
    const entry = bySegment.get(segment) ?? { refs: new Set<string>(), envelopes: [] };
    bySegment.set(segment, entry);
    if (record.envelope) entry.envelopes.push(record.envelope.actor_ref);
    if (record.actor_ref) {
      expect(entry.envelopes).toContain(record.actor_ref);
      entry.refs.add(record.actor_ref);
    }
  }
  expect(bySegment.size).toBeGreaterThan(1);
  for (const { refs, envelopes } of bySegment.values()) expect(envelopes.toSorted()).toEqual([...refs].toSorted());
});

test('an observer that throws is counted and harms nothing', async () => {
  const observers = [
    {
      observe: () => {
        throw new Error('dashboard');
      },
    },
  ];
  const log = await openLog({ directory: join(makeDirectory(), 'log'), observers });
  await log.record({ type: 'auth.ok' });
  expect(log.state().observerErrors).toBeGreaterThan(0);
  await log.close();
});
