import type { PostHandler } from './exchange.ts';
import { checkUrl, createHttpLink, type HttpLink, type HttpLinkOptions } from './http-link.ts';
import { LinkError } from './link-error.ts';

export interface SseLinkOptions extends HttpLinkOptions {
  /** One message of the server. The buffer may be kept. */
  onMessage: (bytes: Buffer) => void;
  /** Once, after the link had opened: without an error when the server ended the stream or we closed it. */
  onClose: (error?: LinkError) => void;
  /** Longest wait for the `endpoint` event, in milliseconds. Default 30,000, 1 to 600,000. */
  endpointTimeoutMs?: number;
}

export interface SseLink {
  /** Resolves when the server has accepted the message; its answer comes by the stream. Rejects with a `LinkError`. */
  send(text: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * The HTTP+SSE transport of 2024-11-05: one stream from the server, whose first event names the URL to post to.
 * Rejects with a `LinkError`, which has the HTTP status when the server refused the stream.
 */
export async function openSseLink(options: SseLinkOptions): Promise<SseLink> {
  const { onMessage, onClose, endpointTimeoutMs = 30_000, ...linkOptions } = options;
  if (!(endpointTimeoutMs >= 1 && endpointTimeoutMs <= 600_000)) {
    throw new TypeError('"endpointTimeoutMs" must be a number of milliseconds from 1 to 600000');
  }
  const url = checkUrl(options.url);
  const stream = createHttpLink(linkOptions);
  const { promise: opened, resolve, reject } = Promise.withResolvers<URL>();
  let isOpen = false;
  let over = false;
  let posts: HttpLink | undefined;
  let shutDown: Promise<unknown> | undefined;

  function end(error?: LinkError): void {
    if (over) return;
    over = true;
    shutDown ??= Promise.all([stream.close(), posts?.close()]);
    if (isOpen) onClose(error);
    else
      reject(error ?? new LinkError('ERR_UPSTREAM_CLOSED', 'the stream ended before it named its endpoint', NOT_RUN));
  }
  const listener: PostHandler = {
    onHead(status, _header, kind) {
      if (status === 200 && kind === 'sse') return;
      const what = status === 200 ? 'the upstream did not answer with a stream of events' : `HTTP ${status}`;
      end(new LinkError('ERR_UPSTREAM_PROTOCOL', `the stream was refused: ${what}`, { ...NOT_RUN, status }));
    },
    onMessage(bytes) {
      // A message before the endpoint has nobody to answer it to.
      if (isOpen && !over && bytes.length > 0) onMessage(bytes);
    },
    onNamedEvent(name, data) {
      if (name !== 'endpoint' || isOpen || over) return;
      const endpoint = URL.parse(data.toString(), url.href);
      // Whoever controls the stream must not make us post a session's messages and credentials elsewhere.
      if (endpoint === null || endpoint.origin !== url.origin || endpoint.username !== '' || endpoint.password !== '') {
        end(
          new LinkError('ERR_UPSTREAM_PROTOCOL', 'the endpoint that the upstream named is not of its origin', NOT_RUN),
        );
        return;
      }
      isOpen = true; // here and not after the await: the next event may stand in the same piece
      resolve(endpoint);
    },
    onEnd: () => end(),
    onError: end,
  };
  stream.openStream([], listener);
  const timer = setTimeout(
    () => end(new LinkError('ERR_UPSTREAM_TIMEOUT', 'the upstream did not name its endpoint in time', NOT_RUN)),
    endpointTimeoutMs,
  );

  try {
    const { href } = await opened;
    posts = createHttpLink({ ...linkOptions, url: href });
    // The stream may have ended right behind its first event.
    if (over) await posts.close();
  } finally {
    clearTimeout(timer);
    await shutDown;
  }
  const link = posts;
  return {
    send: (text) => sendOne(link, text),
    async close() {
      end();
      await shutDown;
    },
  };
}

/** No call is under way before the stream is open. */
const NOT_RUN = { sent: false } as const;

function sendOne(link: HttpLink, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let status = 0;
    link.post(text, [], {
      onHead(code) {
        status = code;
      },
      onMessage: () => {}, // the answer to a call comes by the stream; "Accepted" is what stands here
      onEnd() {
        if (status >= 200 && status < 300) return resolve();
        const message = `the upstream refused the message: HTTP ${status}`;
        reject(new LinkError('ERR_UPSTREAM_PROTOCOL', message, { sent: true, status }));
      },
      onError: reject,
    });
  });
}
