import { AuthError } from '../auth-error.ts';
import { parseJsonObject, type JsonObject } from '../json.ts';
import type { DocumentFetch } from '../net/document-fetch.ts';

export type IntrospectionAnswer =
  | { readonly ok: true; readonly claims: JsonObject }
  | { readonly ok: false; readonly reason: 'inactive' }
  | { readonly ok: false; readonly reason: 'introspection_failed'; readonly retryAfterSeconds: number };

/** Asks an authorization server about one token (RFC 7662). Does not judge the answer beyond `active`. */
export type Introspect = (token: string) => Promise<IntrospectionAnswer>;

export interface IntrospectorOptions {
  readonly endpoint: () => Promise<string>;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly fetchDocument: DocumentFetch;
  readonly now: () => number;
  /** Called with the cause when the endpoint fails; the caller of `authenticate` only learns that it is unavailable. */
  readonly onFailure?: (error: AuthError) => void;
}

/** Failures in a row that open the breaker, and how long it stays open. */
const BREAKER_FAILURES = 5;
const BREAKER_OPEN_MS = 10_000;

/**
 * Makes an introspector behind a breaker. After five failures in a row nothing is sent for 10 s, then one request tries
 * while the others are still refused. Every failure refuses: none of them ever reads as active.
 */
export function createIntrospector(options: IntrospectorOptions): Introspect {
  const { now } = options;
  let failures = 0;
  let openUntilMs = 0;
  let probing = false;

  const refused = (): IntrospectionAnswer => ({
    ok: false,
    reason: 'introspection_failed',
    retryAfterSeconds: Math.max(1, Math.ceil((openUntilMs - now()) / 1000)),
  });

  return async (token) => {
    const tripped = failures >= BREAKER_FAILURES;
    if (tripped && (probing || now() < openUntilMs)) return refused();
    probing = tripped;
    try {
      const answer = await ask(options, token);
      failures = 0;
      return answer;
    } catch (error) {
      failures += 1;
      if (failures >= BREAKER_FAILURES) openUntilMs = now() + BREAKER_OPEN_MS;
      options.onFailure?.(
        error instanceof AuthError
          ? error
          : new AuthError('ERR_AUTH_INTROSPECTION_INVALID', 'The introspection failed.', { cause: error }),
      );
      return refused();
    } finally {
      probing = false;
    }
  };
}

async function ask(options: IntrospectorOptions, token: string): Promise<IntrospectionAnswer> {
  const { status, text } = await options.fetchDocument(await options.endpoint(), {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${basicCredentials(options.clientId, options.clientSecret)}`,
    },
    body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
  });
  const document = status === 200 ? parseJsonObject(text) : undefined;
  if (document === undefined || typeof document['active'] !== 'boolean') {
    throw new AuthError(
      'ERR_AUTH_INTROSPECTION_INVALID',
      `The introspection was answered with status ${status} and no usable document.`,
    );
  }
  return document['active'] ? { ok: true, claims: document } : { ok: false, reason: 'inactive' };
}

/** Both halves are form-encoded first (RFC 6749 section 2.3.1). */
function basicCredentials(clientId: string, clientSecret: string): string {
  const encode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
  return Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64');
}
