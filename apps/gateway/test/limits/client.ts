import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { modern, type Got, type LimitsHouse, type Sent } from './house.ts';

const BASE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** One client of a house, by its bearer token. */
export function clientOf({ port }: Pick<LimitsHouse, 'port'>, token: string | undefined) {
  const begin = ({ method = 'POST', path = '/mcp', headers = {}, body }: Sent): ClientRequest => {
    const all: Record<string, string | string[]> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    for (const [name, value] of Object.entries({ ...BASE, ...headers }))
      if (value !== undefined) all[name] = typeof value === 'string' ? value : [...value];
    const sent = request({ host: '127.0.0.1', port, method, path, headers: all, agent: false });
    sent.on('error', () => undefined);
    sent.end(body);
    return sent;
  };
  const send = async (sent: Sent): Promise<Got> => {
    const response = await head(begin(sent));
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return { status: response.statusCode ?? 0, headers: response.headers as Got['headers'], text };
  };
  return {
    send,
    /** A call of one of the tools of the house. */
    call: (tool: string, args: object = {}, more: Sent['headers'] = {}): Promise<Got> => send(callOf(tool, args, more)),
    /** Begins a request and gives the response as soon as its head is there; `leave` ends the connection. */
    open: async (sent: Sent): Promise<Opened> => {
      const asked = begin(sent);
      const response = await head(asked);
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('error', () => undefined);
      return { status: response.statusCode ?? 0, response, text: () => text, leave: () => asked.destroy() };
    },
    /** Begins a request without waiting for anything; `leave` ends the connection. */
    begin: (sent: Sent): { leave: () => void } => {
      const asked = begin(sent);
      return { leave: () => asked.destroy() };
    },
  };
}

export type Opened = {
  readonly status: number;
  readonly response: IncomingMessage;
  readonly text: () => string;
  readonly leave: () => void;
};

async function head(sent: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

export function callOf(tool: string, args: object = {}, more: Sent['headers'] = {}): Sent {
  return modern(
    'tools/call',
    `"name":"s__${tool}","arguments":${JSON.stringify(args)}`,
    more as Record<string, string | undefined>,
  );
}

/** A call that makes its response a stream, and then waits. */
export function talk(): Sent {
  const { headers, body } = callOf('talk');
  return { headers: headers!, body: String(body).replace('"_meta":{', '"_meta":{"progressToken":1,') };
}

export type RpcError = {
  readonly code: number;
  readonly message: string;
  readonly data?: { readonly retryAfterMs?: number; readonly policy?: string };
};

/** The JSON-RPC error in an answer, alone or in a stream. */
export function errorOf(text: string): RpcError | undefined {
  const line = /^data: (?<json>\{.*"error".*\})$/m.exec(text)?.groups?.['json'] ?? text;
  if (!line.startsWith('{')) return undefined;
  return (JSON.parse(line) as { error?: RpcError }).error;
}

/** One unit an hour and one at once: what is charged shows with the next message. */
export const ONCE = { kind: 'rate', amount: 1, periodMs: 3_600_000, burst: 1 } as const;

export const rules = (...list: readonly object[]): object => ({
  onStoreFailure: 'refuse',
  limits: { rules: list },
});
