import { createPublicKey, createSign, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A key pair as an issuer publishes it and as an attacker might use it. Independent of the library under test. */
export interface TestKey {
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly jwk: Record<string, unknown>;
}

export function makeKey(alg: 'ES256' | 'RS256' | 'PS256' | 'EdDSA', kid: string, bits = 2048): TestKey {
  const { privateKey, publicKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : alg === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: bits });
  return { alg, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

export const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Signs with node:crypto, so that any header and any payload can be signed. */
export function signToken(key: TestKey, header: object, payload: unknown): string {
  const input = `${encode({ alg: key.alg, kid: key.jwk['kid'], ...header })}.${encode(payload)}`;
  return `${input}.${signatureOf(key, input).toString('base64url')}`;
}

function signatureOf(key: TestKey, input: string): Buffer {
  const data = Buffer.from(input);
  if (key.alg === 'EdDSA') return sign(undefined, data, key.privateKey);
  if (key.alg === 'ES256') return sign('sha256', data, { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  if (key.alg === 'PS256') return sign('sha256', data, { key: key.privateKey, padding: 6, saltLength: 32 });
  return createSign('sha256').update(data).sign(key.privateKey);
}

export const publicPem = (key: TestKey): string =>
  createPublicKey(key.privateKey).export({ format: 'pem', type: 'spki' }).toString();

export interface LocalIssuer {
  readonly issuer: string;
  keys: TestKey[];
  /** Replaces the answer at a path. */
  readonly answers: Map<string, (request: IncomingMessage, response: ServerResponse, body: string) => void>;
  /** Paths asked for, in order. */
  readonly requests: string[];
  count(path: string): number;
  close(): Promise<void>;
}

/** An issuer that publishes metadata and keys over real HTTP on loopback, and counts who asks. */
export async function startIssuer(keys: TestKey[]): Promise<LocalIssuer> {
  const answers: LocalIssuer['answers'] = new Map();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const answer = answers.get(path);
      if (answer !== undefined) return answer(request, response, body);
      response.setHeader('content-type', 'application/json');
      if (path === '/.well-known/oauth-authorization-server') {
        response.end(
          JSON.stringify({
            issuer: local.issuer,
            jwks_uri: `${local.issuer}/jwks`,
            introspection_endpoint: `${local.issuer}/introspect`,
          }),
        );
      } else if (path === '/jwks') {
        response.end(JSON.stringify({ keys: local.keys.map((key) => key.jwk) }));
      } else {
        response.statusCode = 404;
        response.end('{}');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const local: LocalIssuer = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys,
    answers,
    requests,
    count: (path) => requests.filter((asked) => asked === path).length,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return local;
}
