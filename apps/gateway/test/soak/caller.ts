import { Agent, request } from 'node:http';

const META = 'io.modelcontextprotocol/';
const MODERN = '2026-07-28';

export type Answer = {
  readonly status: number;
  readonly session: string | undefined;
  readonly text: string;
  readonly code: number | undefined;
  readonly message: string;
};

/** One principal: a key, an era, and connections of its own. */
export type Caller = {
  readonly name: string;
  readonly era: 'modern' | 'legacy';
  key: string;
  session: string | undefined;
  /** When its key was last changed, or taken away; milliseconds of `performance.now()`. */
  changedMs: number;
  /** Requests that have gone out. */
  sent: number;
  /** Requests of them whose connection broke. */
  broken: number;
};

/** Nothing that is asked here takes long, even on a machine under load. */
const ANSWER_MS = 60_000;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** @returns the answer; undefined where the connection broke */
function send(
  port: number,
  caller: Caller,
  { method = 'POST', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<Answer | undefined> {
  caller.sent += 1;
  return new Promise((resolve) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path: '/mcp',
        method,
        agent,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          authorization: `Bearer ${caller.key}`,
          ...headers,
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('error', () => {
          caller.broken += 1;
          resolve(undefined);
        });
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const last = [...text.matchAll(/^data: (\{.*)$/gm)].at(-1)?.[1] ?? text;
          const error = last.startsWith('{')
            ? (JSON.parse(last) as { error?: { code?: number; message?: string } }).error
            : undefined;
          const session = response.headers['mcp-session-id'];
          resolve({
            status: response.statusCode!,
            session: typeof session === 'string' ? session : undefined,
            text,
            code: error?.code,
            message: error?.message ?? '',
          });
        });
      },
    );
    outgoing.on('error', () => {
      caller.broken += 1;
      resolve(undefined);
    });
    // A request that stays open is a failure like one that breaks.
    outgoing.setTimeout(ANSWER_MS, () => outgoing.destroy(new Error('no answer')));
    outgoing.end(body);
  });
}

const nameOf = (params: Readonly<Record<string, unknown>>): Record<string, string> =>
  typeof params['name'] === 'string' ? { 'mcp-name': params['name'] } : {};

/** Asks in the caller's era; a legacy caller without a session opens one first. */
export async function ask(
  port: number,
  caller: Caller,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Answer | undefined> {
  if (caller.era === 'modern') {
    const meta = { [`${META}protocolVersion`]: MODERN, [`${META}clientCapabilities`]: {} };
    return await send(port, caller, {
      headers: { 'mcp-protocol-version': MODERN, 'mcp-method': method, ...nameOf(params) },
      body: JSON.stringify({ jsonrpc: '2.0', id: caller.sent, method, params: { ...params, _meta: meta } }),
    });
  }
  if (caller.session === undefined) {
    const opened = await send(port, caller, {
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 0,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'soak', version: '1' } },
      }),
    });
    if (opened?.session === undefined) return opened;
    caller.session = opened.session;
    await send(port, caller, {
      headers: { 'mcp-session-id': caller.session },
      body: '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    });
  }
  return await send(port, caller, {
    headers: { 'mcp-session-id': caller.session },
    body: JSON.stringify({ jsonrpc: '2.0', id: caller.sent, method, params }),
  });
}

/** Ends the session of a legacy caller, and all connections when everybody is done. */
export async function leave(port: number, caller: Caller): Promise<void> {
  if (caller.session !== undefined)
    await send(port, caller, { method: 'DELETE', headers: { 'mcp-session-id': caller.session } });
  caller.session = undefined;
}

export function hangUp(): void {
  agent.destroy();
}
