import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENVELOPE, modern, openHouse, openSession } from '../edge/raw-client.ts';
import type { House, Sent } from '../edge/raw-client.ts';
import { startRawHttp } from '../fixtures/servers/raw/http.ts';
import type { RawHttp } from '../fixtures/servers/raw/http.ts';
import { STRANGE_ARGUMENTS, STRANGE_RESULTS, unknownEverything } from '../fixtures/servers/unknown-everything.ts';

type Era = 'modern' | 'legacy';
const ERAS: readonly Era[] = ['modern', 'legacy'];

/** JSON whose text no parser and writer would give back: numbers, escapes, blanks, order. */
const scalar = fc.oneof(
  fc.constantFrom('9007199254740993', '-0', '1.0', '1E+2', '12345678901234567890.12', 'null', 'true'),
  fc.constantFrom(
    String.raw`"\u0061\/"`,
    String.raw`"\ud83d\ude00"`,
    '"é😀"',
    String.raw`"\\\""`,
    '"data: x"',
    String.raw`"\n\n"`,
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => JSON.stringify(text.toWellFormed())),
);
const key = fc.oneof(
  fc.constantFrom('z', 'a', 'later', 'com.example/x', 'toString', '键'),
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 6 }).map((text) => `k${text}`),
);
const { value: strange } = fc.letrec<{ value: string; object: string }>((tie) => ({
  object: fc
    .uniqueArray(fc.tuple(key, tie('value')), { selector: ([name]) => name, maxLength: 4 })
    .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}: ${value}`).join(' ,')}}`),
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
  ),
}));
const members = fc
  .uniqueArray(fc.tuple(key, strange), { selector: ([name]) => name, maxLength: 4 })
  .map((pairs) => pairs.map(([name, value]) => `${JSON.stringify(name)} : ${value}`).join(','));

describe.each(ERAS)('a %s server', (upstream) => {
  let result = '';
  let house: House;
  let server: RawHttp;

  beforeAll(async () => {
    const fixture = unknownEverything();
    const call = fixture.methods['tools/call']!;
    server = await startRawHttp(
      {
        ...fixture,
        methods: {
          ...fixture.methods,
          'tools/call': (given) =>
            given.params['name'] === 'repeat_request'
              ? `{${upstream === 'modern' ? '"resultType":"complete",' : ''}${result}}`
              : call(given),
        },
      },
      { eras: [upstream] },
    );
    house = await openHouse({
      upstreams: [{ name: 's', kind: 'http', url: server.url, transport: 'streamable-http', headers: {} }],
    });
  });
  afterAll(async () => {
    await house.close();
    await server.close();
  });

  async function request(client: Era, name: string, args: string, more = ''): Promise<string> {
    const inner = `"name":"s__${name}"${more === '' ? '' : `,${more}`},"arguments":${args}`;
    const sent: Sent =
      client === 'modern'
        ? {
            ...modern('tools/call', `"name":"s__${name}"`),
            body: `{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/call","params":{${inner},${ENVELOPE}}}`,
          }
        : {
            headers: await openSession(house.doors[0]!),
            body: `{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/call","params":{${inner}}}`,
          };
    const { text, status } = await house.doors[0]!.send(sent);
    expect({ status, text }).toMatchObject({ status: 200 });
    expect(text).toContain('"id":9007199254740993');
    return text;
  }

  it.each(ERAS)('CHK-18: gets every byte of arguments and unknown parameters of a %s client', async (client) => {
    result = '"content":[]';
    const last = (): string => server.requests.findLast(({ body }) => body.includes('"tools/call"'))!.body;
    await request(client, 'repeat_request', STRANGE_ARGUMENTS);
    expect(last()).toContain(`"arguments":${STRANGE_ARGUMENTS}`);
    await fc.assert(
      fc.asyncProperty(members, members, async (args, more) => {
        const extra = more === '' ? '' : `"x-later": {${more}}`;
        await request(client, 'repeat_request', `{${args}}`, extra);
        expect(last()).toContain(`"arguments":{${args}}`);
        if (extra !== '') expect(last()).toContain(extra);
      }),
      { numRuns: 60 },
    );
  });

  it.each(ERAS)('CHK-18: has every byte of its results come to a %s client', async (client) => {
    for (const [name, text] of Object.entries(STRANGE_RESULTS)) {
      const got = await request(client, name, '{}');
      // Of the result only its own _meta may grow, by the gateway's identity; blanks between its members may go.
      for (const part of text.split(/,?"_meta":\{"com.example.*$|, {2}(?=")/))
        if (!text.includes('"structuredContent"')) expect(got).toContain(part);
      if (client === upstream && client === 'legacy')
        expect(got).toBe(`{"jsonrpc":"2.0","id":9007199254740993,"result":{${text}}}`);
    }
    await fc.assert(
      fc.asyncProperty(members, members, fc.constantFrom(0, 20_000), async (later, block, padding) => {
        const content = `[{"type":"hologram","later": {${block}}},{"type":"text", "text":"${'x'.repeat(padding)}"}]`;
        result = `"content":${content},"x-later": {${later}}`;
        const got = await request(client, 'repeat_request', '{}');
        // Between the eras members are put together anew, each with its own bytes.
        expect(got).toContain(`"content":${content}`);
        expect(got).toContain(`"x-later": {${later}}`);
        if (client === upstream && client === 'legacy')
          expect(got).toBe(`{"jsonrpc":"2.0","id":9007199254740993,"result":{${result}}}`);
      }),
      { numRuns: 60 },
    );
  });
});
