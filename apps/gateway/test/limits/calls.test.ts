import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { callOf, clientOf, errorOf, ONCE, rules, talk } from './client.ts';
import { modern, openLimitsHouse, openSession, type LimitsHouse } from './house.ts';

const patiently = { timeout: 15_000, interval: 10 };

async function open(...given: Parameters<typeof openLimitsHouse>): Promise<LimitsHouse> {
  const house = await openLimitsHouse(...given);
  onTestFinished(() => house.close());
  return house;
}

describe('what is told', () => {
  test('an allowed answer says what is left, as JSON and as a stream', async () => {
    const house = await open(
      rules({ name: 'mine', by: ['principal'], allow: { kind: 'rate', amount: 60, periodMs: 60_000, burst: 10 } }),
    );
    const ada = clientOf(house, 'ada');
    const { status, headers } = await ada.call('echo');
    expect(status).toBe(200);
    expect(headers['ratelimit-policy']).toBe('"mine";q=60;w=60');
    expect(headers['ratelimit']).toBe('"mine";r=9;t=1');
    const stream = await ada.open(talk());
    expect(stream.response.headers['content-type']).toBe('text/event-stream');
    expect(stream.response.headers['ratelimit']).toMatch(/^"mine";r=8;t=[12]$/);
    house.held[0]!.finish();
  });

  test('a bucket that others share is not told of while there is room', async () => {
    const house = await open(
      rules({ name: 'all', by: [], allow: { kind: 'rate', amount: 60, periodMs: 60_000, burst: 10 } }),
    );
    const { headers } = await clientOf(house, 'ada').call('echo');
    expect(headers['ratelimit']).toBeUndefined();
  });

  test('without rules nothing is told', async () => {
    const house = await open(undefined);
    const { status, headers } = await clientOf(house, 'ada').call('echo');
    expect([status, headers['ratelimit'], headers['ratelimit-policy']]).toEqual([200, undefined, undefined]);
  });

  test('a client that prefers a stream still gets the status of a refusal', async () => {
    const house = await open(rules({ name: 'once', by: ['principal'], allow: { ...ONCE, burst: 2 } }));
    const ada = clientOf(house, 'ada');
    const session = await openSession({ name: 'node:http', send: (it) => ada.send(it) });
    const accept = 'text/event-stream, application/json';
    const ping = { headers: { ...session, accept }, body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' };
    const first = await ada.send(ping);
    expect([first.status, first.headers['content-type']]).toEqual([200, 'text/event-stream']);
    const second = await ada.send(ping);
    expect([second.status, errorOf(second.text)?.code]).toEqual([429, 429]);
  });
});

describe('whom it counts', () => {
  const perTool = rules({ name: 'tool', by: ['principal', 'tool'], allow: ONCE });

  test('the tool that the body names, whatever an unchecked header says', async () => {
    const house = await open(perTool);
    const ada = clientOf(house, 'ada');
    const session = await openSession({ name: 'node:http', send: (it) => ada.send(it) });
    const call = (name: string, header: string) =>
      ada.send({
        headers: { ...session, 'mcp-name': header, 'mcp-method': 'ping' },
        body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}"}}`,
      });
    expect((await call('s__echo', 's__big')).status).toBe(200);
    expect((await call('s__echo', 's__other')).status).toBe(429);
    // The lie has charged nothing to the tool that it named.
    expect((await call('s__big', 's__echo')).status).toBe(200);
  });

  test('a modern header that lies is refused, and charges no tool', async () => {
    const house = await open(perTool);
    const ada = clientOf(house, 'ada');
    const lie = await ada.send(callOf('echo', {}, { 'mcp-name': 's__big' }));
    expect([lie.status, errorOf(lie.text)?.code]).toEqual([400, -32020]);
    expect((await ada.call('echo')).status).toBe(200);
    expect((await ada.call('big', { bytes: 1 })).status).toBe(200);
    expect((await ada.call('echo')).status).toBe(429);
  });

  test('the same tool by its server’s own endpoint is the same tool', async () => {
    const house = await open(perTool);
    const ada = clientOf(house, 'ada');
    expect((await ada.call('echo')).status).toBe(200);
    const own = modern('tools/call', '"name":"echo"');
    expect((await ada.send({ ...own, path: '/mcp/s' })).status).toBe(429);
  });

  test('CHK-16: lists cost what calls do, and without a credential nothing reaches a server', async () => {
    const house = await open(rules({ name: 'own', by: ['principal'], allow: { ...ONCE, burst: 2 } }));
    const ada = clientOf(house, 'ada');
    expect((await ada.send(modern('tools/list'))).status).toBe(200);
    expect((await ada.send(modern('server/discover'))).status).toBe(200);
    expect((await ada.send(modern('tools/list'))).status).toBe(429);
    const before = house.seen();
    for (const nobody of [clientOf(house, undefined), clientOf(house, 'bad')])
      for (const sent of [modern('tools/list'), modern('server/discover'), callOf('echo')])
        expect((await nobody.send(sent)).status).toBe(401);
    expect(house.seen()).toBe(before);
  });

  test('one caller’s use is not another’s, tenants share', async () => {
    const house = await open(
      rules(
        { name: 'own', by: ['principal'], allow: { ...ONCE, burst: 2 } },
        { name: 'tenant', by: ['tenant'], allow: { ...ONCE, burst: 3 } },
      ),
    );
    const [ada, ben, eve] = ['tenant-1-ada', 'tenant-1-ben', 'tenant-2-eve'].map((token) => clientOf(house, token));
    expect((await ada!.call('echo')).status).toBe(200);
    expect((await ada!.call('echo')).status).toBe(200);
    expect(errorOf((await ada!.call('echo')).text)?.data?.policy).toBe('own');
    expect((await ben!.call('echo')).status).toBe(200);
    expect(errorOf((await ben!.call('echo')).text)?.data?.policy).toBe('tenant');
    expect((await eve!.call('echo')).status).toBe(200);
  });

  test('R-40: a refused call charges nothing anywhere, and reaches no server', async () => {
    const house = await open(
      rules({ name: 'all', by: [], allow: { ...ONCE, burst: 3 } }, { name: 'own', by: ['principal'], allow: ONCE }),
    );
    const ada = clientOf(house, 'ada');
    for (let i = 0; i < 20; i++) await ada.call('echo');
    expect(house.called).toHaveLength(1);
    expect((await clientOf(house, 'ben').call('echo')).status).toBe(200);
    expect((await clientOf(house, 'eve').call('echo')).status).toBe(200);
  });

  test('names that nothing bears cost their sender and have no buckets of their own', async () => {
    const house = await open(
      rules(
        { name: 'own', by: ['principal'], allow: { ...ONCE, burst: 3 } },
        { name: 'tool', by: ['tool'], allow: { ...ONCE, burst: 100 } },
      ),
    );
    const ada = clientOf(house, 'ada');
    for (let i = 0; i < 3; i++) expect(errorOf((await ada.call(`none${i}`)).text)?.code).toBe(-32602);
    expect(errorOf((await ada.call('none3')).text)?.code).toBe(429);
    expect(house.limits.status().memory?.keys).toBe(1);
  });
});

describe('what it costs in the end', () => {
  const DAY = { kind: 'day' } as const;

  test('bytes are charged when they are known', async () => {
    const house = await open(
      rules({
        name: 'bytes',
        by: ['principal'],
        unit: 'bytes',
        allow: { kind: 'rate', amount: 10_000, periodMs: 3_600_000, burst: 10_000 },
      }),
    );
    const ada = clientOf(house, 'ada');
    expect((await ada.call('big', { bytes: 4000 })).status).toBe(200);
    expect((await ada.call('big', { bytes: 7000 })).status).toBe(200);
    const third = await ada.call('echo');
    expect(third.status).toBe(429);
    expect(third.headers['ratelimit-policy']).toContain('qu="content-bytes"');
  });

  test('tokens are estimated from bytes', async () => {
    const section = (bytesPerToken: number) => ({
      ...rules({ name: 'tokens', by: ['principal'], unit: 'tokens', allow: { ...DAY, amount: 1000 } }),
      bytesPerToken,
    });
    const coarse = await open(section(100));
    const fine = await open(section(1));
    for (const [house, expected] of [
      [coarse, 200],
      [fine, 429],
    ] as const) {
      const ada = clientOf(house, 'ada');
      await ada.call('big', { bytes: 5000 });
      expect((await ada.call('echo')).status).toBe(expected);
    }
  });

  test('what comes before the answer counts as well', async () => {
    const house = await open(
      rules({
        name: 'bytes',
        by: ['principal'],
        unit: 'bytes',
        allow: { kind: 'rate', amount: 100, periodMs: 3_600_000, burst: 100 },
      }),
    );
    const ada = clientOf(house, 'ada');
    const stream = await ada.open(talk());
    await vi.waitFor(() => expect(stream.text()).toContain('notifications/progress'), patiently);
    house.held[0]!.finish();
    await vi.waitFor(() => expect(stream.text()).toContain('"result"'), patiently);
    expect((await ada.call('echo')).status).toBe(429);
  });

  test('a server that failed costs nothing, and an error that it answers costs what any answer does', async () => {
    const house = await open(rules({ name: 'once', by: ['principal'], allow: ONCE }), {
      upstreams: [
        { name: 'dead', kind: 'http', url: 'http://127.0.0.1:9/mcp', transport: 'streamable-http', headers: {} },
      ],
    });
    const ada = clientOf(house, 'ada');
    for (let i = 0; i < 3; i++) {
      const { status, text } = await ada.send(modern('tools/call', '"name":"dead__x"'));
      expect([status, errorOf(text)?.code]).toEqual([200, -31503]);
    }
    expect((await ada.call('echo')).status).toBe(200);
    expect((await ada.call('echo')).status).toBe(429);
  });

  test('a call that waited for its turn in vain costs nothing; one that was sent does', async () => {
    const house = await open({
      ...rules({ name: 'once', by: ['principal'], allow: { ...ONCE, burst: 2 } }),
      concurrency: { rules: [{ name: 'gate', by: ['server'], limit: 1 }] },
    });
    const ada = clientOf(house, 'ada');
    const first = ada.begin(callOf('hold', { text: 'first' }));
    await vi.waitFor(() => expect(house.held).toHaveLength(1), patiently);
    const waiting = ada.begin(callOf('hold', { text: 'second' }));
    await vi.waitFor(() => expect(house.limits.status().concurrency[0]?.queued).toBe(1), patiently);
    expect((await ada.call('echo')).status).toBe(429);
    waiting.leave();
    await vi.waitFor(() => expect(house.limits.status().concurrency[0]?.queued).toBe(0), patiently);
    first.leave();
    await vi.waitFor(() => expect(house.limits.status().concurrency[0]?.underWay).toBe(0), patiently);
    // One of two is back: that of the call that was never sent.
    expect((await ada.call('echo')).status).toBe(200);
    expect((await ada.call('echo')).status).toBe(429);
    expect(house.called).toEqual(['hold', 'echo']);
  });
});

describe('how many at once', () => {
  test('as many as there are slots, the others in turn by caller, and whoever finds the queue full is told', async () => {
    const house = await open({
      concurrency: { rules: [{ name: 'gate', by: ['server', 'tool'], limit: 1, maxQueuedPerCaller: 2 }] },
    });
    const ada = clientOf(house, 'ada');
    const ben = clientOf(house, 'ben');
    const queued = (): number => house.limits.status().concurrency[0]!.queued;
    ada.begin(callOf('hold', { text: 'ada 1' }));
    await vi.waitFor(() => expect(house.held).toHaveLength(1), patiently);
    ada.begin(callOf('hold', { text: 'ada 2' }));
    await vi.waitFor(() => expect(queued()).toBe(1), patiently);
    ada.begin(callOf('hold', { text: 'ada 3' }));
    await vi.waitFor(() => expect(queued()).toBe(2), patiently);
    const shed = await ada.call('hold', { text: 'ada 4' });
    expect([shed.status, errorOf(shed.text)]).toMatchObject([503, { code: 503, data: { policy: 'gate' } }]);
    expect(Number(shed.headers['retry-after'])).toBeGreaterThan(0);
    expect(house.events).toMatchObject([
      {
        type: 'limit.concurrency_shed',
        rule: 'gate',
        reason: 'queue-full',
        subject: { principal: 'ada', tool: 'hold' },
      },
    ]);
    ben.begin(callOf('hold', { text: 'ben 1' }));
    await vi.waitFor(() => expect(queued()).toBe(3), patiently);
    const order: string[] = [];
    for (let i = 0; i < 4; i++) {
      await vi.waitFor(() => expect(house.held).toHaveLength(1), patiently);
      order.push(house.held[0]!.text);
      house.held[0]!.finish();
    }
    expect(order).toEqual(['ada 1', 'ada 2', 'ben 1', 'ada 3']);
    // Another tool has a gate of its own, and was never in the way.
    expect((await ada.call('echo')).status).toBe(200);
  });

  test('nobody waits beyond the deadline', async () => {
    const house = await open({
      concurrency: { rules: [{ name: 'gate', by: ['server'], limit: 1 }], maxWaitMs: 50 },
    });
    const ada = clientOf(house, 'ada');
    const first = ada.begin(callOf('hold'));
    await vi.waitFor(() => expect(house.held).toHaveLength(1), patiently);
    const late = await ada.call('echo');
    expect([late.status, errorOf(late.text)?.code]).toEqual([503, 503]);
    first.leave();
    await vi.waitFor(() => expect(house.held).toHaveLength(0), patiently);
    expect((await ada.call('echo')).status).toBe(200);
  });

  test('R-43: a slot is given back however a call ends', async () => {
    const house = await open({ concurrency: { rules: [{ name: 'gate', by: ['server'], limit: 2 }] } });
    const underWay = (): number => house.limits.status().concurrency[0]!.underWay;
    const ada = clientOf(house, 'ada');
    await ada.call('echo');
    await ada.call('none');
    await ada.call('big', { bytes: 300_000 });
    await ada.send(modern('prompts/get', '"name":"s__p"'));
    expect(underWay()).toBe(0);
    const session = await openSession({ name: 'node:http', send: (it) => ada.send(it) });
    const body = '{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"s__hold"}}';
    ada.begin({ headers: session, body });
    await vi.waitFor(() => expect(underWay()).toBe(1), patiently);
    await ada.send({
      headers: session,
      body: '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}',
    });
    await vi.waitFor(() => expect(underWay()).toBe(0), patiently);
    ada.begin({ headers: session, body });
    await vi.waitFor(() => expect(underWay()).toBe(1), patiently);
    await ada.send({ method: 'DELETE', headers: session });
    await vi.waitFor(() => expect(underWay()).toBe(0), patiently);
  });

  test('an adaptive limit learns from a server that does not answer in time', async () => {
    const house = await open(
      { concurrency: { rules: [{ name: 'gate', by: ['server'], limit: { initial: 10, min: 1, max: 20 } }] } },
      { callMs: 100 },
    );
    const ada = clientOf(house, 'ada');
    await ada.call('echo');
    expect(house.limits.status().concurrency[0]!.limit).toBe(10);
    const { text } = await ada.call('hold');
    expect(errorOf(text)?.code).toBe(-31503);
    expect(house.limits.status().concurrency[0]!.limit).toBe(9);
  });
});
