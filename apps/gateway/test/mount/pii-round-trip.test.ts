import { readFile } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadObject } from '../config/load-fixture.ts';
import { composed } from '../support/composed.ts';
import { legacyAsk, modernAsk, openSession } from '../support/mcp-client.ts';
import { listResult, result, startRawHttp, textResult, type RawHttp } from '../support/raw-server.ts';

type Schema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly Schema[];
};
type Tool = { readonly name: string; readonly inputSchema: Schema };

/** What the official servers answered to `tools/list`. */
const lists = JSON.parse(
  await readFile(new URL('../../../../packages/pii/test/fixtures/tool-lists.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, readonly Tool[]>>;

const planted = [
  'jane.doe@acme-corp.com',
  '4111 1111 1111 1111',
  '536-90-4399',
  '+1 415 555 2671',
  'DE89370400440532013000',
  'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
];
const number = 4_111_111_111_111_111;
const leaksIn = (text: string): string[] => [...planted, String(number)].filter((value) => text.includes(value));

/** Arguments of a schema, every member given, with the next planted value in each place for text. */
function argumentsFor(schema: Schema, next: () => string, key = ''): unknown {
  if (schema.anyOf !== undefined) return argumentsFor(schema.anyOf[0]!, next, key);
  if (schema.enum !== undefined) return schema.enum[0];
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, one]) => [name, argumentsFor(one, next, name)]),
      );
    case 'array':
      return [0, 1].map(() => argumentsFor(schema.items ?? { type: 'string' }, next, key));
    case 'number':
    case 'integer':
      return schema.minimum ?? schema.maximum ?? (/id$/i.test(key) ? 7 : number);
    case 'boolean':
      return true;
    default:
      return `a "quoted"\n${next()} é`;
  }
}

/** Servers by name: the tools are given, and each says that it was called. */
async function serve(name: string, tools: readonly Tool[], say?: (args: unknown) => object): Promise<RawHttp> {
  const server = await startRawHttp({
    name,
    capabilities: { tools: {} },
    methods: {
      'tools/list': ({ era }) => listResult(era, 'tools', tools),
      'tools/call': ({ era, params }) =>
        say === undefined ? textResult(era, 'done') : result(era, { content: [], ...say(params['arguments']) }),
    },
  });
  onTestFinished(() => server.close());
  return server;
}

const anything: Schema = { type: 'object' };

describe.each(['self-describing', 'look-alike'])('R-51: %s tokens through the gateway', (style) => {
  test.each(Object.entries(lists))(
    'what a model was given instead of values is what every tool of %s gets as values, and no other server',
    { timeout: 60_000 },
    async (name, tools) => {
      let at = 0;
      const next = (): string => planted[(at += 1) % planted.length]!;
      const given = new Map(tools.map((tool) => [tool.name, argumentsFor(tool.inputSchema, next)]));
      const own = await serve(name, tools);
      const source = await serve('source', [{ name: 'give', inputSchema: anything }], (args) => ({
        structuredContent: { found: given.get((args as { tool: string }).tool) },
      }));
      const other = await serve('other', [{ name: 'take', inputSchema: anything }]);
      const { port, who, composition } = await composed(
        await loadObject({
          mcpServers: { own: { url: own.url }, source: { url: source.url }, other: { url: other.url } },
          'x-sekisho': {
            pii: {
              tokens: { style },
              policy: {
                rules: [
                  { direction: 'to-model', action: 'tokenize' },
                  { direction: 'to-tool', action: 'allow' },
                ],
                restore: [{ server: 'own' }],
              },
            },
          },
        }),
      );
      const { headers } = await openSession(port, who);
      let masked = 0;
      for (const ask of [modernAsk(port, who), legacyAsk(port, headers)]) {
        for (const tool of tools) {
          const got = await ask('tools/call', { name: 'source__give', arguments: { tool: tool.name } });
          expect(leaksIn(got.text), `${tool.name}: ${got.text}`).toEqual([]);
          const { found } = (got.message.result as { structuredContent: { found: unknown } }).structuredContent;
          if (JSON.stringify(found) !== JSON.stringify(given.get(tool.name))) masked += 1;
          await ask('tools/call', { name: `own__${tool.name}`, arguments: found });
          const { params } = JSON.parse(own.requests.at(-1)!.body) as { params: { name: string; arguments: unknown } };
          expect(params.name).toBe(tool.name);
          expect(params.arguments).toEqual(given.get(tool.name));
          await ask('tools/call', { name: 'other__take', arguments: found });
          const { body } = other.requests.at(-1)!;
          expect((JSON.parse(body) as { params: { arguments: unknown } }).params.arguments).toEqual(found);
        }
      }
      expect(masked).toBeGreaterThan(0);
      expect(leaksIn(other.requests.map(({ body }) => body).join('\n'))).toEqual([]);
      expect(composition.gateway.status().upstreams).toHaveLength(3);
    },
  );
});
