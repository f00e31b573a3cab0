import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { flakyLists } from '../fixtures/servers/flaky-lists.ts';
import { startRawHttp } from '../fixtures/servers/raw/http.ts';
import type { RawHttp } from '../fixtures/servers/raw/http.ts';
import { ENVELOPE, MODERN, openHouse, openSession } from './raw-client.ts';
import type { House } from './raw-client.ts';

const flaky = flakyLists();
let server: RawHttp;
let house: House;
beforeAll(async () => {
  server = await startRawHttp(flaky.server);
  house = await openHouse({
    upstreams: [{ name: 's', kind: 'http', url: server.url, transport: 'streamable-http', headers: {} }],
  });
});
afterAll(async () => {
  await house.close();
  await server.close();
});

it('tells legacy streams, modern listens and stdio clients of a changed list', async () => {
  const changed = (text: string): boolean => text.includes('notifications/tools/list_changed');
  const host = `Host: 127.0.0.1:${house.port}\r\nAccept: application/json, text/event-stream\r\n`;
  const session = await openSession(house.doors[0]!);
  let open = 0;
  const until = (text: string): boolean => {
    if (text.includes('200 OK') && text.includes('\r\n\r\n')) open++;
    return changed(text);
  };
  const legacy = house.raw(`GET /mcp HTTP/1.1\r\n${host}Mcp-Session-Id: ${session['mcp-session-id']}\r\n\r\n`, until);
  const body = `{"jsonrpc":"2.0","id":5,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},${ENVELOPE}}}`;
  const modern = house.raw(
    `POST /mcp HTTP/1.1\r\n${host}Content-Type: application/json\r\nMCP-Protocol-Version: ${MODERN}\r\nMcp-Method: subscriptions/listen\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    until,
  );
  const input = new PassThrough();
  const output = new PassThrough();
  let lines = '';
  output.on('data', (chunk: Buffer) => (lines += chunk.toString()));
  const served = house.gateway.serveStdio(input, output);
  input.write(
    '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}\n',
  );
  await expect.poll(() => open >= 2 && lines.includes('"id":0'), { timeout: 10_000 }).toBe(true);
  flaky.change({ tools: ['first', 'second'] });
  expect(changed(await legacy)).toBe(true);
  const heard = await modern;
  expect(heard).toMatch(/subscriptionId":5/);
  await expect.poll(() => changed(lines), { timeout: 10_000 }).toBe(true);
  input.end();
  await served;
});
