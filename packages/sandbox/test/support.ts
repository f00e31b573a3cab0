import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '../src/broker/authority.ts';
import {
  type BoxedChild,
  type BoxEvent,
  type BoxSpec,
  createSandbox,
  type Sandbox,
  type SandboxOptions,
} from '../src/index.ts';

export const NODE = process.execPath;
/** Who owns the scratch directories, and so who the boxes run as. */
export const OWNER =
  process.getuid!() === 0 ? { uid: 1234, gid: 1234 } : { uid: process.getuid!(), gid: process.getgid!() };

export interface Said {
  stdout: string;
  stderr: string;
  code: number | null;
  reason: string;
}

export async function finish(child: BoxedChild, input = ''): Promise<Said> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.end(input);
  const { code, reason } = await child.exited;
  return { stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), code, reason };
}

export interface Lab {
  sandbox: Sandbox;
  events: (BoxEvent & { box: string })[];
  scratch: string;
  /** Makes a directory for the box's user. */
  directory(name: string): string;
  run(spec: BoxSpec): Promise<Said>;
  close(): void;
}

export function createLab(options: SandboxOptions = {}): Lab {
  const events: (BoxEvent & { box: string })[] = [];
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'sekisho-lab-')));
  chmodSync(scratch, 0o755);
  const sandbox = createSandbox({
    environment: process.env,
    home: join(scratch, 'home'),
    onEvent: (event) => events.push(event),
    ...options,
  });
  return {
    sandbox,
    events,
    scratch,
    directory(name) {
      const path = join(scratch, name);
      mkdirSync(path, { recursive: true });
      own(path);
      return path;
    },
    run: async (spec) => finish(await sandbox.start(spec)),
    close: () => rmSync(scratch, { recursive: true, force: true }),
  };
}

/** Gives what a test made to the user of the boxes. */
export function own(path: string): void {
  if (process.getuid!() === 0) execFileSync('chown', ['-R', `${OWNER.uid}:${OWNER.gid}`, path]);
}

/** Upstream servers on this machine, TLS and plain, with a certificate for a name that only the tests know. */
export interface Upstream {
  tlsPort: number;
  plainPort: number;
  certificate: string;
  seen: { url: string; headers: NodeJS.Dict<string | string[]>; body: string }[];
  close(): void;
}

export async function createUpstream(
  answer?: RequestListener,
  names: readonly string[] = ['api.example.test'],
): Promise<Upstream> {
  const authority = createAuthority(Date.now);
  const seen: Upstream['seen'] = [];
  const listener: RequestListener = (request, response) => {
    let body = '';
    request
      .setEncoding('utf8')
      .on('data', (chunk: string) => (body += chunk))
      .on('end', () => {
        seen.push({ url: request.url ?? '', headers: request.headers, body });
        if (answer === undefined) response.end(`hello from ${request.headers.host}`);
        else answer(request, response);
      });
  };
  const tls = createTlsServer(
    { SNICallback: (name, done) => done(null, authority.contextFor(names.includes(name) ? name : names[0]!)) },
    listener,
  ).listen(0, '127.0.0.1');
  const plain = createServer(listener).listen(0, '127.0.0.1');
  await Promise.all([tls, plain].map((server) => new Promise((resolve) => server.once('listening', resolve))));
  return {
    tlsPort: (tls.address() as AddressInfo).port,
    plainPort: (plain.address() as AddressInfo).port,
    certificate: authority.certificate,
    seen,
    close() {
      for (const server of [tls, plain]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}
