import { createHash, generateKeyPairSync, hash, sign, type KeyObject } from 'node:crypto';
import { cpus } from 'node:os';
import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify, type JWK } from 'jose';
import { createResourceServer, type Authentication, type AuthRequest, type ResourceServer } from '../src/index.ts';
import { createBoundedCache } from '../src/bounded-cache.ts';
import { createApiKeyVerifier, createKey, memoryKeyStore } from '../src/keys/index.ts';

// Prints a markdown section. Everything that is compared runs in turns in one process, so that a busy machine slows all of it alike.

const ISSUER = 'https://as.example';
const RESOURCE = 'https://gw.example/mcp';
const ROUNDS = 5;

interface Signer {
  readonly alg: 'RS256' | 'ES256';
  readonly privateKey: KeyObject;
  readonly jwk: JWK;
}

function signer(alg: Signer['alg']): Signer {
  const { privateKey, publicKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { alg, privateKey, jwk: { ...(publicKey.export({ format: 'jwk' }) as JWK), kid: alg, alg, use: 'sig' } };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function jws({ alg, privateKey }: Signer, header: object, payload: object): string {
  const input = `${encode({ alg, ...header })}.${encode(payload)}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

const seconds = Math.floor(Date.now() / 1000);
const mint = (key: Signer, index: number, more: object = {}): string =>
  jws(
    key,
    { typ: 'at+jwt', kid: key.alg },
    {
      iss: ISSUER,
      sub: 'alice',
      aud: RESOURCE,
      client_id: 'client',
      iat: seconds,
      exp: seconds + 3600,
      jti: `${index}`.padStart(24, 'x'),
      scope: 'mcp:read mcp:call',
      ...more,
    },
  );

const rsa = signer('RS256');
const ec = signer('ES256');
const keySet = { keys: [rsa.jwk, ec.jwk] };

const gate = (limits: object = {}, more: object = {}): ResourceServer =>
  createResourceServer({
    resource: RESOURCE,
    authorizationServers: [{ issuer: ISSUER, jwksUri: `${ISSUER}/jwks` }],
    fetch: () => Promise.resolve(Response.json(keySet)),
    scopes: { baseline: ['mcp:read'] },
    limits,
    ...more,
  });

const requestOf = (headers: Record<string, string>): AuthRequest => {
  const all: Record<string, string> = {
    host: 'gw.example',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...headers,
  };
  return { method: 'POST', url: '/mcp', headers: (name) => all[name], remoteAddress: '192.0.2.1' };
};
const bearer = (token: string): AuthRequest => requestOf({ authorization: `Bearer ${token}` });

function mustPass(result: Authentication): void {
  if (!result.ok) throw new Error(`the benchmark was refused: ${result.refusal.reason}`);
}

/** What one piece of work costs: by the clock, and in CPU time of all threads, which a busy machine disturbs less. */
interface Cost {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

function stopwatch(): (count: number) => Cost {
  const started = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  return (count) => {
    const { user, system } = process.cpuUsage(cpu);
    return {
      perSecond: count / (Number(process.hrtime.bigint() - started) / 1e9),
      cpuMicroseconds: (user + system) / count,
    };
  };
}

function measure(work: (index: number) => void, count: number): Cost {
  const stop = stopwatch();
  for (let index = 0; index < count; index += 1) work(index);
  return stop(count);
}

async function measureAsync(work: (index: number) => Promise<void>, count: number, inFlight: number): Promise<Cost> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work((next += 1));
  };
  const stop = stopwatch();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return stop(count);
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Runs all in turns, `ROUNDS` times over, after one round for warming up. */
async function inTurns<K extends string>(work: Record<K, () => Cost | Promise<Cost>>): Promise<Record<K, Cost>> {
  const names = Object.keys(work) as K[];
  const costs = new Map<K, Cost[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const name of names) {
      const cost = await work[name]();
      if (round > 0) costs.get(name)!.push(cost);
    }
  }
  const middle = (name: K): Cost => ({
    perSecond: median(costs.get(name)!.map((cost) => cost.perSecond)),
    cpuMicroseconds: median(costs.get(name)!.map((cost) => cost.cpuMicroseconds)),
  });
  return Object.fromEntries(names.map((name) => [name, middle(name)])) as Record<K, Cost>;
}

const rsTokens = Array.from({ length: 128 }, (_, index) => mint(rsa, index));
const esTokens = Array.from({ length: 128 }, (_, index) => mint(ec, index));
const warm = gate();
const cold = gate({ cacheSeconds: 0 });
for (const token of [...rsTokens, ...esTokens]) mustPass(await warm.authenticate(bearer(token)));
const requests = rsTokens.map(bearer);

const memory = createBoundedCache<object>(50_000);
for (const token of rsTokens) memory.set(hash('sha256', token, 'binary'), {});

const peppers = { current: 'p', secrets: { p: createHash('sha256').update('bench').digest() } };
const store = memoryKeyStore();
const { key } = await createKey({ store, peppers }, { principal: 'robot' });
const keyed = createResourceServer({ resource: RESOURCE, apiKeys: createApiKeyVerifier({ store, peppers }) });
const keyedCold = createResourceServer({
  resource: RESOURCE,
  apiKeys: createApiKeyVerifier({ store, peppers, recheckMs: 0 }),
});
const keyRequest = requestOf({ 'x-api-key': key });
const mustPassNow = (result: ReturnType<ResourceServer['authenticate']>): void => {
  if (result instanceof Promise) throw new Error('a warm credential must not cost a promise');
  mustPass(result);
};

const resolveKey = createLocalJWKSet(keySet);
const joseAlone =
  (tokens: string[], alg: string) =>
  async (index: number): Promise<void> => {
    await jwtVerify(tokens[index % 128]!, resolveKey, {
      issuer: ISSUER,
      audience: RESOURCE,
      algorithms: [alg],
      typ: 'at+jwt',
    });
  };
const coldGate =
  (tokens: string[]) =>
  async (index: number): Promise<void> => {
    mustPass(await cold.authenticate(bearer(tokens[index % 128]!)));
  };

const holder = signer('ES256');
const { kid: _kid, alg: _alg, use: _use, ...holderJwk } = holder.jwk;
const bound = mint(ec, 1, { cnf: { jkt: await calculateJwkThumbprint(holderJwk) } });
const proving = gate({}, { dpop: { mode: 'optional' } });
const ath = hash('sha256', bound, 'base64url');
let serial = 0;
const proofs = Array.from({ length: (ROUNDS + 1) * 1500 }, (_, index) =>
  requestOf({
    authorization: `DPoP ${bound}`,
    dpop: jws(
      holder,
      { typ: 'dpop+jwt', jwk: holderJwk },
      { jti: `${index}`, htm: 'POST', htu: RESOURCE, iat: Math.floor(Date.now() / 1000), ath },
    ),
  }),
);

const rates = await inTurns({
  'SHA-256 of the token alone': () => measure((index) => hash('sha256', rsTokens[index % 128]!, 'binary'), 300_000),
  'verified-token cache hit (SHA-256 and lookup)': () =>
    measure((index) => {
      if (memory.get(hash('sha256', rsTokens[index % 128]!, 'binary')) === undefined) throw new Error('miss');
    }, 300_000),
  '`authenticate`, verified token': () =>
    measure((index) => mustPassNow(warm.authenticate(requests[index % 128]!)), 300_000),
  '`authenticate`, checked API key': () => measure(() => mustPassNow(keyed.authenticate(keyRequest)), 300_000),
  '`authenticate`, API key from the store': () =>
    measure(() => mustPassNow(keyedCold.authenticate(keyRequest)), 20_000),
  'jose alone, RS256, 32 in flight': () => measureAsync(joseAlone(rsTokens, 'RS256'), 6000, 32),
  '`authenticate`, cold RS256, 32 in flight': () => measureAsync(coldGate(rsTokens), 6000, 32),
  'jose alone, ES256, 32 in flight': () => measureAsync(joseAlone(esTokens, 'ES256'), 3000, 32),
  '`authenticate`, cold ES256, 32 in flight': () => measureAsync(coldGate(esTokens), 3000, 32),
  '`authenticate`, DPoP proof (ES256), token verified, 32 in flight': () =>
    measureAsync(async () => mustPass(await proving.authenticate(proofs[serial++ % proofs.length]!)), 1500, 32),
});

const names = Object.keys(rates) as (keyof typeof rates)[];
const against = (name: keyof typeof rates, base: keyof typeof rates, what: string): string =>
  `${(rates[name].cpuMicroseconds / rates[base].cpuMicroseconds).toFixed(2)}x the CPU of ${what}`;
const notes: Partial<Record<keyof typeof rates, string>> = {
  'verified-token cache hit (SHA-256 and lookup)': against(
    'verified-token cache hit (SHA-256 and lookup)',
    'SHA-256 of the token alone',
    'SHA-256',
  ),
  '`authenticate`, verified token': against('`authenticate`, verified token', 'SHA-256 of the token alone', 'SHA-256'),
  '`authenticate`, cold RS256, 32 in flight': against(
    '`authenticate`, cold RS256, 32 in flight',
    'jose alone, RS256, 32 in flight',
    'jose',
  ),
  '`authenticate`, cold ES256, 32 in flight': against(
    '`authenticate`, cold ES256, 32 in flight',
    'jose alone, ES256, 32 in flight',
    'jose',
  ),
};
const line = (name: keyof typeof rates): string =>
  `| ${name} | ${Math.round(rates[name].perSecond).toLocaleString('en')} | ${rates[name].cpuMicroseconds.toFixed(2)} | ${notes[name] ?? ''} |`;

console.log(`## auth

Token of ${rsTokens[0]!.length} characters (RS256), ${esTokens[0]!.length} (ES256). Medians of ${ROUNDS} rounds in which all lines take turns. ${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.versions.node}.

| work | per second | CPU us each | ratio |
|---|---|---|---|
${names.map((name) => line(name)).join('\n')}

Reproduce: \`node --conditions=@sekisho/source packages/auth/bench/gate.ts\``);
