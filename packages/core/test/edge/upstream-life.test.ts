import { afterEach, describe, expect, it } from 'vitest';
import type { UpstreamSpec } from '../../src/index.ts';
import { big } from '../fixtures/servers/big.ts';
import { startEchoHttp } from '../fixtures/servers/echo.ts';
import { flakyLists } from '../fixtures/servers/flaky-lists.ts';
import { startRawHttp } from '../fixtures/servers/raw/http.ts';
import { startSessionLoser } from '../fixtures/servers/session-loser.ts';
import { slow } from '../fixtures/servers/slow.ts';
import { stdioFixture } from '../support/fixture-process.ts';
import { modern, openHouse, openSession } from './raw-client.ts';
import type { House } from './raw-client.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const kept = <T extends { close(): Promise<unknown> }>(thing: T): T => {
  closers.push(() => thing.close());
  return thing;
};
const house = async (upstreams: readonly UpstreamSpec[], more: object = {}): Promise<House> =>
  kept(await openHouse({ upstreams, ...more }));
const remote = (name: string, { url }: { readonly url: string }): UpstreamSpec => ({
  name,
  kind: 'http',
  url,
  transport: 'streamable-http',
  headers: {},
});
const call = (name: string, args = '{}') => modern('tools/call', `"name":"${name}","arguments":${args}`);

interface Answer {
  result?: {
    tools?: { name: string }[];
    content?: { text: string }[];
    nextCursor?: string;
    _meta?: Record<string, unknown>;
  };
  error?: { code: number; message: string; data?: unknown };
}
const ask = async (from: House, sent: Parameters<House['doors'][0]['send']>[0]): Promise<Answer> =>
  JSON.parse((await from.doors[0]!.send(sent)).text) as Answer;
const names = async (from: House): Promise<string[]> =>
  ((await ask(from, modern('tools/list'))).result?.tools ?? []).map(({ name }) => name);

describe('a server that ends', () => {
  it.each(['exit', 'kill', 'half_a_line', 'close_stdout'])(
    'SRV-14: by %s in the middle of a call gives an error, and comes back',
    async (how) => {
      const gate = await house([{ name: 'c', ...stdioFixture('crasher') }]);
      expect(await ask(gate, call('c__ok'))).toMatchObject({ result: { content: [{ text: 'ok' }] } });
      expect(await ask(gate, call(`c__${how}`))).toMatchObject({ error: {} });
      await expect
        .poll(async () => (await ask(gate, call('c__ok'))).result?.content?.[0]?.text, { timeout: 15_000 })
        .toBe('ok');
    },
  );

  it('CHK-17: and never comes up is named in lists and errors, and hinders nobody else', async () => {
    const echo = kept(await startEchoHttp());
    const gate = await house([
      remote('echo', echo),
      { name: 'dead', kind: 'stdio', command: process.execPath, args: ['-e', 'process.exit(3)'], env: {} },
    ]);
    const list = await ask(gate, modern('tools/list'));
    expect(list.result?.tools?.map(({ name }) => name)).toContain('echo__echo');
    expect(JSON.stringify(list.result?._meta?.['dev.sekisho/upstreams'])).toContain('dead');
    expect(await ask(gate, call('dead__any'))).toMatchObject({ error: {} });
    expect(await ask(gate, call('echo__echo', '{"text":"on"}'))).toMatchObject({
      result: { content: [{ text: 'on' }] },
    });
  });

  it('its session is opened anew without its client noticing', async () => {
    const server = kept(await startSessionLoser());
    const gate = await house([remote('l', server)]);
    const session = await openSession(gate.doors[0]!);
    const count = {
      headers: session,
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"l__count","arguments":{}}}',
    };
    expect(await ask(gate, count)).toMatchObject({ result: { content: [{ text: '1' }] } });
    server.forgetSessions();
    await ask(gate, count);
    expect(await ask(gate, count)).toMatchObject({ result: {} });
    expect(
      (await gate.doors[0]!.send({ headers: session, body: '{"jsonrpc":"2.0","id":2,"method":"ping"}' })).status,
    ).toBe(200);
    expect(server.opened()).toBeGreaterThan(1);
  });
});

describe('lists', () => {
  it('do not wait for a slow server beyond what is allowed', async () => {
    const echo = kept(await startEchoHttp());
    const late = kept(await startRawHttp(slow({ listMs: 8_000 })));
    const gate = kept(await openHouse({ upstreams: [remote('echo', echo)], listWaitMs: 100 }));
    void gate.gateway.reload([remote('echo', echo), remote('late', late)]);
    const started = performance.now();
    expect(await names(gate)).toContain('echo__echo');
    expect(performance.now() - started).toBeLessThan(6_000);
  });

  it('hold everything of a server with thousands of tools', async () => {
    const server = kept(await startRawHttp(big({ tools: 2_500 })));
    const gate = await house([remote('big', server)]);
    const seen = new Set<string>();
    let cursor: string | undefined;
    do {
      const { result }: Answer = await ask(
        gate,
        modern('tools/list', cursor === undefined ? '' : `"cursor":"${cursor}"`),
      );
      for (const { name } of result?.tools ?? []) seen.add(name);
      cursor = result?.nextCursor;
    } while (cursor !== undefined);
    expect(seen.size).toBeGreaterThanOrEqual(2_500);
  });

  it('GW-08: refuse and report names that two servers claim, at load, reload and change', async () => {
    const first = flakyLists({ tools: ['same'] });
    const second = flakyLists({ tools: ['other'] });
    const [one, two] = [kept(await startRawHttp(first.server)), kept(await startRawHttp(second.server))];
    const gate = await house([remote('one', one), remote('two', two)], { naming: 'none' });
    const refused = (): string[] =>
      gate.gateway
        .status()
        .upstreams.flatMap((upstream) => upstream.refused.map((item) => `${upstream.name}:${item.kind}:${item.name}`));
    expect((await names(gate)).toSorted()).toEqual(['other', 'same']);
    expect(refused()).toContain('two:prompt:first');
    second.change({ tools: ['other', 'same'] });
    await expect.poll(refused, { timeout: 10_000 }).toContain('two:tool:same');
    expect((await names(gate)).filter((name) => name === 'same')).toHaveLength(1);
    await gate.gateway.reload([remote('two', two)]);
    await expect.poll(async () => (await names(gate)).toSorted(), { timeout: 10_000 }).toEqual(['other', 'same']);
    expect(refused()).toEqual([]);
  });
});

describe('a reload', () => {
  it('lets calls in flight finish', async () => {
    const server = kept(await startRawHttp(slow()));
    const echo = kept(await startEchoHttp());
    const gate = await house([remote('s', server)]);
    const pending = ask(gate, call('s__sleep', '{"ms":600}'));
    await expect.poll(() => server.requests.some(({ body }) => body.includes('sleep'))).toBe(true);
    await gate.gateway.reload([remote('s', server), remote('echo', echo)]);
    expect(await names(gate)).toContain('echo__echo');
    expect(await pending).toMatchObject({ result: { content: [{ text: 'slept' }] } });
  });

  it('opens a server anew that changes its era while it is connected', async () => {
    for (const [first, second] of [
      ['legacy', 'modern'],
      ['modern', 'legacy'],
    ] as const) {
      const old = await startRawHttp(slow(), { eras: [first] });
      const gate = await house([remote('s', old)]);
      await old.close();
      kept(await startRawHttp(slow(), { eras: [second], port: Number(new URL(old.url).port) }));
      // The first call finds out; it may have run and is not made again.
      await ask(gate, call('s__quick'));
      await expect.poll(() => gate.gateway.status().upstreams[0]).toMatchObject({ era: second, state: 'ready' });
      expect(await ask(gate, call('s__quick'))).toMatchObject({ result: { content: [{ text: 'quick' }] } });
    }
  });

  it('meets a server that has changed its era since', async () => {
    const old = await startRawHttp(slow(), { eras: ['legacy'] });
    const gate = await house([remote('s', old)]);
    expect(gate.gateway.status().upstreams[0]!.era).toBe('legacy');
    await old.close();
    kept(await startRawHttp(slow(), { eras: ['modern'], port: Number(new URL(old.url).port) }));
    await gate.gateway.reload([]);
    await gate.gateway.reload([remote('s', old)]);
    await gate.gateway.ready();
    expect(gate.gateway.status().upstreams[0]!.error).toBeUndefined();
    expect(await ask(gate, call('s__quick'))).toMatchObject({ result: { content: [{ text: 'quick' }] } });
    expect(gate.gateway.status().upstreams[0]!.era).toBe('modern');
  });
});
