import type { OpenCall } from './calls.ts';
import { failure } from './failure.ts';
import type { UpstreamFailure } from './failure.ts';
import type { PostHandler } from './http/exchange.ts';
import type { LinkError } from './http/link-error.ts';
import { readIncoming } from './incoming.ts';
import type { Incoming } from './incoming.ts';
import type { Opened } from './peer.ts';

/** Whose POST it is: told what comes on its answer, and when that is over. */
export interface PostOwner {
  sessionId: string | undefined;
  readonly opened: Opened;
  take(message: Incoming, post: Post): void;
  over(post: Post, error: LinkError | undefined): void;
}

/** One POST and what comes back on it; the link tells it, it tells its peer. */
export class Post implements PostHandler {
  readonly call: OpenCall;
  status = 0;
  abort: (() => void) | undefined;
  resumes = 0;
  lastEventId: string | undefined;
  retryMs = 500;
  /** Whether the call may be sent once more after the server said that it does not know the session. */
  again = true;
  timer: NodeJS.Timeout | undefined;
  readonly #peer: PostOwner;

  constructor(call: OpenCall, peer: PostOwner) {
    this.call = call;
    this.#peer = peer;
  }

  onHead(status: number, header: (name: string) => string | undefined): void {
    this.status = status;
    if (this.call.out.method === 'initialize') this.#peer.sessionId = header('mcp-session-id') ?? this.#peer.sessionId;
  }

  onMessage(bytes: Buffer, eventId?: string): void {
    if (eventId !== undefined) this.lastEventId = eventId;
    if (bytes.length === 0) return;
    // What a server without this session says in its body is not an answer to the call.
    if (this.status === 404 && this.#peer.sessionId !== undefined && this.#peer.opened.era === 'legacy') return;
    for (const message of readIncoming(bytes)) this.#peer.take(message, this);
  }

  onRetry(ms: number): void {
    this.retryMs = Math.min(ms, 60_000);
  }

  onEnd(): void {
    this.#peer.over(this, undefined);
  }

  onError(error: LinkError): void {
    this.#peer.over(this, error);
  }
}

/** What a status without a JSON-RPC answer means. A refusal before execution is known not to have run. */
export function refusedWith(status: number): UpstreamFailure {
  if (status === 401 || status === 403 || status === 407) {
    return failure(
      'ERR_UPSTREAM_REFUSED',
      `the server refused the gateway's credentials (HTTP ${status})`,
      false,
      status,
    );
  }
  if (status === 408 || status === 429)
    return failure('ERR_UPSTREAM_UNAVAILABLE', `the server is busy (HTTP ${status})`, false, status);
  if (status >= 500) return failure('ERR_UPSTREAM_CLOSED', `the server failed (HTTP ${status})`, true, status);
  return failure('ERR_UPSTREAM_INVALID', `the server refused the request (HTTP ${status})`, false, status);
}
