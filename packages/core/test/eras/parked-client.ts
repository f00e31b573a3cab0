import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway, type Gateway, type GatewayOptions } from '../../src/index.ts';
import { startAsker } from '../fixtures/servers/asker.ts';
import { questioner, type QuestionerArguments } from '../fixtures/servers/questioner.ts';
import { startRawHttp, type RawHttp } from '../fixtures/servers/raw/http.ts';

/** What came back for one request of a modern client. */
export interface Reply {
  readonly status: number;
  readonly result?: {
    readonly resultType: string;
    readonly inputRequests?: Readonly<
      Record<string, { readonly method: string; readonly params: Record<string, unknown> }>
    >;
    readonly requestState?: string;
    readonly content?: readonly { readonly text: string }[];
    readonly isError?: boolean;
    readonly [more: string]: unknown;
  };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
  readonly notifications: readonly { readonly method: string; readonly params: Record<string, unknown> }[];
}

export interface Sent {
  readonly as?: string;
  readonly method?: string;
  readonly path?: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly capabilities?: object;
  readonly progressToken?: string;
  readonly signal?: AbortSignal;
}

export interface ParkedHouse {
  readonly gateway: Gateway;
  readonly server: RawHttp & { readonly state: ReturnType<typeof questioner>['state'] };
  /** A modern server that asks, called `a`. */
  readonly modern: RawHttp;
  readonly errors: readonly unknown[];
  /** Moves the gateway's clocks, milliseconds. */
  readonly pass: (ms: number) => void;
  readonly send: (sent: Sent) => Promise<Reply>;
  /** Calls the tool that asks. */
  readonly ask: (args: QuestionerArguments, more?: Partial<Sent>) => Promise<Reply>;
  /** The retry of {@link ask}. */
  readonly retry: (
    args: QuestionerArguments,
    state: string | undefined,
    responses: object,
    more?: Partial<Sent>,
  ) => Promise<Reply>;
  close(): Promise<void>;
}

export const ALL = { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: {} };
export const accept = (name: string) => ({ action: 'accept', content: { name } });

export const remote = (name: string, url: string) =>
  ({ name, kind: 'http', url, transport: 'streamable-http', headers: {} }) as const;

/** A gateway in front of a legacy server that asks, spoken to word by word. Principals are what `authorization` says. */
export async function openParkedHouse(options: Partial<GatewayOptions> = {}): Promise<ParkedHouse> {
  const described = questioner();
  const server = await startRawHttp(described, { eras: ['legacy'] });
  const modern = await startAsker();
  const errors: unknown[] = [];
  let passed = 0;
  const quiet = (): void => undefined;
  const gateway = createGateway({
    upstreams: [remote('q', server.url), remote('a', modern.url)],
    authenticate: ({ header }) => ({ id: header('authorization') ?? 'ada' }),
    log: { debug: quiet, info: quiet, warn: quiet, error: (fields) => errors.push(fields) },
    now: () => performance.now() + passed,
    ...options,
    parked: { wallNow: () => Date.now() + passed, ...options.parked },
  });
  const http = createServer((req, res) => gateway.listener(req, res));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  await gateway.ready();
  const { port } = http.address() as AddressInfo;
  let lastId = 0;

  const send = async (sent: Sent): Promise<Reply> => {
    const { as, method = 'tools/call', path = '/mcp', params, capabilities = ALL, progressToken, signal } = sent;
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': capabilities,
      ...(progressToken === undefined ? {} : { progressToken }),
    };
    const name = params['name'] ?? params['uri'];
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
        ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
        ...(as === undefined ? {} : { authorization: as }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++lastId, method, params: { ...params, _meta: meta } }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await response.text();
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const lines = isStream
      ? text.split('\n').flatMap((line) => (line.startsWith('data: {') ? [line.slice(6)] : []))
      : [text];
    const messages = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const answer = messages.at(-1) as unknown as Reply;
    return { ...answer, status: response.status, notifications: messages.slice(0, -1) as never };
  };
  const paramsOf = (args: QuestionerArguments) => ({ name: 'q__ask', arguments: args });
  return {
    gateway,
    server: Object.assign(server, { state: described.state }),
    modern,
    errors,
    pass(ms) {
      passed += ms;
    },
    send,
    ask: (args, more = {}) => send({ params: paramsOf(args), ...more }),
    retry: (args, requestState, inputResponses, more = {}) =>
      send({
        params: { ...paramsOf(args), ...(requestState === undefined ? {} : { requestState }), inputResponses },
        ...more,
      }),
    async close() {
      await gateway.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await server.close();
      await modern.close();
    },
  };
}

/** What the server was told, as its result repeats it. */
export function toldOf({ result, error }: Reply): { mark: string; said: { result?: object; error?: object }[] } {
  const text = result?.content?.[0]?.text;
  if (text === undefined) throw new Error(`no result: ${JSON.stringify(error ?? result)}`);
  return JSON.parse(text) as { mark: string; said: { result?: object; error?: object }[] };
}
