import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LinkError } from './http-link.ts';
import { openSseLink, type SseLink, type SseLinkOptions } from './sse-link.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Upstream {
  url: string;
  /** The stream that is open at present. */
  stream: () => ServerResponse;
  posted: { url: string | undefined; body: string; authorization: string | undefined }[];
}

async function upstream(
  onStream: (response: ServerResponse, request: IncomingMessage) => void,
  postStatus = 202,
): Promise<Upstream> {
  let stream: ServerResponse | undefined;
  const posted: Upstream['posted'] = [];
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      stream = response;
      onStream(response, request);
      return;
    }
    void (request.toArray() as Promise<Buffer[]>).then((chunks) => {
      const body = Buffer.concat(chunks).toString();
      posted.push({ url: request.url, body, authorization: request.headers.authorization });
      response.writeHead(postStatus, { 'content-type': 'text/plain' }).end('Accepted');
      if (postStatus === 202) stream?.write(`event: message\ndata: ${body}\n\n`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/sse`, stream: () => stream!, posted };
}

const events = (response: ServerResponse, text: string): void =>
  void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(text);

async function open(url: string, options: Partial<SseLinkOptions> = {}) {
  const messages: string[] = [];
  const closes: (LinkError | undefined)[] = [];
  const link: SseLink = await openSseLink({
    url,
    onMessage: (bytes) => messages.push(bytes.toString()),
    onClose: (error) => closes.push(error),
    ...options,
  });
  closers.push(() => link.close());
  return { link, messages, closes };
}

test.each([
  ['a path', '/messages?sessionId=1', '/messages?sessionId=1'],
  ['a relative path', 'messages?sessionId=1', '/messages?sessionId=1'],
])('messages go to the endpoint, given as %s, and come by the stream', async (_name, endpoint, path) => {
  const { url, posted } = await upstream((response) => events(response, `event: endpoint\ndata: ${endpoint}\n\n`));
  const { link, messages } = await open(url, { headers: { authorization: 'Bearer t' } });
  await link.send('{"a":"é"}');
  await vi.waitFor(() => expect(messages).toEqual(['{"a":"é"}']), { timeout: 10_000 });
  expect(posted).toEqual([{ url: path, body: '{"a":"é"}', authorization: 'Bearer t' }]);
});

test('an absolute endpoint of the same origin is one too', async () => {
  const made = await upstream((response, request) =>
    events(response, `event: endpoint\ndata: http://${request.headers.host}/m\n\ndata: {"early":1}\n\n`),
  );
  const { link, messages } = await open(made.url);
  await link.send('{}');
  await vi.waitFor(() => expect(messages).toEqual(['{"early":1}', '{}']), { timeout: 10_000 });
  expect(made.posted.map(({ url }) => url)).toEqual(['/m']);
});

describe('GW-07, SDK-11: an endpoint elsewhere is refused', () => {
  test.each([
    'http://127.0.0.1:1/m',
    'https://127.0.0.1/m',
    '//evil.test/m',
    'http://localhost:80/m',
    '\\\\evil.test\\m',
    'file:///etc/passwd',
    'data:,x',
    'http://[broken',
    'USER',
  ])('%s', async (endpoint) => {
    const { url } = await upstream((response, request) =>
      events(
        response,
        `event: endpoint\ndata: ${endpoint === 'USER' ? `http://u:p@${request.headers.host}/` : endpoint}\n\n`,
      ),
    );
    await expect(open(url)).rejects.toMatchObject({ code: 'ERR_UPSTREAM_PROTOCOL', sent: false });
  });
});

describe('a stream that does not open', () => {
  test.each([400, 401, 404, 405, 302])('status %i', async (status) => {
    const { url } = await upstream((response) => response.writeHead(status, { location: '/elsewhere' }).end());
    await expect(open(url)).rejects.toMatchObject({ code: 'ERR_UPSTREAM_PROTOCOL', status });
  });
  test('another content type', async () => {
    const { url } = await upstream((response) => response.writeHead(200, { 'content-type': 'text/html' }).end('hi'));
    await expect(open(url)).rejects.toMatchObject({ code: 'ERR_UPSTREAM_PROTOCOL', status: 200 });
  });
  test('no endpoint before its end', async () => {
    const { url } = await upstream((response) => {
      events(response, 'data: {}\n\n');
      response.end();
    });
    await expect(open(url)).rejects.toMatchObject({ code: 'ERR_UPSTREAM_CLOSED' });
  });
  test('no endpoint in time', async () => {
    const { url } = await upstream((response) => events(response, ': wait\n\n'));
    await expect(open(url, { endpointTimeoutMs: 50 })).rejects.toMatchObject({ code: 'ERR_UPSTREAM_TIMEOUT' });
  });
});

const endpoint = 'event: endpoint\ndata: /m\n\n';

test('the end of the stream is told once, without an error', async () => {
  const made = await upstream((response) => events(response, endpoint));
  const { link, closes } = await open(made.url);
  made.stream().end();
  await vi.waitFor(() => expect(closes).toEqual([undefined]), { timeout: 10_000 });
  await expect(link.send('{}')).rejects.toMatchObject({ code: 'ERR_UPSTREAM_CLOSED', sent: false });
  await link.close();
  expect(closes).toHaveLength(1);
});

test('a stream that breaks is told with an error', async () => {
  const made = await upstream((response) => events(response, endpoint));
  const { closes } = await open(made.url);
  made.stream().destroy();
  await vi.waitFor(() => expect(closes).toMatchObject([{ code: 'ERR_UPSTREAM_CLOSED' }]), { timeout: 10_000 });
});

test('closing ends the stream at the server', async () => {
  const gone = Promise.withResolvers<void>();
  const made = await upstream((response) => {
    response.on('close', () => gone.resolve());
    events(response, endpoint);
  });
  const { link, closes } = await open(made.url);
  await link.close();
  await gone.promise;
  expect(closes).toEqual([undefined]);
});

test('a message that the server refuses is said to its sender', async () => {
  const made = await upstream((response) => events(response, endpoint), 503);
  const { link } = await open(made.url);
  await expect(link.send('{}')).rejects.toMatchObject({ code: 'ERR_UPSTREAM_PROTOCOL', status: 503, sent: true });
});

test('SDK-12: an endless event ends the link', async () => {
  const made = await upstream((response) => events(response, `${endpoint}data: ${'x'.repeat(10_000)}`));
  const closed = Promise.withResolvers<LinkError | undefined>();
  const { link } = await open(made.url, { maxMessageBytes: 5_000, onClose: closed.resolve });
  expect(await closed.promise).toMatchObject({ code: 'ERR_UPSTREAM_TOO_LARGE' });
  await link.close();
});

test('a limit out of range is misuse', async () => {
  await expect(open('http://127.0.0.1/', { endpointTimeoutMs: 0 })).rejects.toThrow(TypeError);
  await expect(open('unix:/tmp/x')).rejects.toThrow(TypeError);
});
