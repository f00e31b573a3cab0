import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadObject } from '../config/load-fixture.ts';
import { composed, type Composed } from '../support/composed.ts';
import { leaksIn, planted, sentence, startLeakyServer } from '../support/leaky-server.ts';
import { startAskingServer } from '../support/asking-server.ts';
import { legacyAsk, modernAsk, openSession, send, type Ask } from '../support/mcp-client.ts';
import type { RawHttp } from '../support/raw-server.ts';
import { writtenIn } from '../support/written-in.ts';

const capabilities = { elicitation: {}, sampling: {} };

type Household = Composed & { readonly server: RawHttp; readonly asks: Readonly<Record<'modern' | 'legacy', Ask>> };

async function start(pii: object | undefined, say = sentence, more: object = {}): Promise<Household> {
  const server = await startLeakyServer(say);
  onTestFinished(() => server.close());
  const gateway = await composed(
    await loadObject({
      mcpServers: { leaky: { url: server.url, ...more } },
      ...(pii === undefined ? {} : { 'x-sekisho': { pii } }),
    }),
  );
  const session = await openSession(gateway.port, gateway.who, capabilities);
  opened = session.got.text;
  return {
    ...gateway,
    server,
    asks: {
      modern: modernAsk(gateway.port, gateway.who, capabilities),
      legacy: legacyAsk(gateway.port, session.headers),
    },
  };
}
let opened = '';

/** Every method through which a server's words come to a client. */
const everything: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
  ['a result', 'tools/call', { name: 'leaky__say', arguments: {}, _meta: { progressToken: 'p' } }],
  ['an error', 'tools/call', { name: 'leaky__fail', arguments: {}, _meta: { progressToken: 'p' } }],
  ['a prompt', 'prompts/get', { name: 'leaky__say' }],
  ['a resource', 'resources/read', { uri: 'sekisho://leaky/note://1' }],
  [
    'a completion',
    'completion/complete',
    { ref: { type: 'ref/prompt', name: 'leaky__say' }, argument: { name: 'a', value: 'b' } },
  ],
];
const lists = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'];

describe('R-51: what a server says', () => {
  test('without a section and without secrets goes on as it is', async () => {
    const { asks, composition } = await start(undefined);
    for (const ask of Object.values(asks)) expect(leaksIn((await ask(...args('a result'))).text)).not.toEqual([]);
    expect(composition.gateway.status().upstreams).toHaveLength(1);
  });

  test('is masked on every method, in both eras, in errors, progress and log messages', async () => {
    const { asks, logged, folder, composition } = await start({ descriptions: true });
    expect(opened).toContain('Instructions.');
    expect(leaksIn(opened)).toEqual([]);
    for (const [era, ask] of Object.entries(asks)) {
      for (const [what, method, params] of everything) {
        const { text } = await ask(method, params);
        expect(text, `${what}, ${era}`).toContain('[EMAIL]');
        expect(leaksIn(text), `${what}, ${era}: ${text}`).toEqual([]);
      }
      for (const method of lists) {
        const { text } = await ask(method);
        expect(text, `${method}, ${era}`).toContain('[EMAIL]');
        expect(leaksIn(text), `${method}, ${era}: ${text}`).toEqual([]);
      }
    }
    // The address of a resource is on the record of who read it.
    await asks.modern('resources/read', { uri: `sekisho://leaky/note://${planted.email}` });
    const asked = await asks.modern('tools/call', { name: 'leaky__ask', arguments: {} });
    expect(asked.text).toContain('inputRequests');
    expect(asked.text).toContain('[EMAIL]');
    expect(leaksIn(asked.text)).toEqual([]);
    await composition.close();
    expect(leaksIn(logged())).toEqual([]);
    const written = await writtenIn(join(folder, 'state'));
    expect(leaksIn(written)).toEqual([]);
  });

  test('comes through byte for byte where there is nothing in it', async () => {
    const say = 'Nothing of anybody: 2026-11-23, 17 of 4096, v1.2.3, 日本語 and caf\u00e9.';
    const masked = await start({ descriptions: true }, say);
    const plain = await start(undefined, say);
    for (const era of ['modern', 'legacy'] as const) {
      for (const [what, method, params] of everything)
        expect((await masked.asks[era](method, params)).text, `${what}, ${era}`).toBe(
          (await plain.asks[era](method, params)).text,
        );
      for (const method of lists)
        expect((await masked.asks[era](method)).text).toBe((await plain.asks[era](method)).text);
    }
  });

  test('is refused where it is too large to be looked at', async () => {
    const { asks } = await start({ maxScanBytes: 65_536 }, 'x '.repeat(60_000));
    for (const ask of Object.values(asks)) {
      const { message, text } = await ask(...args('a result'));
      expect(message.error?.code).toBe(-31422);
      expect(text).not.toContain('x x x x');
    }
  });
});

describe('R-51: what a client sends', () => {
  const sent = (server: RawHttp): string => server.requests.map(({ body }) => body).join('\n');

  test('is what somebody typed, but a secret stops the call, and it is on no record', async () => {
    const { asks, server, folder, composition, logged } = await start({});
    for (const ask of Object.values(asks)) {
      await ask('tools/call', { name: 'leaky__say', arguments: { to: planted.email } });
      expect(sent(server)).toContain(planted.email);
      const refused = await ask('tools/call', { name: 'leaky__say', arguments: { q: `use ${planted.token}` } });
      expect(refused.message.error?.code).toBe(-31422);
      expect(refused.text).toContain('SECRET');
      const half = await ask('completion/complete', {
        ref: { type: 'ref/prompt', name: 'leaky__say' },
        argument: { name: 'a', value: planted.token },
      });
      expect(half.message.error?.code).toBe(-31422);
    }
    expect(sent(server)).not.toContain(planted.token);
    await composition.close();
    expect(leaksIn(logged())).toEqual([]);
    expect(leaksIn(await writtenIn(join(folder, 'state')))).toEqual([]);
  });

  test('is masked where a rule says so: arguments, completions, answers to questions', async () => {
    const { asks, server } = await start({ policy: { rules: [{ direction: 'to-tool', action: 'redact' }] } });
    const ref = { type: 'ref/prompt', name: 'leaky__say' };
    for (const ask of Object.values(asks)) {
      await ask('tools/call', { name: 'leaky__say', arguments: { q: sentence, deep: [{ q: sentence }] } });
      await ask('prompts/get', { name: 'leaky__say', arguments: { q: sentence } });
      await ask('completion/complete', {
        ref,
        argument: { name: 'a', value: sentence },
        context: { arguments: { b: sentence } },
      });
    }
    const first = await asks.modern('tools/call', { name: 'leaky__ask', arguments: {} });
    const { requestState } = first.message.result as { requestState: string };
    await asks.modern('tools/call', {
      name: 'leaky__ask',
      arguments: {},
      requestState,
      inputResponses: {
        form: { action: 'accept', content: { who: sentence } },
        model: { role: 'assistant', content: { type: 'text', text: sentence }, model: 'm' },
      },
    });
    expect(sent(server)).toContain('inputResponses');
    expect(sent(server).match(/\[EMAIL\]/g)!.length).toBeGreaterThanOrEqual(12);
    expect(leaksIn(sent(server))).toEqual([]);
  });
});

describe('R-51: a question of a legacy server to a legacy client', () => {
  const policy = {
    rules: [
      { direction: 'to-tool', action: 'redact' },
      // Shows what the server was told; the question itself belongs to no tool.
      { direction: 'to-model', tool: 'ask', action: 'allow' },
    ],
  };
  test.each([
    ['an answer', { result: { action: 'accept', content: { who: sentence } } }],
    ['an error', { error: { code: -1, message: sentence, data: { why: sentence } } }],
  ])('is masked, and so is %s', async (_what, reply) => {
    const asking = await startAskingServer({
      method: 'elicitation/create',
      params: {
        message: sentence,
        requestedSchema: { type: 'object', properties: { who: { type: 'string', description: sentence } } },
      },
    });
    onTestFinished(() => asking.close());
    const { port, who } = await composed(
      await loadObject({ mcpServers: { asks: { url: asking.url } }, 'x-sekisho': { pii: { policy } } }),
    );
    const { headers } = await openSession(port, who, capabilities);
    let heard = '';
    let answered: Promise<unknown> | undefined;
    const got = await legacyAsk(port, headers)(
      'tools/call',
      { name: 'asks__ask', arguments: {} },
      {
        onText: (text) => {
          heard += text;
          const question = /^data: (\{.*elicitation\/create.*\})$/m.exec(heard)?.[1];
          if (question === undefined || answered !== undefined) return;
          const { id } = JSON.parse(question) as { id: string };
          expect(question).toContain('[EMAIL]');
          expect(leaksIn(question)).toEqual([]);
          answered = send(port, { headers, body: JSON.stringify({ jsonrpc: '2.0', id, ...reply }) });
        },
      },
    );
    await answered;
    expect(got.text).toContain('told');
    expect(got.text).toContain('[EMAIL]');
    expect(leaksIn(got.text)).toEqual([]);
  });
});

describe('R-51: tokens', () => {
  const section = {
    policy: {
      rules: [{ labels: ['EMAIL', 'CREDIT_CARD'], direction: 'to-model', action: 'tokenize' }],
      restore: [{ labels: ['EMAIL'], server: 'leaky', tool: 'say' }],
    },
  };
  const tokenIn = (text: string, label: string): string =>
    new RegExp(`\\[\\[${label}:[\\w-]+\\]\\]`).exec(JSON.stringify(JSON.parse(`{"t":${JSON.stringify(text)}}`)))![0];

  test('become values again only where the rule says so, in both eras, and never on the record', async () => {
    const { asks, server, folder, composition, logged } = await start(section);
    for (const ask of Object.values(asks)) {
      const got = (await ask(...args('a result'))).text;
      expect(leaksIn(got)).toEqual([]);
      const email = tokenIn(got, 'EMAIL');
      const card = tokenIn(got, 'CREDIT_CARD');
      const before = server.requests.length;
      const answer = await ask('tools/call', { name: 'leaky__say', arguments: { to: email, card } });
      expect(leaksIn(answer.text)).toEqual([]);
      const body = server.requests
        .slice(before)
        .map((one) => one.body)
        .join('\n');
      expect(body).toContain(`"to":"${planted.email}"`);
      expect(body).toContain(`"card":"${card}"`);
      // Another tool of the same server may not have it.
      await ask('tools/call', { name: 'leaky__fail', arguments: { to: email } });
      expect(server.requests.at(-1)!.body).toContain(`"to":"${email}"`);
    }
    expect(composition.gateway.status().upstreams).toHaveLength(1);
    await composition.close();
    expect(logged()).toContain('tokens were sent to a server that does not get their values');
    expect(leaksIn(logged())).toEqual([]);
    expect(leaksIn(await writtenIn(join(folder, 'state')))).toEqual([]);
  });

  test('outlive a restart by the key in the state folder, which only its owner reads', async () => {
    const { openPiiKeys } = await import('../../src/mount/pii-keys.ts');
    const { folderOf } = await import('../config/load-fixture.ts');
    const { stat, writeFile } = await import('node:fs/promises');
    const folder = await folderOf({});
    const made = await Promise.all(
      Array.from({ length: 8 }, () => openPiiKeys({ key: undefined, previousKeys: [] }, folder)),
    );
    for (const keys of made) expect(keys).toEqual(made[0]);
    expect((await stat(join(folder, 'pii.key'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['pii.key']);
    const given = await openPiiKeys({ key: 'k'.repeat(40), previousKeys: ['o'.repeat(40)] }, folder);
    expect(given.tokens).toHaveLength(2);
    expect(given.tokens[0]).not.toEqual(made[0]!.tokens[0]);
    await writeFile(join(folder, 'pii.key'), 'too short');
    await expect(openPiiKeys({ key: undefined, previousKeys: [] }, folder)).rejects.toThrow(/no key of the masking/);
  });
});

describe('R-50: secrets of the configuration', () => {
  const secret = 'planted-In-Config-0815';
  const forms = [
    secret,
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    Buffer.from(secret).toString('hex'),
  ];

  test.each([
    ['a header that is named like one', { headers: { 'x-api-key': secret } }],
    ['a header of a scheme', { headers: { authorization: `Bearer ${secret}` } }],
  ])('from %s are masked in everything, with no section', async (_name, more) => {
    const { asks, server, logged, folder, composition } = await start(
      undefined,
      `${forms.join(' and ')} of ${planted.email}`,
      more,
    );
    for (const form of forms) expect(opened).not.toContain(form);
    for (const [era, ask] of Object.entries(asks)) {
      for (const [what, method, params] of everything) {
        const { text } = await ask(method, params);
        for (const form of forms) expect(text, `${what}, ${era}`).not.toContain(form);
      }
      for (const method of lists) for (const form of forms) expect((await ask(method)).text).not.toContain(form);
      const refused = await ask('tools/call', { name: 'leaky__say', arguments: { deep: [{ q: `x${secret}y` }] } });
      expect(refused.message.error?.code).toBe(-31422);
    }
    expect(server.requests.map(({ body }) => body).join('\n')).not.toContain(secret);
    expect((await asks.modern(...args('a result'))).text).toContain(planted.email);
    await composition.close();
    for (const form of forms) {
      expect(logged()).not.toContain(form);
      expect(await writtenIn(join(folder, 'state'))).not.toContain(form);
    }
  });

  test('stay masked where the section allows everything', async () => {
    const allow = { policy: { rules: [{ action: 'allow' }], otherwise: 'allow' } };
    const { asks } = await start(allow, `${secret} of ${planted.email}`, { headers: { 'x-api-key': secret } });
    const { text } = await asks.modern(...args('a result'));
    expect(text).toContain(planted.email);
    expect(text).not.toContain(secret);
  });

  test('do not take ordinary words out of what servers say', async () => {
    const { asks } = await start(undefined, 'postgres is a database', { headers: { 'x-api-key': 'postgres' } });
    expect((await asks.modern(...args('a result'))).text).toContain('postgres is a database');
  });
});

function args(what: string): [string, Readonly<Record<string, unknown>>] {
  const [, method, params] = everything.find(([name]) => name === what)!;
  return [method, params];
}
