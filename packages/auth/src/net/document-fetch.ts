import { AuthError } from '../auth-error.ts';
import type { FetchLike } from './guarded-fetch.ts';

/** Answer of a party that we asked for a JSON document. */
export interface FetchedDocument {
  readonly status: number;
  /** Body as text, whatever the status; at most `maxBytes` long. */
  readonly text: string;
}

export interface DocumentRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type DocumentFetch = (url: string, request?: DocumentRequest) => Promise<FetchedDocument>;

export interface DocumentFetchOptions {
  /** Time for the whole exchange, in milliseconds. Default 5000. */
  readonly timeoutMs?: number;
  /** Greatest size of a body after decoding, in bytes. Default 262144 (256 KiB). */
  readonly maxBytes?: number;
}

/**
 * Wraps a fetch so that an answer is small, quick and not a redirect. Never follows a redirect: a party that moved must be
 * configured anew, not trusted to say where its keys are.
 *
 * @throws {@link AuthError} `ERR_AUTH_FETCH_FAILED` when the exchange fails, redirects, takes too long or is too large, and
 *   whatever the wrapped fetch throws as an `AuthError`, such as `ERR_AUTH_FETCH_BLOCKED`.
 */
export function createDocumentFetch(fetch: FetchLike, options: DocumentFetchOptions = {}): DocumentFetch {
  const { timeoutMs = 5000, maxBytes = 256 * 1024 } = options;
  return async (url, request = { method: 'GET', headers: {} }) => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, {
        ...request,
        headers: { accept: 'application/json', ...request.headers },
        redirect: 'manual',
        signal,
      });
      if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
        await response.body?.cancel();
        throw new AuthError('ERR_AUTH_FETCH_FAILED', 'The document was answered with a redirect.');
      }
      return { status: response.status, text: await readCapped(response, maxBytes, signal) };
    } catch (cause) {
      throw asAuthError(cause);
    }
  };
}

async function readCapped(response: Response, maxBytes: number, signal: AbortSignal): Promise<string> {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const stop = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (signal.aborted) throw new AuthError('ERR_AUTH_FETCH_FAILED', 'The document took too long.');
      if (done) return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
      size += value.byteLength;
      if (size > maxBytes) {
        await reader.cancel();
        throw new AuthError('ERR_AUTH_FETCH_FAILED', `The document is larger than ${maxBytes} bytes.`);
      }
      chunks.push(value);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The error that says most: ours if one is anywhere in the chain of causes, for undici wraps what a lookup throws. */
function asAuthError(cause: unknown): AuthError {
  for (let error: unknown = cause; error instanceof Error; error = error.cause) {
    if (error instanceof AuthError) return error;
  }
  return new AuthError('ERR_AUTH_FETCH_FAILED', 'The document could not be fetched.', { cause });
}
