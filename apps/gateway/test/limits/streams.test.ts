import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { clientOf, errorOf, talk, type Opened } from './client.ts';
import { modern, openLimitsHouse, openSession, type LimitsHouse } from './house.ts';

const patiently = { timeout: 15_000, interval: 10 };
const LISTEN = modern('subscriptions/listen', '"notifications":{"toolsListChanged":true}');

async function open(limit: number): Promise<LimitsHouse & { streams(): number }> {
  const house = await openLimitsHouse({ streams: { rules: [{ name: 'streams', by: ['principal'], limit }] } });
  onTestFinished(() => house.close());
  return { ...house, streams: () => house.limits.status().streams[0]!.open };
}

const isStream = ({ status, response }: Opened): boolean =>
  status === 200 && response.headers['content-type'] === 'text/event-stream';

describe('streams that stay open', () => {
  test('GW-37: subscriptions/listen: so many, not one more, and another when one has gone', async () => {
    const house = await open(2);
    const ada = clientOf(house, 'ada');
    const first = await ada.open(LISTEN);
    const second = await ada.open(LISTEN);
    expect([isStream(first), isStream(second), house.streams()]).toEqual([true, true, 2]);
    const third = await ada.send(LISTEN);
    expect([third.status, errorOf(third.text)]).toMatchObject([503, { code: 503, data: { policy: 'streams' } }]);
    expect(isStream(await clientOf(house, 'ben').open(LISTEN))).toBe(true);
    first.leave();
    await vi.waitFor(() => expect(house.streams()).toBe(2), patiently);
    expect(isStream(await ada.open(LISTEN))).toBe(true);
    expect(house.events[0]).toMatchObject({ type: 'limit.concurrency_shed', rule: 'streams', reason: 'streams' });
  });

  test('the stream for news of a session', async () => {
    const house = await open(1);
    const ada = clientOf(house, 'ada');
    const session = await openSession({ name: 'node:http', send: (it) => ada.send(it) });
    const other = await openSession({ name: 'node:http', send: (it) => ada.send(it) });
    const news = (headers: Readonly<Record<string, string>>) => ({
      method: 'GET',
      headers: { ...headers, accept: 'text/event-stream' },
    });
    const stream = await ada.open(news(session));
    expect([isStream(stream), house.streams()]).toEqual([true, 1]);
    const full = await ada.send(news(other));
    expect([full.status, full.headers['content-type']]).toEqual([503, 'application/problem+json']);
    expect(JSON.parse(full.text)).toMatchObject({ status: 503, 'violated-policies': ['streams'] });
    stream.leave();
    await vi.waitFor(() => expect(house.streams()).toBe(0), patiently);
    expect(isStream(await ada.open(news(other)))).toBe(true);
    await ada.send({ method: 'DELETE', headers: other });
    await vi.waitFor(() => expect(house.streams()).toBe(0), patiently);
  });

  test('the answer of a call that became a stream; without a place for it the answer comes alone', async () => {
    const house = await open(1);
    const ada = clientOf(house, 'ada');
    const first = await ada.open(talk());
    expect([isStream(first), house.streams()]).toEqual([true, 1]);
    const second = ada.send(talk());
    await vi.waitFor(() => expect(house.held).toHaveLength(2), patiently);
    expect(house.streams()).toBe(1);
    house.held[1]!.finish();
    const answer = await second;
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json']);
    expect(answer.text).toContain('"result"');
    expect(answer.text).not.toContain('progress');
    house.held[0]!.finish();
    await vi.waitFor(() => expect(house.streams()).toBe(0), patiently);
  });

  test('R-43: a caller who leaves in the middle gives its place back', async () => {
    const house = await open(5);
    const ada = clientOf(house, 'ada');
    const stream = await ada.open(talk());
    expect(house.streams()).toBe(1);
    stream.leave();
    await vi.waitFor(() => expect(house.streams()).toBe(0), patiently);
    const session = await openSession({ name: 'node:http', send: (it) => ada.send(it) });
    const legacy = await ada.open({
      headers: session,
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"s__talk","_meta":{"progressToken":1}}}',
    });
    expect([isStream(legacy), house.streams()]).toEqual([true, 1]);
    legacy.leave();
    await vi.waitFor(() => expect(house.streams()).toBe(0), patiently);
  });

  test('what was refused or makes no sense leaves nothing behind', async () => {
    const house = await open(1);
    const ada = clientOf(house, 'ada');
    for (let i = 0; i < 5; i++) await ada.send(modern('subscriptions/listen'));
    expect(house.streams()).toBe(0);
    const stream = await ada.open(LISTEN);
    for (let i = 0; i < 5; i++) await ada.send(LISTEN);
    stream.leave();
    await vi.waitFor(() => expect(house.streams()).toBe(0), patiently);
  });

  test('subscriptions over stdio', async () => {
    const house = await open(1);
    const input = new PassThrough();
    const output = new PassThrough();
    const lines: string[] = [];
    output.on('data', (chunk) => lines.push(...String(chunk).split('\n').filter(Boolean)));
    const served = house.gateway.serveStdio(input, output);
    const listen = (id: string) => `${String(LISTEN.body).replace('"id":1', `"id":"${id}"`)}\n`;
    input.write(listen('a'));
    await vi.waitFor(() => expect(lines.join('')).toContain('acknowledged'), patiently);
    input.write(listen('b'));
    await vi.waitFor(() => expect(lines.some((line) => errorOf(line)?.code === 503)).toBe(true), patiently);
    expect(house.streams()).toBe(1);
    input.end();
    await served;
    await vi.waitFor(() => expect(house.streams()).toBe(0), patiently);
  });

  test('without a section there is a limit all the same', async () => {
    const house = await openLimitsHouse(undefined);
    onTestFinished(() => house.close());
    expect(house.limits.status().streams).toEqual([
      { rule: 'streams-per-principal', limit: 256, open: 0 },
      { rule: 'streams-per-address', limit: 1024, open: 0 },
    ]);
  });
});
