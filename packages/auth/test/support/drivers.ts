import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request as undiciRequest } from 'undici';
import { createFetchGate } from '../../src/adapters/fetch.ts';
import { guardNode } from '../../src/adapters/node.ts';
import type { AuthEvent, ResourceServer } from '../../src/index.ts';

/** A request as an attacker composes it: names may repeat. */
export interface Attack {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly remoteAddress?: string;
}

export interface Outcome {
  readonly status: number;
  /** All challenges, joined as a client sees them. */
  readonly challenge: string | null;
  readonly headers: Headers;
  readonly body: string;
  readonly events: readonly AuthEvent[];
}

export type Driver = (server: ResourceServer, attack: Attack) => Promise<Outcome>;

/** Through the adapter for servers of `Request` and `Response`. */
export const throughFetch: Driver = async (server, attack) => {
  const events: AuthEvent[] = [];
  const gate = createFetchGate(server, { onEvent: (event) => events.push(event) });
  const headers = new Headers();
  for (const [name, value] of attack.headers ?? []) headers.append(name, value);
  const method = attack.method ?? 'POST';
  const request = new Request(new URL(attack.path ?? '/mcp', 'https://gw.example'), {
    method,
    headers,
    ...(method !== 'GET' && method !== 'HEAD' && attack.body !== undefined && { body: attack.body }),
  });
  const admission = await gate(request, { remoteAddress: attack.remoteAddress ?? '192.0.2.1' });
  const response = admission.ok
    ? Response.json({ caller: admission.principal.key }, { headers: admission.headers })
    : admission.response;
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    headers: response.headers,
    body: await response.text(),
    events,
  };
};

/** Through `node:http` and a real socket. */
export const throughNode: Driver = async (server, attack) => {
  const events: AuthEvent[] = [];
  const listener = createServer((request, response) => {
    // The peer of a test is always loopback; what matters is which address the gate is given.
    Object.defineProperty(request, 'socket', { value: { remoteAddress: attack.remoteAddress ?? '192.0.2.1' } });
    void guardNode(server, request, response, { onEvent: (event) => events.push(event) }).then((principal) => {
      if (principal !== undefined) response.end(JSON.stringify({ caller: principal.key }));
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  try {
    const { statusCode, headers, body } = await undiciRequest(
      `http://127.0.0.1:${(listener.address() as AddressInfo).port}${attack.path ?? '/mcp'}`,
      {
        method: (attack.method ?? 'POST') as 'POST',
        headers: (attack.headers ?? []).flat(),
        body: attack.body ?? null,
      },
    );
    const plain = new Headers();
    for (const [name, value] of Object.entries(headers))
      for (const one of [value ?? []].flat()) plain.append(name, one);
    return {
      status: statusCode,
      challenge: plain.get('www-authenticate'),
      headers: plain,
      body: await body.text(),
      events,
    };
  } finally {
    listener.closeAllConnections();
    await new Promise((resolve) => listener.close(resolve));
  }
};
