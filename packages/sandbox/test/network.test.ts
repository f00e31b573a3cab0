import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLab, createUpstream, type Lab, NODE, type Upstream } from './support.ts';

const NAME = 'api.example.test';
let upstream: Upstream;
let lab: Lab;
let certificate: string;

beforeAll(async () => {
  upstream = await createUpstream(undefined, [NAME, 'a.wild.example.test']);
  const addresses: Record<string, string> = {
    'metadata.example.test': '169.254.169.254',
    'inside.example.test': '10.0.0.1',
  };
  lab = createLab({ lookup: (host) => Promise.resolve([{ address: addresses[host] ?? '127.0.0.1', family: 4 }]) });
  certificate = join(lab.directory('ca'), 'ca.pem');
  writeFileSync(certificate, upstream.certificate);
});
afterAll(() => {
  upstream.close();
  lab.close();
});

const url = (host = NAME): string => `https://${host}:${upstream.tlsPort}/`;
const plainUrl = (host = NAME): string => `http://${host}:${upstream.plainPort}/`;
const print = (call: string): string =>
  `${call}.then(async (r) => console.log(r.status, await r.text()), (e) => console.log('ERR', e.cause?.code ?? e.code ?? e.message, e.cause?.message))`;

/** A profile for this upstream: the name, and the address that it leads to. */
const profile = (...more: string[]) => ({
  filesystem: { allowRead: [join(lab.scratch, 'ca')] },
  network: {
    allowedDomains: [
      `${NAME}:${upstream.tlsPort}`,
      `${NAME}:${upstream.plainPort}`,
      `127.0.0.1:${upstream.tlsPort}`,
      `127.0.0.1:${upstream.plainPort}`,
      ...more,
    ],
  },
  env: { NODE_EXTRA_CA_CERTS: certificate, SSL_CERT_FILE: certificate, CURL_CA_BUNDLE: certificate },
});
const node = (code: string, ...more: string[]) =>
  lab.run({ command: NODE, args: ['-e', code], profile: profile(...more) });

describe('an allowed host, without any setting of a proxy', () => {
  it('is reached by fetch, over TLS and plain', async () => {
    expect((await node(print(`fetch('${url()}')`))).stdout).toBe(`200 hello from ${NAME}:${upstream.tlsPort}\n`);
    expect((await node(print(`fetch('${plainUrl()}')`))).stdout).toBe(`200 hello from ${NAME}:${upstream.plainPort}\n`);
    expect(lab.events.find((event) => event.type === 'connection')).toMatchObject({
      host: NAME,
      address: '127.0.0.1',
      bytesSent: expect.toSatisfy((n: number) => n > 100),
      bytesReceived: expect.toSatisfy((n: number) => n > 100),
    });
  });
  it('is reached by undici', async () => {
    const undici = createRequire(import.meta.url).resolve('undici');
    const { stdout } = await lab.run({
      command: NODE,
      args: ['-e', `const u = require('${undici}'); ${print(`u.fetch('${url()}')`)}`],
      profile: {
        ...profile(),
        filesystem: { allowRead: [join(lab.scratch, 'ca'), undici.slice(0, undici.indexOf('/node_modules/') + 13)] },
      },
    });
    expect(stdout).toContain(`200 hello from ${NAME}`);
  });
  it('is reached by curl and by Python', async (test) => {
    if (!existsSync('/usr/bin/curl') || !existsSync('/usr/bin/python3')) test.skip();
    expect((await lab.run({ command: '/usr/bin/curl', args: ['-sS', url()], profile: profile() })).stdout).toContain(
      'hello',
    );
    expect(
      (
        await lab.run({
          command: '/usr/bin/python3',
          args: ['-c', `import urllib.request; print(urllib.request.urlopen('${url()}').read())`],
          profile: profile(),
        })
      ).stdout,
    ).toContain('hello');
  });
  it('on a granted port of this machine by its address', async () => {
    expect((await node(print(`fetch('${plainUrl('127.0.0.1')}')`))).stdout).toContain('200 hello');
  });
});

describe('BOX-06: everything else is refused, recorded, and named in the error', () => {
  const refusals = (): unknown[] =>
    lab.events.filter((event) => event.type === 'refused').map(({ host, port, reason }) => ({ host, port, reason }));
  it('another name', async () => {
    const { stdout } = await node(print("fetch('https://evil.example.test/')"));
    expect(stdout).toMatch(/ENOTFOUND.*evil\.example\.test/);
    expect(refusals()).toContainEqual({ host: 'evil.example.test', port: 0, reason: 'no-rule' });
  });
  it('another port of an allowed name', async () => {
    expect((await node(print(`fetch('http://${NAME}:19999/')`))).stdout).toMatch(
      /ERR ECONNREFUSED.*127\.1\.0\.1:19999/,
    );
    const more = `other.example.test:${upstream.tlsPort + 1 > 65_535 ? 1 : upstream.tlsPort + 1}`;
    await node(print(`fetch('http://${NAME}:${more.split(':')[1]}/')`), more);
    expect(refusals()).toContainEqual({ host: NAME, port: Number(more.split(':')[1]), reason: 'no-rule' });
  });
  it('an address that is not granted', async () => {
    expect((await node(print("fetch('http://93.184.216.34/')"))).stdout).toMatch(/ERR ENETUNREACH.*93\.184\.216\.34/);
  });
  it.each(['metadata.example.test', 'inside.example.test'])('%s, which leads to a private address', async (host) => {
    const { stdout } = await node(
      print(`fetch('http://${host}:${upstream.plainPort}/')`),
      `${host}:${upstream.plainPort}`,
    );
    expect(stdout).toContain(`403 Refused by the sandbox: "${host}:${upstream.plainPort}" leads to a private address`);
    expect(refusals()).toContainEqual({ host, port: upstream.plainPort, reason: 'private-address' });
  });
  it('another server name than the rule (fronting)', async () => {
    const before = upstream.seen.length;
    const { stdout } = await node(
      `require('tls').connect({ host: '${NAME}', port: ${upstream.tlsPort}, servername: 'evil.example.test' }).on('error', (e) => console.log(e.code)).on('secureConnect', () => console.log('THROUGH'))`,
    );
    expect(stdout).toMatch(/UNRECOGNIZED_NAME|ECONNRESET/);
    expect(refusals()).toContainEqual({ host: NAME, port: upstream.tlsPort, reason: 'server-name-mismatch' });
    expect(upstream.seen.length).toBe(before);
  });
  it('no server name at all', async () => {
    expect(
      (
        await node(
          `require('tls').connect({ host: '${NAME}', port: ${upstream.tlsPort}, servername: '' }).on('error', (e) => console.log(e.code)).on('secureConnect', () => console.log('THROUGH'))`,
        )
      ).stdout,
    ).not.toContain('THROUGH');
  });
  it('another host in the request', async () => {
    const { stdout } = await node(
      `require('http').get('${plainUrl()}', { headers: { host: 'evil.example.test' } }, (r) => console.log(r.statusCode))`,
    );
    expect(stdout).toBe('421\n');
  });
  it('plain text on port 443', async () => {
    const { stdout } = await node(
      "require('net').connect(443, 'tls.example.test', function () { this.write('hello'); }).on('close', () => console.log('closed')).on('error', (e) => console.log(e.code)).on('data', () => console.log('DATA'))",
      'tls.example.test',
    );
    expect(stdout).toBe('closed\n');
    expect(refusals()).toContainEqual({ host: 'tls.example.test', port: 443, reason: 'not-tls' });
  });
  it("taking a rule's address and port", async () => {
    expect(
      (
        await node(
          `require('net').createServer().on('error', (e) => console.log(e.code)).listen(${upstream.tlsPort}, '127.1.0.1', () => console.log('TOOK'))`,
        )
      ).stdout,
    ).toBe('EADDRINUSE\n');
  });
});

describe('wildcards', () => {
  const run = (code: string, denied: string[] = []) =>
    lab.run({
      command: NODE,
      args: ['-e', code],
      profile: {
        ...profile(),
        network: {
          allowedDomains: [`*.wild.example.test:${upstream.tlsPort}`, `127.0.0.1:${upstream.tlsPort}`],
          deniedDomains: denied,
        },
      },
    });
  const target = (): string => `https://a.wild.example.test:${upstream.tlsPort}/`;
  it('are reached through the CONNECT listener and without it', async () => {
    expect((await run(print(`fetch('${target()}')`))).stdout).toContain('200 hello');
    expect(
      (
        await run(
          `require('https').get('${target()}', { agent: new (require('https').Agent)() }, (r) => { console.log(r.statusCode); r.resume(); }).on('error', (e) => console.log(e.code))`,
        )
      ).stdout,
    ).toBe('200\n');
  });
  it('the CONNECT listener refuses what no rule covers', async () => {
    const connect = (host: string): string =>
      `const s = require('net').connect(3128, '127.0.0.1', () => s.write('CONNECT ${host} HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n')); s.on('data', (d) => { console.log(String(d).split('\\r\\n')[0]); s.destroy(); })`;
    for (const host of ['wild.example.test', 'evilwild.example.test', '169.254.169.254', '127.0.0.1'])
      expect((await run(connect(`${host}:9`))).stdout).toBe('HTTP/1.1 403 Forbidden\n');
  });
  it('do not cover their own top, nor what is denied', async () => {
    expect((await run(print(`fetch('https://wild.example.test:${upstream.tlsPort}/')`))).stdout).toMatch(/ERR/);
    expect((await run(print(`fetch('${target()}')`), ['a.wild.example.test'])).stdout).toMatch(/ERR/);
  });
});
