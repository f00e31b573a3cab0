import { createHmac } from 'node:crypto';
import type { AuthEventType, ResourceServerOptions } from '../../src/index.ts';
import { createKey } from '../../src/keys/index.ts';
import type { Attack } from './drivers.ts';
import { encode, makeKey, publicPem, signToken } from './local-issuer.ts';
import { METADATA, type Stage } from './stage.ts';

// The rows as data, so that whatever mounts the gate can be attacked in the same ways.

const SCOPE = 'mcp:read';
export const classes = {
  OK: [200, null],
  C401: [401, `Bearer resource_metadata="${METADATA}", scope="${SCOPE}"`],
  T401: [
    401,
    /^Bearer error="invalid_token", error_description="(?:The access token is not valid|The credential has expired)\.", resource_metadata="https:\/\/gw\.example\/\.well-known\/oauth-protected-resource\/mcp", scope="mcp:read"$/,
  ],
  R400: [
    400,
    new RegExp(`^Bearer error="invalid_request", error_description="[A-Za-z .]+", resource_metadata="${METADATA}"$`),
  ],
  S403: [403, `Bearer error="insufficient_scope", scope="${SCOPE}", resource_metadata="${METADATA}"`],
  P403: [403, null],
  U503: [503, null],
  Q429: [429, null],
} as const;

export interface Row {
  readonly id: string;
  readonly what: string;
  readonly attack: (stage: Stage) => Attack | Promise<Attack>;
  readonly expect: keyof typeof classes;
  readonly event: AuthEventType;
  readonly options?: Partial<ResourceServerOptions>;
}

export const bearer = (token: string): Attack => ({ headers: [['Authorization', `Bearer ${token}`]] });
export const weak = makeKey('RS256', 'weak', 1024);
export const stranger = makeKey('ES256', 'k1');
export const ps = makeKey('PS256', 'ps');

export const apiKey = async (stage: Stage): Promise<string> =>
  (await createKey(stage.keys, { principal: 'robot' })).key;
const expiring = (stage: Stage, seconds: number): string => stage.token({ exp: stage.clock.ms / 1000 + seconds });

export const rows: readonly Row[] = [
  { id: 'A01', what: 'no credential', attack: () => ({}), expect: 'C401', event: 'auth.missing' },
  {
    id: 'A01b',
    what: 'another scheme',
    attack: () => ({ headers: [['Authorization', 'Basic YTpi']] }),
    expect: 'C401',
    event: 'auth.unsupported_scheme',
  },
  {
    id: 'A01c',
    what: 'empty header',
    attack: () => ({ headers: [['Authorization', '']] }),
    expect: 'C401',
    event: 'auth.missing',
  },
  {
    id: 'A02',
    what: 'token in the query alone',
    attack: (s) => ({ path: `/mcp?access_token=${s.token()}` }),
    expect: 'R400',
    event: 'auth.token_in_query',
  },
  {
    id: 'A03',
    what: 'token in the query and a valid header',
    attack: (s) => ({ ...bearer(s.token()), path: '/mcp?access_token=x' }),
    expect: 'R400',
    event: 'auth.token_in_query',
  },
  {
    id: 'A03b',
    what: 'escaped name in the query',
    attack: (s) => ({ ...bearer(s.token()), path: '/mcp?a=1&Access%5FToken=x' }),
    expect: 'R400',
    event: 'auth.token_in_query',
  },
  {
    id: 'A03c',
    what: 'API key in the query',
    attack: async (s) => ({ path: `/mcp?k=${await apiKey(s)}` }),
    expect: 'R400',
    event: 'auth.key_in_query',
  },
  {
    id: 'A05',
    what: 'two headers, the first valid',
    attack: (s) => ({
      headers: [
        ['Authorization', `Bearer ${s.token()}`],
        ['Authorization', 'Bearer x'],
      ],
    }),
    expect: 'R400',
    event: 'auth.duplicate_header',
  },
  {
    id: 'A05b',
    what: 'the same header twice',
    attack: (s) => ({
      headers: [
        ['Authorization', `Bearer ${s.token({ jti: 'x' })}`],
        ['authorization', `Bearer ${s.token({ jti: 'x' })}`],
      ],
    }),
    expect: 'R400',
    event: 'auth.duplicate_header',
  },
  {
    id: 'A05c',
    what: 'two API key headers',
    attack: async (s) => ({
      headers: [
        ['X-API-Key', await apiKey(s)],
        ['X-API-Key', 'x'],
      ],
    }),
    expect: 'R400',
    event: 'auth.duplicate_header',
  },
  {
    id: 'A07',
    what: 'something after the token',
    attack: (s) => bearer(`${s.token()} extra`),
    expect: 'R400',
    event: 'auth.malformed',
  },
  {
    id: 'A07b',
    what: 'a scheme without a token',
    attack: () => ({ headers: [['Authorization', 'Bearer']] }),
    expect: 'R400',
    event: 'auth.malformed',
  },
  {
    id: 'A07c',
    what: 'characters that no token has',
    attack: (s) => bearer(`${s.token()}"`),
    expect: 'R400',
    event: 'auth.malformed',
  },
  {
    id: 'A09',
    what: 'scheme in mixed case',
    attack: (s) => ({ headers: [['Authorization', `bEaReR ${s.token()}`]] }),
    expect: 'OK',
    event: 'auth.ok',
  },
  {
    id: 'A11',
    what: 'API key and bearer',
    attack: async (s) => ({
      headers: [
        ['Authorization', `Bearer ${s.token()}`],
        ['X-API-Key', await apiKey(s)],
      ],
    }),
    expect: 'R400',
    event: 'auth.multiple_credentials',
  },
  {
    id: 'A13',
    what: '8 KiB and one byte',
    attack: () => bearer('a'.repeat(8193)),
    expect: 'T401',
    event: 'auth.oversized',
  },
  {
    id: 'A15',
    what: 'five parts',
    attack: () => bearer(`${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`),
    expect: 'T401',
    event: 'auth.invalid_token',
  },
  {
    id: 'A17',
    what: 'GET without credential',
    attack: () => ({ method: 'GET' }),
    expect: 'C401',
    event: 'auth.missing',
  },
  {
    id: 'A17b',
    what: 'DELETE with a bad one',
    attack: () => ({ ...bearer('a.b.c'), method: 'DELETE' }),
    expect: 'T401',
    event: 'auth.invalid_token',
  },

  {
    id: 'A19',
    what: 'alg none',
    attack: (s) => bearer(`${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(s.claims())}.`),
    expect: 'T401',
    event: 'auth.alg_rejected',
  },
  {
    id: 'A19b',
    what: 'alg NoNe',
    attack: (s) => bearer(`${encode({ alg: 'NoNe', typ: 'at+jwt' })}.${encode(s.claims())}.`),
    expect: 'T401',
    event: 'auth.alg_rejected',
  },
  {
    id: 'A19c',
    what: 'alg none of an unknown issuer',
    attack: (s) => bearer(`${encode({ alg: 'none' })}.${encode(s.claims({ iss: 'https://x.example' }))}.`),
    expect: 'T401',
    event: 'auth.alg_rejected',
  },
  {
    id: 'A21',
    what: 'HS256 with the public key as secret',
    attack: (s) => {
      const input = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' })}.${encode(s.claims())}`;
      return bearer(`${input}.${createHmac('sha256', publicPem(s.key)).update(input).digest('base64url')}`);
    },
    expect: 'T401',
    event: 'auth.alg_rejected',
  },
  {
    id: 'A23',
    what: "an allowed alg that is not the key's",
    attack: (s) => bearer(signToken({ ...ps, alg: 'RS256' }, { typ: 'at+jwt' }, s.claims())),
    expect: 'T401',
    event: 'auth.key_mismatch',
  },
  {
    id: 'A23b',
    what: 'an alg of another key type',
    attack: (s) => bearer(signToken({ ...ps, alg: 'RS256' }, { typ: 'at+jwt', kid: 'k1' }, s.claims())),
    expect: 'T401',
    event: 'auth.key_mismatch',
  },
  {
    id: 'A25',
    what: 'signature of zeros',
    attack: (s) => bearer(`${s.token().split('.').slice(0, 2).join('.')}.${Buffer.alloc(64).toString('base64url')}`),
    expect: 'T401',
    event: 'auth.bad_signature',
  },
  {
    id: 'A25b',
    what: 'signature of another key',
    attack: (s) => bearer(s.token({}, {}, stranger)),
    expect: 'T401',
    event: 'auth.bad_signature',
  },
  {
    id: 'A27',
    what: 'RSA key of 1024 bits',
    attack: (s) => bearer(s.token({}, {}, weak)),
    expect: 'T401',
    event: 'auth.weak_key',
  },
  {
    id: 'A29',
    what: 'unknown kid',
    attack: (s) => bearer(s.token({}, { kid: 'nobody' })),
    expect: 'T401',
    event: 'auth.unknown_kid',
  },
  {
    id: 'A31',
    what: 'x5u',
    attack: (s) => bearer(s.token({}, { x5u: `${s.issuer.issuer}/evil` })),
    expect: 'T401',
    event: 'auth.header_param_rejected',
  },
  {
    id: 'A31b',
    what: 'jku',
    attack: (s) => bearer(s.token({}, { jku: `${s.issuer.issuer}/evil` })),
    expect: 'T401',
    event: 'auth.header_param_rejected',
  },
  {
    id: 'A31c',
    what: 'x5c and jwk',
    attack: (s) => bearer(s.token({}, { x5c: ['AA'], jwk: stranger.jwk }, stranger)),
    expect: 'T401',
    event: 'auth.header_param_rejected',
  },
  {
    id: 'A33',
    what: 'crit exp',
    attack: (s) => bearer(s.token({}, { crit: ['exp'], exp: 1 })),
    expect: 'T401',
    event: 'auth.crit_rejected',
  },
  {
    id: 'A33b',
    what: 'empty crit',
    attack: (s) => bearer(s.token({}, { crit: [] })),
    expect: 'T401',
    event: 'auth.crit_rejected',
  },
  {
    id: 'A33c',
    what: 'crit b64',
    attack: (s) => bearer(s.token({}, { crit: ['b64'], b64: false })),
    expect: 'T401',
    event: 'auth.crit_rejected',
  },
  {
    id: 'A35',
    what: 'zip',
    attack: (s) => bearer(s.token({}, { zip: 'DEF' })),
    expect: 'T401',
    event: 'auth.invalid_token',
  },
  {
    id: 'A37',
    what: 'ID-JAG',
    attack: (s) => bearer(s.token({}, { typ: 'oauth-id-jag+jwt' })),
    expect: 'T401',
    event: 'auth.wrong_token_type',
  },
  {
    id: 'A37b',
    what: 'session, logout and proof tokens',
    attack: (s) => bearer(s.token({}, { typ: 'session+jwt' })),
    expect: 'T401',
    event: 'auth.wrong_token_type',
  },
  {
    id: 'A39',
    what: 'no typ',
    attack: (s) => bearer(s.token({}, { typ: undefined })),
    expect: 'T401',
    event: 'auth.wrong_token_type',
  },
  {
    id: 'A39b',
    what: 'typ JWT',
    attack: (s) => bearer(s.token({}, { typ: 'JWT' })),
    expect: 'T401',
    event: 'auth.wrong_token_type',
  },
  {
    id: 'A39c',
    what: 'typ application/at+jwt',
    attack: (s) => bearer(s.token({}, { typ: 'Application/AT+jwt' })),
    expect: 'OK',
    event: 'auth.ok',
  },
  {
    id: 'A41',
    what: 'expired one second past tolerance',
    attack: (s) => bearer(expiring(s, -6)),
    expect: 'T401',
    event: 'auth.expired',
  },
  {
    id: 'A41b',
    what: 'expired within tolerance',
    attack: (s) => bearer(expiring(s, -4)),
    expect: 'OK',
    event: 'auth.ok',
  },
  {
    id: 'A41c',
    what: 'issued two days ago',
    attack: (s) => bearer(s.token({ iat: s.clock.ms / 1000 - 172_800 })),
    expect: 'T401',
    event: 'auth.expired',
  },
  {
    id: 'A41d',
    what: 'exp is not a number',
    attack: (s) => bearer(s.token({ exp: '9999999999' })),
    expect: 'T401',
    event: 'auth.invalid_token',
  },
  {
    id: 'A41e',
    what: 'no exp',
    attack: (s) => bearer(s.token({ exp: undefined })),
    expect: 'T401',
    event: 'auth.invalid_token',
  },
  {
    id: 'A43',
    what: 'nbf in the future',
    attack: (s) => bearer(s.token({ nbf: s.clock.ms / 1000 + 60 })),
    expect: 'T401',
    event: 'auth.not_yet_valid',
  },
  {
    id: 'A43b',
    what: 'iat in the future',
    attack: (s) => bearer(s.token({ iat: s.clock.ms / 1000 + 60 })),
    expect: 'T401',
    event: 'auth.not_yet_valid',
  },
  {
    id: 'A45',
    what: 'payload is an array',
    attack: (s) => bearer(signToken(s.key, { typ: 'at+jwt' }, [])),
    expect: 'T401',
    event: 'auth.invalid_token',
  },
  {
    id: 'A45b',
    what: 'payload is null',
    attack: (s) => bearer(signToken(s.key, { typ: 'at+jwt' }, 'null')),
    expect: 'T401',
    event: 'auth.invalid_token',
  },
  {
    id: 'A45c',
    what: 'payload is no UTF-8',
    attack: (s) =>
      bearer(`${encode({ alg: 'ES256' })}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.AA${s.key.alg}`),
    expect: 'T401',
    event: 'auth.invalid_token',
  },
  {
    id: 'A45d',
    what: 'payload nested beyond reason',
    attack: (s) => bearer(signToken(s.key, { typ: 'at+jwt' }, `{"a":${'['.repeat(2500)}${']'.repeat(2500)}}`)),
    expect: 'T401',
    event: 'auth.invalid_token',
  },

  {
    id: 'A47',
    what: 'aud without us',
    attack: (s) => bearer(s.token({ aud: ['https://other.example/mcp', 'https://gw.example'] })),
    expect: 'T401',
    event: 'auth.wrong_audience',
  },
  {
    id: 'A47b',
    what: 'aud is a prefix',
    attack: (s) => bearer(s.token({ aud: 'https://gw.example/mcp/' })),
    expect: 'T401',
    event: 'auth.wrong_audience',
  },
  {
    id: 'A47c',
    what: 'aud of another endpoint',
    attack: (s) => bearer(s.token({ aud: 'https://gw.example/mcp/github' })),
    expect: 'T401',
    event: 'auth.wrong_audience',
  },
  {
    id: 'A47d',
    what: 'aud with path in other case',
    attack: (s) => bearer(s.token({ aud: 'https://gw.example/MCP' })),
    expect: 'T401',
    event: 'auth.wrong_audience',
  },
  {
    id: 'A47e',
    what: 'aud with scheme and host in upper case',
    attack: (s) => bearer(s.token({ aud: 'HTTPS://GW.example/mcp' })),
    expect: 'OK',
    event: 'auth.ok',
  },
  {
    id: 'A47f',
    what: 'aud with something that is no text',
    attack: (s) => bearer(s.token({ aud: ['https://gw.example/mcp', 1] })),
    expect: 'T401',
    event: 'auth.wrong_audience',
  },
  {
    id: 'A49',
    what: 'no aud',
    attack: (s) => bearer(s.token({ aud: undefined })),
    expect: 'T401',
    event: 'auth.wrong_audience',
  },
  {
    id: 'A51',
    what: 'unknown iss with the same keys',
    attack: (s) => bearer(s.token({ iss: `${s.issuer.issuer}/` })),
    expect: 'T401',
    event: 'auth.unknown_issuer',
  },
  {
    id: 'A51b',
    what: 'iss is a name of Object.prototype',
    attack: (s) => bearer(s.token({ iss: '__proto__' })),
    expect: 'T401',
    event: 'auth.unknown_issuer',
  },
  {
    id: 'A58',
    what: 'no sub',
    attack: (s) => bearer(s.token({ sub: '' })),
    expect: 'T401',
    event: 'auth.invalid_token',
  },
  {
    id: 'A59',
    what: 'a scope that contains the needed one',
    attack: (s) => bearer(s.token({ scope: 'mcp:reads xmcp:read' })),
    expect: 'S403',
    event: 'authz.insufficient_scope',
  },
  {
    id: 'A59b',
    what: 'a scope that implies the needed one',
    attack: (s) => bearer(s.token({ scope: 'mcp:admin' })),
    expect: 'OK',
    event: 'auth.ok',
  },
  {
    id: 'A60',
    what: 'expired and without scope: 401 before 403',
    attack: (s) => bearer(s.token({ scope: '', exp: s.clock.ms / 1000 - 100 })),
    expect: 'T401',
    event: 'auth.expired',
  },
  {
    id: 'A81a',
    what: 'a confirmation that nobody can check',
    attack: (s) => bearer(s.token({ cnf: { kid: 'x' } })),
    expect: 'T401',
    event: 'auth.invalid_token',
  },
  {
    id: 'A81b',
    what: 'a bound token where proofs are off',
    attack: (s) => bearer(s.token({ cnf: { jkt: 'x' } })),
    expect: 'T401',
    event: 'auth.dpop_failed',
  },
  {
    id: 'A91',
    what: 'a certificate-bound token without certificate',
    attack: (s) => bearer(s.token({ cnf: { 'x5t#S256': 'x' } })),
    expect: 'T401',
    event: 'auth.mtls_failed',
  },

  {
    id: 'A70',
    what: 'an API key that is a bearer token',
    attack: async (s) => bearer(await apiKey(s)),
    expect: 'OK',
    event: 'auth.ok',
  },
  {
    id: 'A71a',
    what: 'a key with a wrong secret',
    attack: async (s) => ({ headers: [['X-API-Key', await (async () => forgedKey(await apiKey(s)))()]] }),
    expect: 'T401',
    event: 'auth.invalid_token',
  },
  {
    id: 'A72',
    what: 'a mistyped key',
    attack: async (s) => ({ headers: [['X-API-Key', `${(await apiKey(s)).slice(0, -1)}~`]] }),
    expect: 'T401',
    event: 'apikey.malformed',
  },
  {
    id: 'A74',
    what: 'a key from another network',
    attack: async (s) => ({
      headers: [['X-API-Key', (await createKey(s.keys, { principal: 'r', networks: ['10.0.0.0/8'] })).key]],
    }),
    expect: 'P403',
    event: 'apikey.wrong_network',
  },

  {
    id: 'A93',
    what: 'a foreign origin',
    attack: (s) => ({ headers: [...bearer(s.token()).headers!, ['Origin', 'https://evil.example']] }),
    expect: 'P403',
    event: 'security.origin_blocked',
  },
  {
    id: 'A95',
    what: 'our origin over http',
    attack: (s) => ({ headers: [...bearer(s.token()).headers!, ['Origin', 'http://gw.example']] }),
    expect: 'P403',
    event: 'security.origin_blocked',
  },
  {
    id: 'A95b',
    what: 'our origin on another port',
    attack: (s) => ({ headers: [...bearer(s.token()).headers!, ['Origin', 'https://gw.example:8443']] }),
    expect: 'P403',
    event: 'security.origin_blocked',
  },
  {
    id: 'A95c',
    what: 'origin null',
    attack: (s) => ({ headers: [...bearer(s.token()).headers!, ['Origin', 'null']] }),
    expect: 'P403',
    event: 'security.origin_blocked',
  },
  {
    id: 'A95d',
    what: 'origin twice',
    attack: (s) => ({
      headers: [...bearer(s.token()).headers!, ['Origin', 'https://gw.example'], ['Origin', 'https://gw.example']],
    }),
    expect: 'P403',
    event: 'security.origin_blocked',
  },
  {
    id: 'A95e',
    what: 'our own origin',
    attack: (s) => ({ headers: [...bearer(s.token()).headers!, ['Origin', 'https://gw.example']] }),
    expect: 'OK',
    event: 'auth.ok',
  },
  {
    id: 'A101',
    what: 'forwarded headers',
    attack: () => ({
      headers: [
        ['X-Forwarded-Host', 'evil.example'],
        ['X-Forwarded-Proto', 'http'],
        ['Forwarded', 'host=evil.example'],
      ],
    }),
    expect: 'C401',
    event: 'auth.missing',
  },
];

/** Same id, another secret, right checksum: what somebody guesses who knows a key id. */
async function forgedKey(key: string): Promise<string> {
  const { crc32 } = await import('node:zlib');
  const body = `${key.slice(0, -49)}${'A'.repeat(43)}`;
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let value = crc32(body);
  let crc = '';
  for (let digit = 0; digit < 6; digit += 1) {
    crc = alphabet.charAt(value % 62) + crc;
    value = Math.floor(value / 62);
  }
  return body + crc;
}
