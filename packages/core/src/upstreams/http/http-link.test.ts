import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createHttpLink, type HttpLink, type HttpLinkOptions, type Lane, type LinkError } from './http-link.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

function makeLink(options: HttpLinkOptions): HttpLink {
  const link = createHttpLink(options);
  closers.push(() => link.close());
  return link;
}

/** An upstream of ours and a link to it. */
async function serve(listener: RequestListener, options: Partial<HttpLinkOptions> = {}): Promise<HttpLink> {
  const port = await listen(createServer(listener));
  return makeLink({ url: `http://127.0.0.1:${port}/mcp?a=1`, ...options });
}

/** An upstream that answers each connection with raw bytes. */
async function serveRaw(answer: (socket: Socket) => void, options: Partial<HttpLinkOptions> = {}): Promise<HttpLink> {
  const port = await listen(createTcpServer((socket) => socket.once('data', () => answer(socket))));
  return makeLink({ url: `http://127.0.0.1:${port}/`, ...options });
}

interface Heard {
  status?: number;
  kind?: string;
  messages: string[];
  ids: (string | undefined)[];
  retries: number[];
  named: string[];
  header?: (name: string) => string | undefined;
  ends: number;
  error?: LinkError;
}

interface Started {
  heard: Heard;
  abort: () => void;
  over: Promise<Heard>;
  message: Promise<void>;
}

function follow(start: (handler: Parameters<HttpLink['post']>[2]) => () => void): Started {
  const heard: Heard = { messages: [], ids: [], retries: [], named: [], ends: 0 };
  const over = Promise.withResolvers<Heard>();
  const message = Promise.withResolvers<void>();
  const abort = start({
    onHead(status, header, kind) {
      Object.assign(heard, { status, header, kind });
    },
    onMessage(bytes, id) {
      heard.messages.push(bytes.toString());
      heard.ids.push(id);
      message.resolve();
    },
    onRetry: (ms) => heard.retries.push(ms),
    onNamedEvent: (name) => heard.named.push(name),
    onEnd() {
      heard.ends += 1;
      over.resolve(heard);
    },
    onError(error) {
      heard.ends += 1;
      heard.error = error;
      over.resolve(heard);
    },
  });
  return { heard, abort, over: over.promise, message: message.promise };
}

const post = (link: HttpLink, body = '{}', headers: string[] = [], lane: Lane = 'call'): Started =>
  follow((handler) => link.post(body, headers, handler, lane));

const json = (response: ServerResponse, text: string): void => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(text);
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  return Buffer.concat((await request.toArray()) as Buffer[]).toString();
}

describe('a JSON answer', () => {
  test('is one message, whole, and the request arrives as it was given', async () => {
    const seen: { body: string; url: string | undefined; raw: string[] }[] = [];
    const link = await serve(
      (request, response) => {
        void bodyOf(request).then((body) => {
          seen.push({ body, url: request.url, raw: request.rawHeaders });
          response.writeHead(200, { 'content-type': 'application/json', 'Mcp-Session-Id': 's-1' });
          response.write('{"a":');
          setImmediate(() => response.end('"é"}'));
        });
      },
      { headers: { Authorization: 'Bearer t' } },
    );
    const heard = await post(link, '{"q":"ü"}', ['Mcp-Method', 'tools/call']).over;
    expect(heard).toMatchObject({ status: 200, kind: 'json', messages: ['{"a":"é"}'], ends: 1 });
    expect(heard.error).toBeUndefined();
    expect(heard.header?.('mcp-session-id')).toBe('s-1');
    expect(seen[0]).toMatchObject({ body: '{"q":"ü"}', url: '/mcp?a=1' });
    expect(seen[0]!.raw).toEqual(
      expect.arrayContaining(['Mcp-Method', 'tools/call', 'Bearer t', 'application/json, text/event-stream']),
    );
  });

  test('bytes are sent as they are', async () => {
    const link = await serve((request, response) => void bodyOf(request).then((body) => json(response, body)));
    expect((await post(link, '{"n":12345678901234567890}').over).messages).toEqual(['{"n":12345678901234567890}']);
    const bytes = follow((handler) => link.post(new TextEncoder().encode('{"b":1}'), [], handler));
    expect((await bytes.over).messages).toEqual(['{"b":1}']);
  });

  test('SDK-12: a body that is too long is cut off, with and without its length', async () => {
    for (const announce of [true, false]) {
      const link = await serve(
        (_request, response) => {
          const body = `{"${'x'.repeat(100_000)}":1}`;
          response.writeHead(200, {
            'content-type': 'application/json',
            ...(announce ? { 'content-length': body.length } : {}),
          });
          response.end(body);
        },
        { maxMessageBytes: 50_000 },
      );
      const heard = await post(link).over;
      expect(heard.messages).toEqual([]);
      expect(heard.error).toMatchObject({ code: 'ERR_UPSTREAM_TOO_LARGE', sent: true });
    }
  });

  test('SDK-12: an announced length that is too much is enough', async () => {
    const link = await serveRaw(
      (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50001\r\n\r\n{'),
      { maxMessageBytes: 50_000 },
    );
    expect((await post(link).over).error).toMatchObject({ code: 'ERR_UPSTREAM_TOO_LARGE', sent: true });
  });

  test('compression is not asked for, and refused when it comes all the same', async () => {
    let accepted: string | undefined;
    const link = await serve((request, response) => {
      accepted = request.headers['accept-encoding'];
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync('{}'));
    });
    const heard = await post(link).over;
    expect(accepted).toBe('identity');
    expect(heard).toMatchObject({ messages: [], error: { code: 'ERR_UPSTREAM_PROTOCOL', sent: true } });
  });
});

describe('headers', () => {
  test("a request's header goes before the operator's, and the operator's before ours", async () => {
    const link = await serve((request, response) => json(response, JSON.stringify(request.headersDistinct)), {
      headers: { Authorization: 'accept', Accept: 'x/operator' },
    });
    const plain = JSON.parse((await post(link).over).messages[0]!) as Record<string, string[]>;
    expect(plain).toMatchObject({
      authorization: ['accept'],
      accept: ['x/operator'],
      'content-type': ['application/json'],
    });
    const own = JSON.parse(
      (await post(link, '{}', ['authorization', 'Bearer own', 'ACCEPT', 'x/own']).over).messages[0]!,
    ) as Record<string, string[]>;
    expect(own).toMatchObject({ authorization: ['Bearer own'], accept: ['x/own'] });
  });

  test.each([
    ['Host', 'elsewhere.test'],
    ['Content-Length', '5'],
    ['transfer-encoding', 'chunked'],
    ['X-A', 'a\r\nX-B: b'],
    ['X-A', 'a\0b'],
    ['X A', 'b'],
    ['', 'b'],
    ['X-A', 'snow \u{2603}'],
  ])('a header %j: %j in the options is misuse', (name, value) => {
    expect(() => createHttpLink({ url: 'http://127.0.0.1/', headers: { [name]: value } })).toThrow(TypeError);
  });

  test('a header of a request that cannot be sent fails that request only', async () => {
    const link = await serve((_request, response) => json(response, '{}'));
    const heard = await post(link, '{}', ['X-A', 'a\r\nX-B: b']).over;
    expect(heard.error).toMatchObject({ code: 'ERR_UPSTREAM_PROTOCOL', sent: false });
    expect((await post(link).over).messages).toEqual(['{}']);
  });
});

describe('a stream of events', () => {
  const sse = (response: ServerResponse): ServerResponse =>
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });

  test('gives each event when it comes', async () => {
    let more = (): void => {};
    const link = await serve((_request, response) => {
      sse(response).write(
        ': hello\nretry: 1500\nid: 1\ndata:\n\nevent: ping\ndata: x\n\nid: 2\nevent: message\ndata: {"a":\ndata: 1}\n\n',
      );
      more = () => response.end('data: {"b":2}\n\n');
    });
    const { heard, over, message } = post(link);
    await message;
    await vi.waitFor(() => expect(heard.messages).toEqual(['', '{"a":\n1}']), { timeout: 10_000 });
    expect(heard).toMatchObject({ kind: 'sse', ends: 0, ids: ['1', '2'], retries: [1500], named: ['ping'] });
    more();
    expect((await over).messages).toEqual(['', '{"a":\n1}', '{"b":2}']);
    expect(heard.error).toBeUndefined();
  });

  test('is not subject to the limits for heads and bodies', async () => {
    const clock = { at: 0 };
    let more: (() => void) | undefined;
    const link = await serve(
      (_request, response) => {
        if (more) {
          clock.at = 1e9; // the second request is left without an answer
          return;
        }
        sse(response).write('data: 1\n\n');
        more = () => response.end('data: 2\n\n');
      },
      { headersTimeoutMs: 40, bodyTimeoutMs: 40, now: () => clock.at },
    );
    const { over, message, heard } = post(link);
    await message;
    expect((await post(link).over).error).toMatchObject({ code: 'ERR_UPSTREAM_TIMEOUT' });
    expect(heard.ends).toBe(0);
    more?.();
    expect((await over).messages).toEqual(['1', '2']);
  });

  test('SDK-12: an event that is too long ends it', async () => {
    const link = await serve((_request, response) => sse(response).end(`data: 1\n\ndata: ${'x'.repeat(5_000)}\n\n`), {
      maxMessageBytes: 1_000,
    });
    expect(await post(link).over).toMatchObject({ messages: ['1'], error: { code: 'ERR_UPSTREAM_TOO_LARGE' } });
  });

  test('can be given up from within a message, and then nothing more comes', async () => {
    const link = await serve((_request, response) => sse(response).write('data: 1\n\ndata: 2\n\ndata: 3\n\n'));
    let messages = 0;
    const error = await new Promise<LinkError>((resolve, reject) => {
      const abort = link.openStream([], {
        onHead: () => {},
        onMessage() {
          messages += 1;
          abort();
        },
        onEnd: () => reject(new Error('it did not end')),
        onError: resolve,
      });
    });
    expect(messages).toBe(1);
    expect(error).toMatchObject({ code: 'ERR_UPSTREAM_ABORTED', sent: true });
  });

  test('openStream asks with GET, and giving it up closes the connection', async () => {
    const closed = Promise.withResolvers<void>();
    const asked: (string | undefined)[] = [];
    const link = await serve((request, response) => {
      asked.push(
        request.method,
        request.headers.accept,
        String(request.headers['last-event-id']),
        request.headers['content-type'],
      );
      response.on('close', () => closed.resolve());
      sse(response).write('data: 1\n\n');
    });
    const started = follow((handler) => link.openStream(['Last-Event-ID', '7'], handler));
    await started.message;
    started.abort();
    expect(started.heard.error).toMatchObject({ code: 'ERR_UPSTREAM_ABORTED' });
    await closed.promise;
    expect(asked).toEqual(['GET', 'text/event-stream', '7', undefined]);
  });

  test('can be held back, and the server feels it', async () => {
    const total = 20_000_000;
    let written = 0;
    const stalled = Promise.withResolvers<void>();
    const link = await serve((_request, response) => {
      sse(response);
      const event = `data: ${'x'.repeat(99_992)}\n\n`;
      const more = (): void => {
        while (written < total) {
          written += event.length;
          if (response.write(event)) continue;
          response.once('drain', more);
          // Nothing was drained for a while: pipes and buffers are full. A pause that does not hold fails below.
          const mark = written;
          setTimeout(() => written === mark && stalled.resolve(), 200);
          return;
        }
        response.end();
        stalled.resolve();
      };
      more();
    });
    let bytes = 0;
    let resume = (): void => {};
    const over = new Promise<void>((resolve, reject) => {
      link.openStream([], {
        onHead(_status, _header, _kind, flow) {
          flow.pause();
          resume = () => flow.resume();
        },
        onMessage: (data) => (bytes += data.length),
        onEnd: resolve,
        onError: reject,
      });
    });
    await stalled.promise;
    expect(written).toBeLessThan(total);
    expect(bytes).toBe(0);
    resume();
    await over;
    expect(bytes).toBe((total / 100_000) * 99_992);
  });

  test('streams and answers of ours need no connection of the calls', async () => {
    const held: ServerResponse[] = [];
    const link = await serve(
      (request, response) => {
        if (request.method === 'GET') sse(response).write('data: 1\n\n');
        else
          void bodyOf(request).then((body) =>
            body === 'answer' ? response.writeHead(202).end() : held.push(response),
          );
      },
      { connections: 1 },
    );
    const call = post(link);
    await vi.waitFor(() => expect(held).toHaveLength(1), { timeout: 10_000 });
    await Promise.all([1, 2, 3].map(() => follow((handler) => link.openStream([], handler)).message));
    expect(await post(link, 'answer', [], 'side').over).toMatchObject({ status: 202 });
    json(held[0]!, '{}');
    expect((await call.over).messages).toEqual(['{}']);
  });
});

describe('other answers', () => {
  test.each([
    ['202 without a body', 202, {}, '', 'none', []],
    ['202 with a courtesy', 202, { 'content-type': 'text/plain' }, 'Accepted', 'none', []],
    ['200 without a body', 200, { 'content-length': '0' }, '', 'none', []],
    [
      'an error as JSON',
      400,
      { 'content-type': 'Application/JSON;charset=utf-8' },
      '{"error":1}',
      'json',
      ['{"error":1}'],
    ],
    ['an error as a text', 404, { 'content-type': 'text/html' }, '<h1>', 'other', ['<h1>']],
    ['JSON under a wrong type', 200, { 'content-type': 'text/plain' }, '{"a":1}', 'other', ['{"a":1}']],
    ['JSON under a related type', 400, { 'content-type': 'application/problem+json' }, '{}', 'other', ['{}']],
    ['a body without a type', 500, {}, 'oops', 'other', ['oops']],
  ] as const)('%s', async (_name, status, headers, body, kind, messages) => {
    const link = await serve((_request, response) => void response.writeHead(status, headers).end(body));
    const heard = await post(link).over;
    expect(heard).toMatchObject({ status, kind, messages, ends: 1 });
    expect(heard.error).toBeUndefined();
  });

  test('of a body that never ends, 64 KiB are shown', async () => {
    const closed = Promise.withResolvers<void>();
    const link = await serve((_request, response) => {
      response.writeHead(500, { 'content-type': 'text/html' });
      const more = (): void =>
        void (response.write('x'.repeat(10_000)) ? setImmediate(more) : response.once('drain', more));
      response.on('close', () => closed.resolve());
      more();
    });
    const heard = await post(link).over;
    expect(heard.error).toBeUndefined();
    expect(heard.messages.map((text) => text.length)).toEqual([64 * 1024]);
    await closed.promise;
  });

  test('SDK-11, CHK-01, GW-17: a redirect is reported and not followed, whatever asks', async () => {
    let elsewhere = 0;
    const port = await listen(
      createServer((_request, response) => {
        elsewhere += 1;
        response.end();
      }),
    );
    for (const status of [301, 302, 303, 307, 308]) {
      const link = await serve(
        (_request, response) => response.writeHead(status, { location: `http://127.0.0.1:${port}/` }).end(),
        {
          headers: { authorization: 'Bearer secret' },
        },
      );
      expect(await post(link).over).toMatchObject({ status, messages: [] });
      expect(await follow((handler) => link.openStream([], handler)).over).toMatchObject({ status });
      expect(await link.delete([])).toBe(status);
    }
    expect(elsewhere).toBe(0);
  });

  test('delete gives the status', async () => {
    const asked: (string | undefined)[] = [];
    const link = await serve((request, response) => {
      asked.push(request.method, request.headers['mcp-session-id'] as string);
      response.writeHead(405).end('no');
    });
    expect(await link.delete(['Mcp-Session-Id', 's'])).toBe(405);
    expect(asked).toEqual(['DELETE', 's']);
  });
});

describe('failures', () => {
  test('nobody listens: not sent', async () => {
    const server = createTcpServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const link = makeLink({ url: `http://127.0.0.1:${port}/` });
    expect((await post(link).over).error).toMatchObject({ code: 'ERR_UPSTREAM_CONNECT', sent: false });
    await expect(link.delete([])).rejects.toMatchObject({ code: 'ERR_UPSTREAM_CONNECT', sent: false });
  });

  test('a name that does not resolve: not sent', async () => {
    const link = makeLink({
      url: 'http://name.test/',
      lookup: (_name, _options, callback) => callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []),
    });
    expect((await post(link).over).error).toMatchObject({ code: 'ERR_UPSTREAM_CONNECT', sent: false });
  });

  test.each([
    ['before the head', ''],
    ['in the middle of the head', 'HTTP/1.1 200 OK\r\ncontent-'],
    [
      'in the middle of a body with a length',
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a":',
    ],
    [
      'in the middle of a body in chunks',
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n',
    ],
  ])('closed %s: perhaps it ran, and no message comes of it', async (_name, bytes) => {
    let connections = 0;
    const link = await serveRaw((socket) => {
      connections += 1;
      socket.end(bytes);
    });
    const heard = await post(link).over;
    expect(heard).toMatchObject({ messages: [], ends: 1, error: { code: 'ERR_UPSTREAM_CLOSED', sent: true } });
    // Never sent a second time behind our back.
    expect((await post(link).over).ends).toBe(1);
    expect(connections).toBe(2);
  });

  test('a stream that breaks in the middle of an event gives the events before it', async () => {
    const link = await serveRaw((socket) =>
      socket.end(
        'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n12\r\ndata: 1\n\ndata: {"a\r\n',
      ),
    );
    expect(await post(link).over).toMatchObject({
      messages: ['1'],
      error: { code: 'ERR_UPSTREAM_CLOSED', sent: true },
    });
  });

  test.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.9\r\n', 'ERR_UPSTREAM_PROTOCOL'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}', 'ERR_UPSTREAM_CLOSED'],
    ['a head without end', `HTTP/1.1 200 OK\r\n${'x-pad: 0123456789\r\n'.repeat(4_000)}`, 'ERR_UPSTREAM_PROTOCOL'],
  ])('%s is an error and no crash', async (_name, bytes, code) => {
    const link = await serveRaw((socket) => socket.write(bytes));
    expect((await post(link).over).error).toMatchObject({ code, sent: true });
  });

  describe('slow upstreams are given up', () => {
    const after = '\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n';
    test.each([
      ['without an answer', '', ''],
      ['with a head drop by drop', 'HTTP/1.1 200 OK\r\n', 'x: y\r\n'],
      ['with a body drop by drop', `HTTP/1.1 200 OK${after}`, ' '],
    ])('%s', async (_name, first, drop) => {
      const clock = { at: 0 };
      const link = await serveRaw(
        (socket) => {
          socket.write(first);
          const drops = setInterval(() => {
            socket.write(drop);
            clock.at += 5;
          }, 5);
          socket.on('close', () => clearInterval(drops));
        },
        { headersTimeoutMs: 200, bodyTimeoutMs: 200, now: () => clock.at },
      );
      expect((await post(link).over).error).toMatchObject({ code: 'ERR_UPSTREAM_TIMEOUT', sent: true });
    });

    test('and so is a call that only waits for a connection', async () => {
      const clock = { at: 0 };
      const link = await serveRaw(() => (clock.at = 1e6), {
        headersTimeoutMs: 40,
        connections: 1,
        now: () => clock.at,
      });
      const [first, second] = [post(link), post(link)];
      expect((await first.over).error).toMatchObject({ code: 'ERR_UPSTREAM_TIMEOUT', sent: true });
      expect((await second.over).error).toMatchObject({ code: 'ERR_UPSTREAM_TIMEOUT', sent: false });
    });
  });

  test('what is given up while it waits for a connection is never sent', async () => {
    const bodies: string[] = [];
    const held: ServerResponse[] = [];
    const link = await serve(
      (request, response) =>
        void bodyOf(request).then((body) => {
          bodies.push(body);
          held.push(response);
        }),
      { connections: 1 },
    );
    const first = post(link, 'first');
    const second = post(link, 'second');
    await vi.waitFor(() => expect(held).toHaveLength(1), { timeout: 10_000 });
    second.abort();
    expect(second.heard).toMatchObject({ ends: 1, error: { code: 'ERR_UPSTREAM_ABORTED', sent: false } });
    json(held[0]!, '{}');
    await first.over;
    const third = post(link, 'third');
    await vi.waitFor(() => expect(held).toHaveLength(2), { timeout: 10_000 });
    json(held[1]!, '{}');
    await third.over;
    expect(bodies).toEqual(['first', 'third']);
    expect(second.heard.ends).toBe(1);
  });

  test('a connection that the upstream closed while it was idle costs no call', async () => {
    let closed = Promise.withResolvers<void>();
    const link = await serve((request, response) => {
      request.socket.once('close', () => closed.resolve());
      json(response, '{}');
      response.once('finish', () => request.socket.end());
    });
    for (let i = 0; i < 5; i++) {
      closed = Promise.withResolvers();
      expect((await post(link).over).messages).toEqual(['{}']);
      await closed.promise; // our end has closed as well, so it knows
    }
  });

  test('what a handler throws ends the exchange and not the process', async () => {
    const link = await serve((_request, response) => json(response, '{}'));
    const error = await new Promise<LinkError>((resolve) => {
      link.post('{}', [], {
        onHead: () => {
          throw new Error('a bug of the handler');
        },
        onMessage: () => {},
        onEnd: () => {},
        onError: resolve,
      });
    });
    expect(error.cause).toMatchObject({ message: 'a bug of the handler' });
    expect((await post(link).over).messages).toEqual(['{}']);
  });

  test('close ends what is under way and refuses what comes later', async () => {
    const link = await serve(() => {});
    const running = post(link);
    await new Promise((resolve) => setImmediate(resolve));
    await link.close();
    expect(running.heard.error).toMatchObject({ code: 'ERR_UPSTREAM_CLOSED' });
    expect((await post(link).over).error).toMatchObject({ code: 'ERR_UPSTREAM_CLOSED', sent: false });
    await link.close();
  });
});

describe('many at once', () => {
  test('each caller gets its own answer', async () => {
    const link = await serve((request, response) => void bodyOf(request).then((body) => json(response, body)), {
      connections: 8,
    });
    const bodies = Array.from({ length: 200 }, (_, i) => `{"caller":${i}}`);
    const answers = await Promise.all(bodies.map((body) => post(link, body).over));
    expect(answers.flatMap(({ messages }) => messages)).toEqual(bodies);
  });
});

describe('TLS', () => {
  const file = (name: string): string =>
    readFileSync(new URL(`../../../test/fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
  const start = async (): Promise<number> =>
    listen(createTlsServer({ key: file('key'), cert: file('cert') }, (_request, response) => json(response, '{}')));

  test('a certificate nobody vouches for is refused, even where a variable turns verification off', async () => {
    const port = await start();
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const heard = await post(makeLink({ url: `https://localhost:${port}/` })).over;
    vi.unstubAllEnvs();
    expect(heard.error).toMatchObject({ code: 'ERR_UPSTREAM_TLS', sent: false });
  });
  test('a private authority is trusted by option', async () => {
    const port = await start();
    const link = makeLink({ url: `https://localhost:${port}/`, ca: file('cert') });
    expect((await post(link).over).messages).toEqual(['{}']);
  });
  test('but not for another name', async () => {
    const port = await start();
    const lookup: NonNullable<HttpLinkOptions['lookup']> = (_name, _options, callback) =>
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    const link = makeLink({ url: `https://other.test:${port}/`, ca: [file('cert')], lookup });
    expect((await post(link).over).error).toMatchObject({ code: 'ERR_UPSTREAM_TLS', sent: false });
  });
  test('plain HTTP on that port is an error', async () => {
    const link = await serve((_request, response) => json(response, '{}'));
    const port = await listen(
      createTcpServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
    );
    expect((await post(makeLink({ url: `https://localhost:${port}/` })).over).error).toMatchObject({ sent: false });
    expect((await post(link).over).messages).toEqual(['{}']);
  });
});

describe('GW-07, GW-22: with private addresses refused', () => {
  test.each([
    '127.0.0.1',
    '[::1]',
    '2130706433',
    '0177.0.0.1',
    '0x7f000001',
    '127.1',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
    '0.0.0.0',
  ])('http://%s/ is not dialled', async (host) => {
    const link = makeLink({ url: `http://${host}/`, allowPrivateAddresses: false });
    const { error } = await post(link).over;
    expect(error).toMatchObject({ code: 'ERR_UPSTREAM_CONNECT', sent: false, cause: { code: 'ERR_ADDRESS_REFUSED' } });
  });

  test('a name is judged by the address that is dialled, each time anew', async () => {
    let hits = 0;
    const port = await listen(
      createServer((_request, response) => {
        hits += 1;
        json(response, '{}');
      }),
    );
    let asked = 0;
    const link = makeLink({
      url: `http://rebinding.test:${port}/`,
      allowPrivateAddresses: false,
      lookup(_name, _options, callback) {
        asked += 1;
        const local = { address: '127.0.0.1', family: 4 };
        callback(null, asked === 1 ? [{ address: '8.8.8.8', family: 4 }, local] : [local]);
      },
    });
    expect((await post(link).over).error).toMatchObject({ sent: false, cause: { code: 'ERR_ADDRESS_REFUSED' } });
    expect((await post(link).over).error).toMatchObject({ sent: false, cause: { code: 'ERR_ADDRESS_REFUSED' } });
    expect(asked).toBe(2);
    expect(hits).toBe(0);
  });

  test('and by default a local upstream is reached by name', async () => {
    const port = await listen(createServer((_request, response) => json(response, '{}')));
    const link = makeLink({
      url: `http://name.test:${port}/`,
      lookup: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    expect((await post(link).over).messages).toEqual(['{}']);
  });
});

describe('misuse', () => {
  test.each([
    'unix:/tmp/socket',
    'unix:///tmp/socket',
    'file:///etc/passwd',
    'ftp://a.test/',
    'ws://a.test/',
    'data:,x',
    'http+unix://x/',
    'not a url',
    '',
    '/mcp',
    'http://',
    'http://u:p@a.test/',
    'http://u@a.test/',
  ])('the URL %j', (url) => {
    expect(() => createHttpLink({ url })).toThrow(TypeError);
  });
  test.each([
    { connections: 0 },
    { connections: 1.5 },
    { headersTimeoutMs: -1 },
    { bodyTimeoutMs: Number.NaN },
    { maxMessageBytes: 0 },
    { connectTimeoutMs: 0 },
  ])('the option %j', (option) => {
    expect(() => createHttpLink({ url: 'http://127.0.0.1/', ...option })).toThrow(TypeError);
  });
});
