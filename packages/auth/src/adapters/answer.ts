import type { AuthEvent } from '../event.ts';
import type { Principal } from '../principal.ts';
import type { Refusal } from '../refusal.ts';
import type { AuthRequest } from '../request.ts';
import type { ResourceServer } from '../resource-server.ts';

/** What all adapters can be told. */
export interface AdapterOptions {
  /** Called exactly once for each request that was judged; requests for metadata and preflights are not. */
  readonly onEvent?: (event: AuthEvent, request: AuthRequest) => void;
}

/** An answer that ends the exchange. Names may repeat. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export type Admission =
  | { readonly ok: true; readonly principal: Principal; readonly headers: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly answer: Answer };

/**
 * The one way from a request to a principal or an answer that all adapters share: metadata, preflight, gate.
 *
 * @param server - The resource whose gate this is.
 */
export async function admit(server: ResourceServer, request: AuthRequest, options: AdapterOptions): Promise<Admission> {
  const plain = server.metadata(request) ?? server.cors.preflight(request);
  if (plain !== undefined) {
    return { ok: false, answer: { status: plain.status, headers: Object.entries(plain.headers), body: plain.body } };
  }
  const judged = server.authenticate(request);
  const result = judged instanceof Promise ? await judged : judged;
  options.onEvent?.(result.event, request);
  const headers = server.cors.headers(request);
  return result.ok
    ? { ok: true, principal: result.principal, headers }
    : { ok: false, answer: refusalAnswer(result.refusal, headers) };
}

/** The HTTP answer for a refusal. Its body repeats the public sentence and nothing else. */
export function refusalAnswer(refusal: Refusal, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status: refusal.status,
    headers: [
      ...refusal.headers,
      ...Object.entries(headers),
      ['content-type', 'application/json'],
      ['cache-control', 'no-store'],
    ],
    body: JSON.stringify({ error: refusal.error ?? 'unauthorized', error_description: refusal.description }),
  };
}
