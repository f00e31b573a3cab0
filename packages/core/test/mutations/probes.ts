import { startEchoHttp } from '../fixtures/servers/echo.ts';
import { startRawHttp } from '../fixtures/servers/raw/http.ts';
import { MODERN, modern, openHouse, openSession } from '../edge/raw-client.ts';
import type { Got, House, Sent } from '../edge/raw-client.ts';
import { eraProbes } from './era-probes.ts';
import { parkedProbes } from './parked-probes.ts';

/** True where the gateway did what the rule behind the probe demands. */
type Probe = (house: House) => Promise<boolean>;

const call = modern('tools/call', '"name":"s__t","arguments":{"region":"eu"}', { 'mcp-param-region': 'eu' });
const text = call.body as string;
const list = modern('tools/list');
const as = (token: string): Record<string, string> => ({ authorization: token });
const codeOf = ({ text: body }: Got): number | undefined =>
  body === '' ? undefined : (JSON.parse(body) as { error?: { code: number } }).error?.code;

/** Sends by `node:http`, and expects a status and a code. */
const refused =
  (sent: Sent, status: number, code?: number): Probe =>
  async ({ doors }) => {
    const got = await doors[0]!.send({ ...sent, headers: { ...as('a'), ...sent.headers } });
    return got.status === status && (code === undefined || codeOf(got) === code);
  };
const body = (from: string, to: string): Sent => ({ ...call, body: text.replace(from, to) });
const head = (changed: Record<string, string | undefined>): Sent => ({
  ...call,
  headers: { ...call.headers, ...changed },
});
const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

/** In a session of the one revision that has batches. */
const refusedInSession =
  (sent: Sent): Probe =>
  async ({ doors }) => {
    const session = await openSession(doors[0]!, '2025-03-26', as('a'));
    const got = await doors[0]!.send({ ...sent, headers: { ...session, ...sent.headers } });
    return got.status === 400 && codeOf(got) === -32600;
  };

export const probes: Readonly<Record<string, Probe>> = {
  ...parkedProbes,
  ...eraProbes,
  served: refused(call, 200),
  mark: refused({ ...call, body: `\ufeff${text}` }, 400, -32700),
  utf8: refused({ ...call, body: Buffer.from(text.replace('eu', 'é'), 'latin1') }, 400, -32700),
  depth: refused(body('"eu"', '['.repeat(200) + ']'.repeat(200)), 400, -32600),
  duplicates: refused(body('"region":"eu"', '"x":1,"x":2,"region":"eu"'), 400, -32600),
  surrogates: refused(body('"region":"eu"', String.raw`"x":"\ud800","region":"eu"`), 400, -32700),
  lookAlikes: refused(body('"arguments"', '"Name":"x","arguments"'), 400, -32600),
  version: refused(body('"2.0"', '"1.0"'), 400, -32600),
  fractions: refused(body('"id":1', '"id":1.5'), 400, -32600),
  bothKinds: refused(body('"id":1', '"id":1,"result":{}'), 400, -32600),
  params: refused(
    { headers: list.headers!, body: '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[1]}' },
    400,
    -32600,
  ),
  emptyBatch: refusedInSession({ body: '[]' }),
  claimedBatch: refusedInSession({ body: `[${text}]` }),
  envelope: refused(body(',"io.modelcontextprotocol/clientCapabilities":{}', ''), 400, -32602),
  noEnvelope: refused({ headers: { 'mcp-protocol-version': MODERN }, body: PING }, 400, -32602),
  postedResponse: refusedInSession({
    headers: { 'mcp-protocol-version': MODERN },
    body: '{"jsonrpc":"2.0","id":1,"result":{}}',
  }),
  initializeHeader: refused(
    {
      headers: { 'mcp-protocol-version': MODERN },
      body: '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"x"}}',
    },
    400,
    -32020,
  ),
  versionHeader: refused(head({ 'mcp-protocol-version': '2025-11-25' }), 400, -32020),
  methodHeader: refused(head({ 'mcp-method': undefined }), 400, -32020),
  nameHeader: refused(head({ 'mcp-name': 's__u' }), 400, -32020),
  served2099: refused(
    {
      headers: { 'mcp-protocol-version': '2099-01-01', 'mcp-method': 'tools/list' },
      body: String(list.body).replace(MODERN, '2099-01-01'),
    },
    400,
    -32022,
  ),
  paramHeader: refused(head({ 'mcp-param-region': 'us' }), 400, -32020),
  paramMissing: refused(head({ 'mcp-param-region': undefined }), 400, -32020),
  unknownMethod: refused(modern('no/such'), 404, -32601),
  absentCapability: refused(modern('completion/complete'), 404, -32601),
  contentType: refused(head({ 'content-type': 'text/plain' }), 415),
  contentCoding: refused(head({ 'content-encoding': 'gzip' }), 415),
  tooLarge: refused({ ...call, body: `${text.slice(0, -1)}${' '.repeat(5_000_000)}}` }, 413),
  host: refused(head({ host: 'evil.example' }), 403),
  origin: refused(head({ origin: 'http://evil.example' }), 403),
  nullOrigin: refused(head({ origin: 'null' }), 403),
  crossSite: refused(head({ 'sec-fetch-site': 'cross-site' }), 403),
  endpoint: refused({ ...call, path: '/mcp/none' }, 404),
  admit: refused(head({ 'x-flood': '1' }), 429),
  authenticate: refused(head({ authorization: '' }), 401, -31401),
  decide: refused({ ...call, headers: { ...call.headers, ...as('no') } }, 200, -32602),
  take: refused({ ...call, headers: { ...call.headers, ...as('poor') } }, 429),
  record: refused({ ...call, headers: { ...call.headers, ...as('unrecorded') } }, 503),
  filter: refused(
    { ...modern('tools/call', '"name":"s__t","arguments":{"region":"bad"}', { 'mcp-param-region': 'bad' }) },
    200,
    -31422,
  ),
  sessionOwner: async ({ doors }) => {
    const session = await openSession(doors[0]!, '2025-11-25', as('a'));
    const other = await doors[0]!.send({ headers: { ...session, ...as('b') }, body: PING });
    const own = await doors[0]!.send({ headers: session, body: PING });
    return other.status === 404 && own.status === 200;
  },
  sessionEndpoint: async ({ doors }) => {
    const session = await openSession(doors[0]!, '2025-11-25', as('a'));
    const other = await doors[0]!.send({ headers: session, body: PING, path: '/mcp/s' });
    return other.status === 404 && (await doors[0]!.send({ headers: session, body: PING })).status === 200;
  },
  sessionRequired: refused({ body: PING }, 400, -32600),
  sessionVersion: async ({ doors }) => {
    const session = await openSession(doors[0]!, '2025-11-25', as('a'));
    return (
      (await doors[0]!.send({ headers: { ...session, 'mcp-protocol-version': '1999-01-01' }, body: PING })).status ===
      400
    );
  },
  legacyBatch: async ({ doors }) => {
    const session = await openSession(doors[0]!, '2025-11-25', as('a'));
    return (await doors[0]!.send({ headers: session, body: `[${PING}]` })).status === 400;
  },
};

/** A house in which every port has something to refuse. */
async function openProbeHouse(): Promise<{ house: House; close(): Promise<void> }> {
  const tool =
    '{"name":"t","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}';
  const server = await startRawHttp({
    name: 's',
    capabilities: { tools: {} },
    methods: {
      'tools/list': () => `{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[${tool}]}`,
      'tools/call': () => '{"resultType":"complete","content":[]}',
    },
  });
  const echo = await startEchoHttp();
  const remote = (name: string, url: string) =>
    ({ name, kind: 'http', url, transport: 'streamable-http', headers: {} }) as const;
  const house = await openHouse({
    upstreams: [remote('s', server.url), remote('echo', echo.url)],
    admit: ({ header }) => (header('x-flood') === undefined ? undefined : { refused: 'limited' }),
    authenticate: ({ header }) =>
      header('authorization') ? { id: header('authorization')! } : { refused: 'unauthenticated' },
    decide: ({ id }) => (id === 'no' ? { refused: 'forbidden' } : undefined),
    take: ({ id }) => (id === 'poor' ? { refused: 'limited' } : undefined),
    filters: [{ inbound: (args) => (args.includes('bad') ? { refused: 'content' } : args) }],
    record: {
      open: () => ({
        intent: ({ principal }) => {
          if (principal?.id === 'unrecorded') throw new Error('no');
          return undefined;
        },
        end: () => undefined,
      }),
    },
  });
  return {
    house,
    async close() {
      await house.close();
      await Promise.all([server.close(), echo.close()]);
    },
  };
}

/** Runs probes and gives the names of those that failed. */
export async function failing(names: readonly string[]): Promise<string[]> {
  const opened = await openProbeHouse();
  const failed: string[] = [];
  for (const name of names) {
    const passed = await probes[name]!(opened.house).catch(() => false);
    if (!passed) failed.push(name);
  }
  await opened.close();
  return failed;
}

// As a program: prints the names that failed, as JSON.
if (process.argv[1] === import.meta.filename) {
  process.stdout.write(JSON.stringify(await failing(process.argv.slice(2))));
  process.exit(0);
}
