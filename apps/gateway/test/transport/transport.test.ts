import { once } from 'node:events';
import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect as http2Connect } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect as tlsConnect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createTransport, type TransportOptions } from '../../src/transport/transport.ts';
import { readCertificates } from '../../src/transport/certificates.ts';
import { followCertificates } from '../../src/transport/follow-certificates.ts';
import { folderOf } from '../config/load-fixture.ts';

const fixtures = join(import.meta.dirname, '../fixtures/tls');
const now = (): number => Date.parse('2027-01-01');
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

async function certificateFolder(): Promise<{ config: string; take: (name: string) => Promise<void> }> {
  const folder = await folderOf({ 'sekisho.jsonc': {} });
  const take = async (name: string): Promise<void> => {
    for (const part of ['cert', 'key']) {
      await copyFile(join(fixtures, `${name}.${part}.pem`), join(folder, `${part}.pem`));
      await chmod(join(folder, `${part}.pem`), 0o600);
    }
  };
  await take('first');
  return { config: join(folder, 'sekisho.jsonc'), take };
}

const tlsFiles = { cert: 'cert.pem', key: 'key.pem' };

async function serve(options: Partial<TransportOptions> = {}) {
  const transport = createTransport({ tls: undefined, ...options }, (request, response) => {
    request.resume();
    request.on('end', () => response.end('served'));
  });
  transport.server.listen(0, '127.0.0.1');
  await once(transport.server, 'listening');
  onTestFinished(async () => {
    const closed = transport.close();
    transport.closeNow();
    await closed;
  });
  return { transport, port: (transport.server.address() as AddressInfo).port };
}

/** Everything the server says on a raw connection until it ends it. */
async function say(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (bytes) => (heard += String(bytes)));
  socket.on('error', () => undefined);
  socket.write(text);
  // A refused connection may end by a reset, which is an end like any other here.
  await new Promise((resolve) => socket.once('close', resolve));
  return heard;
}

async function certificateOf(port: number): Promise<PeerCertificate> {
  const socket = tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerCertificate();
  socket.destroy();
  return certificate;
}

describe('TLS', () => {
  test('serves HTTP/2 and HTTP/1.1 by TLS 1.2 and later, and nothing older', async () => {
    const { config } = await certificateFolder();
    const { port } = await serve({ tls: await readCertificates(tlsFiles, config, now()) });

    const session = http2Connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    const stream = session.request({ ':path': '/' });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers[':status']).toBe(200);
    session.destroy();

    const old = httpsRequest({ port, host: '127.0.0.1', rejectUnauthorized: false }).end();
    const [response] = (await once(old, 'response')) as [{ httpVersion: string; statusCode: number; resume(): void }];
    expect([response.httpVersion, response.statusCode]).toEqual(['1.1', 200]);
    response.resume();

    const ancient = tlsConnect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      // Else this client itself would not offer what is to be refused.
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    await expect(once(ancient, 'secureConnect')).rejects.toThrow(/protocol version|alert|unsupported/i);
    const newest: TLSSocket = tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
    await once(newest, 'secureConnect');
    expect(newest.getProtocol()).toBe('TLSv1.2');
    newest.destroy();
  });

  test('takes up a renewed certificate while it runs, and keeps the old one when the new files cannot serve', async () => {
    const { config, take } = await certificateFolder();
    const { transport, port } = await serve({ tls: await readCertificates(tlsFiles, config, now()) });
    const errors: object[] = [];
    const log = { ...quiet, error: (fields: object) => errors.push(fields) };
    const following = await followCertificates(tlsFiles, config, { transport, now, log });
    onTestFinished(() => following.close());
    expect((await certificateOf(port)).subject.CN).toBe('first.test');

    await copyFile(join(fixtures, 'second.cert.pem'), config.replace('sekisho.jsonc', 'cert.pem'));
    await vi.waitFor(() => expect(errors).toHaveLength(1), 10_000);
    expect(JSON.stringify(errors)).toContain('does not belong to the certificate');
    expect((await certificateOf(port)).subject.CN).toBe('first.test');

    await take('second');
    await vi.waitFor(async () => expect((await certificateOf(port)).subject.CN).toBe('second.test'), 10_000);
  });

  test('says what is wrong with files that cannot serve', async () => {
    const { config } = await certificateFolder();
    const key = config.replace('sekisho.jsonc', 'key.pem');
    await expect(readCertificates({ ...tlsFiles, cert: 'none.pem' }, config, now())).rejects.toThrow(
      /none\.pem.*ENOENT/,
    );
    await expect(readCertificates(tlsFiles, config, Date.parse('3000-01-01'))).rejects.toThrow(/expired on/);
    await expect(readCertificates(tlsFiles, config, Date.parse('2000-01-01'))).rejects.toThrow(/not in force before/);
    await chmod(key, 0o644);
    await expect(readCertificates(tlsFiles, config, now())).rejects.toThrow(/chmod 600/);
    await chmod(key, 0o600);
    await writeFile(key, 'not a key');
    await expect(readCertificates(tlsFiles, config, now())).rejects.toThrow(/not in PEM form/);
  });
});

describe('slow and greedy clients', () => {
  test('headers that do not come to an end are cut off', async () => {
    const { port } = await serve({ headersTimeoutMs: 200 });
    expect(await say(port, 'GET / HTTP/1.1\r\nHost: localhost\r\n')).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('a body that does not come to an end is cut off', async () => {
    const { port } = await serve({ headersTimeoutMs: 200, requestTimeoutMs: 300 });
    const heard = await say(port, 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx');
    expect(heard).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('so is one of HTTP/2', async () => {
    const { config } = await certificateFolder();
    const { port } = await serve({
      tls: await readCertificates(tlsFiles, config, now()),
      headersTimeoutMs: 200,
      requestTimeoutMs: 300,
    });
    const session = http2Connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    onTestFinished(() => session.destroy());
    const stream = session.request({ ':path': '/', ':method': 'POST' }, { endStream: false });
    stream.on('error', () => undefined);
    stream.write('x');
    await new Promise((resolve) => stream.once('close', resolve));
    expect(stream.rstCode).toBe(11);
  });

  test('headers beyond 16 KiB are refused, with the headers of every response', async () => {
    const { port } = await serve();
    const heard = await say(port, `GET / HTTP/1.1\r\nHost: localhost\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(heard).toMatch(/^HTTP\/1\.1 431 /);
    expect(heard).toContain('X-Frame-Options: DENY');
    expect(heard).toContain('X-Content-Type-Options: nosniff');
  });

  test.each([
    '\r\n\r\nnonsense\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  ])('what is no request is refused with those headers too: %j', async (text) => {
    const { port } = await serve();
    const heard = await say(port, text);
    expect(heard).toMatch(/^HTTP\/1\.1 400 /);
    expect(heard).toContain("Content-Security-Policy: default-src 'none'");
  });

  test('one address gets so many connections and no more, and room again when it closes some', async () => {
    const { port } = await serve({ maxConnectionsPerAddress: 2 });
    const first = connect(port, '127.0.0.1');
    const second = connect(port, '127.0.0.1');
    await Promise.all([once(first, 'connect'), once(second, 'connect')]);
    expect(await say(port, 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).toBe('');
    first.destroy();
    await vi.waitFor(async () => {
      const heard = await say(port, 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      expect(heard).toContain('served');
    });
    second.destroy();
  });

  test('a client of good manners is served', async () => {
    const { port } = await serve({ headersTimeoutMs: 200, requestTimeoutMs: 300, maxConnectionsPerAddress: 1 });
    const asked = httpRequest({ port, host: '127.0.0.1', method: 'POST' }).end('body');
    const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
    expect(response.statusCode).toBe(200);
    response.resume();
  });
});
