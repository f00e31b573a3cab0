import type { IncomingMessage, ServerResponse } from 'node:http';
import { allHeaders } from './transport/security-headers.ts';

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Answers `GET /status` for `sekisho status`. Only for programs of this computer: a page in a browser, even one whose
 * name leads to this address, gets nothing, since it always sends an Origin or another Host.
 */
export function statusHandler(
  read: () => object,
  admit: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    request.resume();
    if (!isLocal(request)) return answer(response, 403, { error: 'Only programs of this computer may ask.' });
    // Whoever runs a program here is not yet the one who may look.
    if (!(await admit(request, response))) return undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return answer(response, 405, { error: 'Ask with GET.' });
    }
    return answer(response, 200, read());
  };
}

function isLocal({ headers, socket }: IncomingMessage): boolean {
  // HTTP/2 has `:authority` in the place of `Host`; two that differ are two opinions, which is none.
  const authority = headers[':authority'];
  const named =
    authority === undefined || headers.host === undefined || authority === headers.host
      ? (headers.host ?? authority)
      : undefined;
  const host = typeof named === 'string' ? named.toLowerCase().replace(/:\d+$/, '') : undefined;
  const peer = socket.remoteAddress ?? '';
  const fromHere = peer === '::1' || /^(?:::ffff:)?127\./.test(peer);
  return (
    fromHere &&
    host !== undefined &&
    loopbackNames.has(host) &&
    headers.origin === undefined &&
    (headers['sec-fetch-site'] ?? 'none') === 'none'
  );
}

function answer(response: ServerResponse, status: number, body: object): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': bytes.length,
    ...allHeaders('encrypted' in response.req.socket),
  });
  response.end(bytes);
}
