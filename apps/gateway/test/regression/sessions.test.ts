import { describe, expect, onTestFinished, test } from 'vitest';
import { openComposed } from '../support/whole.ts';
import { legacyAsk, modernAsk, openSession, send } from '../support/mcp-client.ts';
import { listResult, startRawHttp, textResult } from '../support/raw-server.ts';

async function startEcho(): Promise<string> {
  const server = await startRawHttp({
    name: 'echo',
    capabilities: { tools: {} },
    methods: {
      'tools/list': ({ era }) => listResult(era, 'tools', [{ name: 'echo', inputSchema: { type: 'object' } }]),
      'tools/call': ({ era, params }) => textResult(era, JSON.stringify(params['arguments'])),
    },
  });
  onTestFinished(() => server.close());
  return server.url;
}

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

describe('sessions', () => {
  test('SDK-10: a flood of requests that are none leaves no session, no parked call and no stream behind', async () => {
    const { composition, port, who } = await openComposed({ mcpServers: {} });
    const none = composition.gateway.status();
    const bad = [
      '{"jsonrpc":"2.0","id":1,"method":"initialize"}',
      '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":7,"capabilities":{},"clientInfo":{"name":"t","version":"1"}}}',
      '{"jsonrpc":"2.0","id":null,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}',
      '{"jsonrpc":"2.0","method":"initialize","params":{}}',
      '[',
    ];
    for (let round = 0; round < 60; round++)
      await Promise.all(
        bad.map(async (body) =>
          expect((await send(port, { headers: who, body })).headers['mcp-session-id']).toBeUndefined(),
        ),
      );
    for (let round = 0; round < 60; round++)
      await send(port, { method: 'GET', headers: { ...who, 'mcp-session-id': `s${round}` } });
    expect(composition.gateway.status()).toEqual(none);
    const good = await openSession(port, who);
    expect(good.headers['mcp-session-id']).toBeDefined();
    expect(composition.gateway.status().sessions).toBe(none.sessions + 1);
  });

  test('SDK-13: ids are 192 random bits: no two alike, no counter, no time in them', async () => {
    const { port, who } = await openComposed({
      mcpServers: {},
      'x-sekisho': { rateLimit: { onStoreFailure: 'refuse' } },
    });
    const ids: Buffer[] = [];
    for (let count = 0; count < 256; count++) {
      const id = (await openSession(port, who)).headers['mcp-session-id']!;
      expect(id).toMatch(/^[\w-]{32}$/);
      ids.push(Buffer.from(id, 'base64url'));
    }
    expect(new Set(ids.map(String)).size).toBe(ids.length);
    // Each bit is set in about half of them: 256 draws are further than 80 from 128 once in 10^23 bits.
    for (let bit = 0; bit < 192; bit++) {
      const set = ids.filter((id) => ((id[bit >> 3]! >> (bit & 7)) & 1) === 1).length;
      expect(Math.abs(set - 128), `bit ${bit}`).toBeLessThan(80);
    }
  });

  test('that end while a call is under way answer it: no request stays open for ever', async () => {
    let begun = 0;
    const server = await startRawHttp({
      name: 'slow',
      capabilities: { tools: {} },
      methods: {
        'tools/list': ({ era }) => listResult(era, 'tools', [{ name: 'wait', inputSchema: { type: 'object' } }]),
        'tools/call': () => {
          begun += 1;
          return new Promise<string>(() => undefined);
        },
      },
    });
    onTestFinished(() => server.close());
    const { composition, port, who } = await openComposed({ mcpServers: { slow: { url: server.url } } });
    /** What ends the session, and what the call then hears: who broke it off, or what every later request would. */
    const ends: readonly (readonly [() => Promise<unknown>, readonly [status: number, code: number]])[] = [
      [async () => composition.gateway.revoke(({ id }) => id === 'local'), [200, -31503]],
      [
        async () => {
          const [id] = ids.splice(-1);
          await send(port, { method: 'DELETE', headers: { ...who, 'mcp-session-id': id! } });
        },
        [404, -32600],
      ],
    ];
    const ids: string[] = [];
    for (const [round, [end, heard]] of ends.entries()) {
      const session = await openSession(port, who);
      ids.push(session.headers['mcp-session-id']!);
      const waiting = legacyAsk(port, session.headers)('tools/call', { name: 'slow__wait', arguments: {} });
      await expect.poll(() => begun, { timeout: 10_000 }).toBe(round + 1);
      await end();
      const got = await waiting;
      expect([got.status, got.message.error?.code]).toEqual(heard);
    }
  });

  test('CHK-22: one of before a restart is nobody’s, and whoever comes back is asked again', async () => {
    const url = await startEcho();
    const config = { mcpServers: { echo: { url } } };
    const before = await openComposed(config);
    const session = await openSession(before.port, before.who);
    expect((await send(before.port, { headers: session.headers, body: PING })).status).toBe(200);
    await before.composition.close();
    const after = await openComposed(config, { stateFolder: before.stateFolder });
    // The key is the same: it was made once, and lies in the state folder.
    expect(after.composition.newLocalKey).toBeUndefined();
    const { 'mcp-session-id': id } = session.headers;
    expect((await send(after.port, { headers: { 'mcp-session-id': id! }, body: PING })).status).toBe(401);
    expect((await send(after.port, { headers: session.headers, body: PING })).status).toBe(404);
    expect(
      (await send(after.port, { method: 'GET', headers: { ...session.headers, 'last-event-id': '1' } })).status,
    ).toBe(404);
    const anew = await openSession(after.port, before.who);
    expect((await send(after.port, { headers: anew.headers, body: PING })).status).toBe(200);
  });

  test(
    'SDK-01, CHK-07: thousands of calls with one id, of two sessions and one without, are never mixed up',
    { timeout: 60_000 },
    async () => {
      const { port, who } = await openComposed({ mcpServers: { echo: { url: await startEcho() } } });
      const asks = [
        legacyAsk(port, (await openSession(port, who)).headers),
        legacyAsk(port, (await openSession(port, who)).headers),
        modernAsk(port, who),
      ];
      let answered = 0;
      for (let round = 0; round < 70; round++)
        await Promise.all(
          Array.from({ length: 30 }, async (_, index) => {
            const mark = `mark-${round}-${index}`;
            const { text } = await asks[index % 3]!('tools/call', { name: 'echo__echo', arguments: { mark } });
            expect([...new Set(text.match(/mark-\d+-\d+/g))]).toEqual([mark]);
            answered += 1;
          }),
        );
      expect(answered).toBe(2100);
    },
  );
});
