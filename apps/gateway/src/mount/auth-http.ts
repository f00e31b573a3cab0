import type { IncomingMessage, ServerResponse } from 'node:http';
import { toAuthRequest } from '@sekisho/auth/node';
import { allHeaders } from '../transport/security-headers.ts';
import { ENDPOINT, type Gates } from './auth-gates.ts';

type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** What belongs to authentication and to no endpoint: metadata documents and what browsers ask before they send. */
export function answerAside(gates: Gates, request: IncomingMessage, response: ServerResponse): boolean {
  const { method = 'GET', url = '/' } = request;
  const path = url.split('?', 1)[0]!;
  const answer =
    gates.described(path)?.metadata({ method, url }) ??
    (path === ENDPOINT || path.startsWith(`${ENDPOINT}/`)
      ? gates.merged.cors.preflight(toAuthRequest(request))
      : undefined);
  if (answer === undefined) return false;
  request.resume();
  send(response, answer);
  return true;
}

/**
 * Whether a program of this computer that asks about the gateway itself has a key with the role `admin`. Otherwise it is
 * answered here.
 */
export async function admitOperator(
  gates: Gates,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const judged = await gates.keysOnly.authenticate(toAuthRequest(request));
  if (judged.ok && judged.principal.roles.includes('admin')) return true;
  const { refusal } = judged.ok ? gates.keysOnly.deny(judged.principal) : judged;
  request.resume();
  const body = `${JSON.stringify({ error: refusal.description })}\n`;
  send(response, {
    status: refusal.status,
    headers: { ...Object.fromEntries(refusal.headers), 'Content-Type': 'application/json' },
    body,
  });
  return false;
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const base = Object.fromEntries(
    Object.entries(allHeaders('encrypted' in response.req.socket)).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  // A public document is read by pages of other origins.
  if (own['access-control-allow-origin'] === '*') base['cross-origin-resource-policy'] = 'cross-origin';
  response.writeHead(status, { ...base, ...own, 'content-length': String(Buffer.byteLength(body)) });
  response.end(response.req.method === 'HEAD' ? '' : body);
}
