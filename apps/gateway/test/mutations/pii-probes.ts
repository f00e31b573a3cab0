import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createLog } from '../../src/cli/log.ts';
import { compose, type Composition } from '../../src/compose.ts';
import type { LoadedConfig } from '../../src/config/load.ts';
import { createSecretSet } from '../../src/config/secret-set.ts';
import { piiSection, type PiiSection } from '../../src/mount/pii-section.ts';
import { startAskingServer } from '../support/asking-server.ts';
import { leaksIn, planted, sentence, startLeakyServer } from '../support/leaky-server.ts';
import { legacyAsk, modernAsk, openSession, send, type Ask } from '../support/mcp-client.ts';
import type { RawHttp } from '../support/raw-server.ts';

type Who = Readonly<Record<string, string>>;
/** True where nothing got through that the rule behind the probe holds back. */
type Probe = () => Promise<boolean>;
type Room = {
  readonly ask: Ask;
  readonly port: number;
  readonly server: RawHttp;
  readonly composition: Composition;
  readonly configOf: (section: object | undefined) => LoadedConfig;
};

const SECRET = 'planted-In-Config-0815';
const capabilities = { elicitation: {}, sampling: {} };
const say = { name: 'leaky__say', arguments: {}, _meta: { progressToken: 'p' } };
const redact = { policy: { rules: [{ direction: 'to-tool', action: 'redact' }] } };

function configOf(url: string, section: object | undefined, secrets: readonly string[]): LoadedConfig {
  const set = createSecretSet();
  for (const secret of secrets) set.add(secret);
  const name = 'leaky';
  return {
    file: '/sekisho.jsonc',
    files: new Map(),
    problems: [],
    secrets: set,
    settings: section === undefined ? {} : { pii: piiSection.parse(section) satisfies PiiSection },
    servers: [
      {
        name,
        place: { file: '/sekisho.jsonc', line: 1, column: 1 },
        problems: [],
        spec: { name, kind: 'http', url, transport: 'streamable-http', headers: {} },
      },
    ],
  };
}

async function inComposition(
  server: { readonly url: string; close(): Promise<void> },
  section: object | undefined,
  secrets: readonly string[],
  probe: (composition: Composition, port: number, who: Who) => Promise<boolean>,
): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-pii-probe-'));
  const quiet = (): void => undefined;
  const composition = await compose(configOf(server.url, section, secrets), {
    version: '0',
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    cacheFolder: join(folder, 'cache'),
    stateFolder: join(folder, 'state'),
    now: Date.now,
  });
  composition.server.listen(0, '127.0.0.1');
  await once(composition.server, 'listening');
  await composition.gateway.ready();
  try {
    const who = { authorization: `Bearer ${composition.newLocalKey}` };
    return await probe(composition, (composition.server.address() as AddressInfo).port, who);
  } finally {
    await composition.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const inRoom =
  (
    section: object | undefined,
    probe: (room: Room) => Promise<boolean>,
    words = sentence,
    secrets: string[] = [],
  ): Probe =>
  async () => {
    const server = await startLeakyServer(words);
    return await inComposition(server, section, secrets, (composition, port, who) =>
      probe({
        ask: modernAsk(port, who, capabilities),
        port,
        server,
        composition,
        configOf: (other) => configOf(server.url, other, secrets),
      }),
    );
  };
const clean = (section: object, method: string, params: Readonly<Record<string, unknown>>): Probe =>
  inRoom(section, async ({ ask }) => {
    const { text } = await ask(method, params);
    return text.includes('[EMAIL]') && leaksIn(text).length === 0;
  });
const sent = (server: RawHttp): string => server.requests.map(({ body }) => body).join('\n');
const arrivesClean = (section: object, method: string, params: Readonly<Record<string, unknown>>): Probe =>
  inRoom(section, async ({ ask, server }) => {
    await ask(method, params);
    return sent(server).includes('[EMAIL]') && leaksIn(sent(server)).length === 0;
  });
const withSecret = (
  section: object | undefined,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
): Probe =>
  inRoom(section, async ({ ask }) => !(await ask(method, params)).text.includes(SECRET), `say ${SECRET}`, [SECRET]);

const tokens = {
  policy: {
    rules: [{ labels: ['EMAIL'], direction: 'to-model', action: 'tokenize' }],
    restore: [{ labels: ['EMAIL'], server: 'leaky', tool: 'say' }],
  },
};
const tokenIn = (text: string): string => /\[\[EMAIL:[\w-]+\]\]/.exec(text)![0];

/** A question of a legacy server, and what the server was told. */
const question = (
  reply: object,
  judge: (asked: string, told: string) => boolean,
  rules: readonly object[] = [{ direction: 'to-tool', action: 'redact' }],
): Probe => {
  return async () => {
    const asking = await startAskingServer({
      method: 'elicitation/create',
      params: { message: sentence, requestedSchema: { type: 'object', properties: {} } },
    });
    const section = { policy: { rules: [...rules, { direction: 'to-model', tool: 'ask', action: 'allow' }] } };
    return await inComposition(asking, section, [], async (_composition, port, who) => {
      const { headers } = await openSession(port, who, capabilities);
      let heard = '';
      let asked = '';
      const got = await legacyAsk(port, headers)(
        'tools/call',
        { name: 'leaky__ask', arguments: {} },
        {
          onText: (text) => {
            heard += text;
            const found = /^data: (\{.*elicitation\/create.*\})$/m.exec(heard)?.[1];
            if (found === undefined || asked !== '') return;
            asked = found;
            const { id } = JSON.parse(found) as { id: string };
            void send(port, { headers, body: JSON.stringify({ jsonrpc: '2.0', id, ...reply }) });
          },
        },
      );
      return asked !== '' && judge(asked, got.text);
    });
  };
};
const isClean = (text: string): boolean => text.includes('[EMAIL]') && leaksIn(text).length === 0;

export const probes: Readonly<Record<string, Probe>> = {
  result: clean({}, 'prompts/get', { name: 'leaky__say' }),
  error: clean({}, 'tools/call', { ...say, name: 'leaky__fail', _meta: {} }),
  progress: clean({}, 'tools/call', say),
  descriptions: clean({ descriptions: true }, 'tools/list', {}),
  lists: clean({ descriptions: true }, 'tools/list', {}),
  instructions: inRoom({ descriptions: true }, async ({ ask }) => isClean((await ask('server/discover')).text)),
  secret: withSecret(undefined, 'tools/call', say),
  secretDespiteRules: withSecret({ policy: { rules: [{ action: 'allow' }], otherwise: 'allow' } }, 'tools/call', say),
  secretInLists: withSecret({}, 'tools/list'),
  arguments: arrivesClean(redact, 'tools/call', { name: 'leaky__say', arguments: { q: sentence } }),
  completion: arrivesClean(redact, 'completion/complete', {
    ref: { type: 'ref/prompt', name: 'leaky__say' },
    argument: { name: 'a', value: sentence },
  }),
  block: inRoom({}, async ({ ask, server }) => {
    const got = await ask('tools/call', { name: 'leaky__say', arguments: { q: planted.token } });
    return got.message.error?.code === -31422 && !sent(server).includes(planted.token);
  }),
  large: inRoom(
    { maxScanBytes: 65_536 },
    async ({ ask }) => (await ask('prompts/get', { name: 'leaky__say' })).message.error?.code === -31422,
    'x '.repeat(60_000),
  ),
  largeAnswer: inRoom(
    {},
    async ({ ask }) => isClean((await ask('prompts/get', { name: 'leaky__say' })).text),
    `${'nothing here. '.repeat(4000)}${sentence}`,
  ),
  reload: inRoom(undefined, async ({ ask, composition, configOf: other }) => {
    await composition.reload(other({}));
    return isClean((await ask('prompts/get', { name: 'leaky__say' })).text);
  }),
  token: inRoom(tokens, async ({ ask, server }) => {
    const token = tokenIn((await ask('tools/call', say)).text);
    await ask('tools/call', { name: 'leaky__say', arguments: { to: token } });
    return sent(server).includes(planted.email);
  }),
  tokenOfAnotherTool: inRoom(tokens, async ({ ask, server }) => {
    const token = tokenIn((await ask('tools/call', say)).text);
    await ask('tools/call', { name: 'leaky__fail', arguments: { to: token } });
    return sent(server).includes(token) && !sent(server).includes(planted.email);
  }),
  tokenOfAnother: async () => {
    const { toServer, toClient } = await import('../../src/mount/pii-filter.ts');
    const { sectionMasker } = await import('../../src/mount/pii-maskers.ts');
    const { openPiiKeys } = await import('../../src/mount/pii-keys.ts');
    const section = piiSection.parse(tokens);
    const keys = await openPiiKeys({ key: 'k'.repeat(32), previousKeys: [] }, '/nowhere');
    const masker = sectionMasker(section, [], keys, Date.now);
    const masking = { masker, listings: undefined, restores: true, maxScan: 1e6 };
    const counts = { masked: 0, blocked: 0, restored: 0, refused: 0 };
    const quiet = (): void => undefined;
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const target = { method: 'tools/call', kind: 'tool', server: 'leaky', name: 'say' } as const;
    const message = `{"jsonrpc":"2.0","id":1,"result":{"to":"${planted.email}"}}`;
    const masked = await toClient(masking, counts)(message, { principal: { id: 'a' }, target });
    const args = JSON.stringify({ to: tokenIn(JSON.stringify(masked)) });
    const back = toServer(masking, counts, log);
    const own = await back(args, { principal: { id: 'a' }, target });
    const others = await back(args, { principal: { id: 'b' }, target });
    return typeof own === 'string' && own.includes(planted.email) && others === args;
  },
  question: question({ result: { action: 'decline' } }, (asked) => isClean(asked)),
  answer: question({ result: { action: 'accept', content: { who: sentence } } }, (_asked, told) => isClean(told)),
  refusedQuestion: question({ error: { code: -1, message: sentence } }, (_asked, told) => isClean(told)),
  besideQuestions: inRoom({}, async ({ ask }) => {
    const { text } = await ask('tools/call', { name: 'leaky__ask', arguments: {} });
    return text.includes('inputRequests') && isClean(text);
  }),
  log: async () => {
    let written = '';
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        written += String(chunk);
        done();
      },
    });
    const secrets = createSecretSet();
    secrets.add(SECRET);
    createLog(stream, 'warn', secrets).warn({ error: sentence, deep: { text: SECRET } }, sentence);
    return isClean(written) && !written.includes(SECRET);
  },
};

/** Runs probes and gives the names of those that failed. */
export async function failing(names: readonly string[]): Promise<string[]> {
  const failed: string[] = [];
  for (const name of names) if (!(await probes[name]!().catch(() => false))) failed.push(name);
  return failed;
}

// As a program: prints the names that failed, as JSON.
if (process.argv[1] === import.meta.filename) {
  process.stdout.write(JSON.stringify(await failing(process.argv.slice(2))));
  process.exit(0);
}
