/**
 * What the mounted policy costs: `node --conditions=@sekisho/source apps/gateway/bench/policy.ts` prints a section of markdown.
 * Seconds are of this process's CPU, for the machine is shared; with and without are measured in turns.
 */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createGateway, type Gateway, type GatewayOptions, type Principal, type Target } from '@sekisho/core';
import { mountPolicy } from '../src/mount/policy.ts';
import type { PolicySection } from '../src/mount/policy-section.ts';

const TOOLS = 500;
const ROUNDS = 7;
const fixture = fileURLToPath(new URL('../../../packages/core/test/fixtures/servers/main.ts', import.meta.url));
const quiet = (): void => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

type Rule = PolicySection['rules'][number];

/** Twenty rules, as in the figures of the library alone. */
function section(when?: string): PolicySection {
  const condition = when === undefined ? {} : { when };
  const tools = ['echo', 'large', 'tool*'];
  const others = Array.from({ length: 19 }, (_, i): Rule => {
    const denies = i % 5 === 4;
    return {
      id: `rule-${i}`,
      effect: denies ? 'deny' : 'allow',
      roles: i % 2 === 0 ? ['reader'] : ['writer'],
      servers: [i % 3 === 0 ? 'echo' : `server-${i}`],
      methods: ['tools/call'],
      tools: denies ? ['delete_*', 'drop_*'] : [`get_${i}_*`, 'search'],
      ...condition,
    };
  });
  return {
    roles: { reader: { groups: ['staff'] }, writer: { scopes: ['mcp:write'] } },
    rules: [{ id: 'use', effect: 'allow', roles: ['reader'], servers: ['echo'], tools, ...condition }, ...others],
  };
}
const principals: Principal[] = Array.from({ length: 1000 }, (_, i) =>
  Object.freeze({ id: `iss|user-${i}`, groups: ['staff', `team-${i % 10}`], scopes: i % 3 === 0 ? ['mcp:write'] : [] }),
);
const mounted = (when?: string) =>
  mountPolicy({ section: section(when), asksWhoCalls: true }, { log, now: Date.now }).ports;
const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Microseconds of CPU for one step, the median of rounds of 200 ms after one for the compiler. */
function each(step: (i: number) => void): number {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const [start, wall] = [cpu(), performance.now()];
    let count = 0;
    do for (let k = 0; k < 20; k++) step(count++);
    while (performance.now() - wall < 200);
    return (cpu() - start) / count;
  });
  return median(rounds.slice(1));
}

const targets = Array.from({ length: TOOLS }, (_, i): Target => ({
  method: 'tools/call',
  kind: 'tool',
  server: 'echo',
  name: `tool_${i}`,
}));
const call: Target = { method: 'tools/call', kind: 'tool', server: 'echo', name: 'echo', arguments: { text: 'x' } };
const plain = mounted();
const conditional = mounted("!has(args.text) || args.text != 'y'");

async function open(ports: Partial<GatewayOptions>): Promise<Gateway> {
  const gateway = createGateway({
    upstreams: [
      {
        name: 'echo',
        kind: 'stdio',
        command: process.execPath,
        args: [fixture, 'echo', '--stdio', '--tools', String(TOOLS)],
        env: {},
      },
    ],
    authenticate: () => principals[0]!,
    ...ports,
  });
  await gateway.ready();
  return gateway;
}

const META = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`;
async function ask(gateway: Gateway, method: string, params: string, name?: string): Promise<number> {
  const response = await gateway.fetch(
    new Request('http://127.0.0.1/mcp', {
      method: 'POST',
      headers: {
        host: '127.0.0.1',
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
        ...(name === undefined ? {} : { 'mcp-name': name }),
      },
      body: `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{${params}${META}}}`,
    }),
    { remoteAddress: '127.0.0.1' },
  );
  const text = await response.text();
  if (response.status !== 200 || text.includes('"error"'))
    throw new Error(`${method}: ${response.status} ${text.slice(0, 200)}`);
  return text.length;
}
/** CPU of `count` requests, one after the other, microseconds each. */
async function cost(count: number, one: () => Promise<unknown>): Promise<number> {
  const start = cpu();
  for (let i = 0; i < count; i++) await one();
  return (cpu() - start) / count;
}
async function inTurns(
  count: number,
  without: () => Promise<unknown>,
  withIt: () => Promise<unknown>,
): Promise<[number, number]> {
  const [a, b]: [number[], number[]] = [[], []];
  for (let round = 0; round <= ROUNDS; round++) {
    a.push(await cost(count, without));
    b.push(await cost(count, withIt));
  }
  return [median(a.slice(1)), median(b.slice(1))];
}

const bare = await open({});
const guarded = await open(plain);
const toolCall = (gateway: Gateway) => () =>
  ask(gateway, 'tools/call', '"name":"echo__echo","arguments":{"text":"x"},', 'echo__echo');
const list = (gateway: Gateway) => () => ask(gateway, 'tools/list', '');
const micro: [string, number][] = [
  ['`decide` for a call, 1,000 principals', each((i) => void plain.decide(principals[i % 1000]!, call, '127.0.0.1'))],
  [
    'the same with a condition on its arguments',
    each((i) => void conditional.decide(principals[i % 1000]!, call, '127.0.0.1')),
  ],
  [`\`sees\` for a list of ${TOOLS} tools`, each((i) => void plain.sees(principals[i % 1000]!, targets, '127.0.0.1'))],
  [
    '`knows` and `viewKey`, once for each list',
    each((i) => void (plain.knows(principals[i % 1000]!, 'echo'), plain.viewKey(principals[i % 1000]!))),
  ],
];
const [callBare, callGuarded] = await inTurns(1500, toolCall(bare), toolCall(guarded));
const [listBare, listGuarded] = await inTurns(150, list(bare), list(guarded));
await Promise.all([bare.close(), guarded.close()]);
const us = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
console.log(`### The policy as it is mounted

Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model}, shared with other work; 20 rules, median of ${ROUNDS} rounds in turns. Microseconds of CPU of the gateway's process.

| | us |
| --- | --- |
${micro.map(([what, value]) => `| ${what} | ${us(value)} |`).join('\n')}

| through the whole gateway, in process, one after the other | without | with | ratio |
| --- | --- | --- | --- |
| \`tools/call\` to a process that echoes | ${us(callBare)} | ${us(callGuarded)} | ${(callGuarded / callBare).toFixed(2)} |
| \`tools/list\`, ${TOOLS} tools, warm | ${us(listBare)} | ${us(listGuarded)} | ${(listGuarded / listBare).toFixed(2)} |

\`node --conditions=@sekisho/source apps/gateway/bench/policy.ts\``);
process.exit(0);
