import { request } from 'node:http';

const MODERN = '2026-07-28';
const META = 'io.modelcontextprotocol/';
const BASE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

export type Got = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The last message of the answer. */
  readonly message: { readonly result?: Record<string, unknown>; readonly error?: { readonly code: number } };
};

type Sent = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Called with every piece of the answer as it comes. */
  readonly onText?: (text: string) => void;
  readonly signal?: AbortSignal;
};

/** One request to a gateway, of bytes that the test chose. */
export function send(
  port: number,
  { method = 'POST', path = '/mcp', headers = {}, body, onText, signal }: Sent,
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers: { ...BASE, ...headers }, agent: false as const };
    const req = request({ ...options, ...(signal === undefined ? {} : { signal }) }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk: string) => {
        text += chunk;
        onText?.(chunk);
      });
      const done = (): void =>
        resolve({ status: res.statusCode ?? 0, headers: res.headers, text, message: lastOf(text) });
      res.on('end', done);
      res.on('error', done);
    });
    req.on('error', reject);
    req.end(body);
  });
}

function lastOf(text: string): Got['message'] {
  const events = [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => data!);
  const last = events.at(-1) ?? text;
  return last.startsWith('{') ? (JSON.parse(last) as Got['message']) : {};
}

/** Asks in either era. Legacy needs a session of {@link openSession}. */
export type Ask = (method: string, params?: Readonly<Record<string, unknown>>, more?: Partial<Sent>) => Promise<Got>;

export function modernAsk(port: number, who: Readonly<Record<string, string>>, capabilities: object = {}): Ask {
  return (method, params = {}, more = {}) => {
    const { _meta, ...rest } = params;
    const name = params['name'] ?? params['uri'];
    const meta = {
      ...(_meta as object),
      [`${META}protocolVersion`]: MODERN,
      [`${META}clientCapabilities`]: capabilities,
    };
    return send(port, {
      ...more,
      headers: {
        'mcp-protocol-version': MODERN,
        'mcp-method': method,
        ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
        ...who,
        ...more.headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...rest, _meta: meta } }),
    });
  };
}

export function legacyAsk(port: number, session: Readonly<Record<string, string>>): Ask {
  return (method, params = {}, more = {}) =>
    send(port, {
      ...more,
      headers: { ...session, ...more.headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
}

/** Opens a legacy session; the headers that belong to it. */
export async function openSession(
  port: number,
  who: Readonly<Record<string, string>>,
  capabilities: object = {},
  path = '/mcp',
): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly got: Got }> {
  const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 't', version: '1' } };
  const got = await send(port, {
    path,
    headers: who,
    body: JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }),
  });
  const id = got.headers['mcp-session-id'];
  return { headers: { ...who, ...(typeof id === 'string' ? { 'mcp-session-id': id } : {}) }, got };
}

/** Holds a stream open and collects what comes on it. Resolves when it is open. */
export async function holdStream(
  port: number,
  sent: Sent,
): Promise<{ readonly text: () => string; readonly close: () => void }> {
  let text = '';
  const abort = new AbortController();
  await new Promise<void>((resolve, reject) => {
    send(port, {
      ...sent,
      signal: abort.signal,
      onText: (chunk) => {
        text += chunk;
        resolve();
      },
    }).catch((error: unknown) => (abort.signal.aborted ? resolve() : reject(error as Error)));
  });
  return { text: () => text, close: () => abort.abort() };
}
