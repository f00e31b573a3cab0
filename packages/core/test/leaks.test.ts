import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { modern, openHouse, openSession } from './edge/raw-client.ts';
import { startEchoHttp } from './fixtures/servers/echo.ts';
import { countDescendants, countFds } from './support/leaks.ts';
import { createGateway } from '../src/index.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Bytes in use once everything that can go has gone. */
async function heap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

/** A server of one line: starts in a blink, answers the handshake and crashes on the first call. */
const SERVER = `
let rest = '';
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\\n');
  rest = lines.pop();
  for (const line of lines) {
    const { id, method } = JSON.parse(line);
    if (method === 'tools/call') process.exit(1);
    if (id === undefined) continue;
    const result = { initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } }, 'tools/list': { tools: [{ name: 't', inputSchema: { type: 'object' } }] } }[method];
    const body = result ? { result } : { error: { code: -32601, message: 'no' } };
    process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...body }) + '\\n');
  }
});
process.stdin.on('end', () => process.exit(0));
`;

const spec = { name: 's', kind: 'stdio', command: process.execPath, args: ['-e', SERVER], env: {} } as const;

async function cycle(crash: boolean): Promise<void> {
  const gateway = createGateway({ upstreams: [spec] });
  await gateway.ready();
  if (crash) {
    const { headers, body } = modern('tools/call', '"name":"s__t","arguments":{}');
    const request = new Request('http://127.0.0.1/mcp', {
      method: 'POST',
      body: body as string,
      headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
    });
    const answer = (await (await gateway.fetch(request, { remoteAddress: '127.0.0.1' })).json()) as object;
    expect(answer).toHaveProperty('error');
  }
  await gateway.close();
}

it(
  'leaves no process, descriptor or memory after 300 lives of a server, each third of them ending in a crash',
  { timeout: 120_000 },
  async () => {
    const rounds = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i += 4)
        await Promise.all(Array.from({ length: 4 }, (_, k) => cycle((i + k) % 3 === 0)));
    };
    await rounds(20);
    const before = { processes: countDescendants(), fds: countFds(), heap: await heap() };
    await rounds(300);
    expect(countDescendants()).toBeLessThanOrEqual(before.processes);
    expect(countFds()).toBeLessThanOrEqual(before.fds + 2);
    expect((await heap()) - before.heap).toBeLessThan(8_000_000);
  },
);

it('forgets 2,000 sessions that were abandoned or deleted', { timeout: 60_000 }, async () => {
  const echo = await startEchoHttp();
  let nowMs = 0;
  const house = await openHouse({
    upstreams: [{ name: 's', kind: 'http', url: echo.url, transport: 'streamable-http', headers: {} }],
    now: () => nowMs,
    sessions: { idleMs: 2_000 },
  });
  const door = house.doors[1]!;
  const round = async (count: number): Promise<void> => {
    const opened = [];
    for (let i = 0; i < count; i++) opened.push(await openSession(door, '2025-11-25'));
    for (const headers of opened.slice(0, count / 2))
      expect((await door.send({ method: 'DELETE', headers })).status).toBe(200);
    expect(house.gateway.status().sessions).toBe(count / 2);
    nowMs += 5_000;
    await expect.poll(() => house.gateway.status().sessions, { timeout: 10_000 }).toBe(0);
    expect(
      (await door.send({ headers: opened.at(-1)!, body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' })).status,
    ).toBe(404);
  };
  await round(200);
  const before = await heap();
  await round(2_000);
  expect((await heap()) - before).toBeLessThan(4_000_000);
  await house.close();
  await echo.close();
});
