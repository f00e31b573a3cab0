import { importJWK, jwtVerify, SignJWT, type CryptoKey, type JWK, type JWTVerifyGetKey } from 'jose';

/** Keys that sign session tokens: ES256 private keys by key id. Retired ones stay until the longest session is over. */
export interface SessionKeyRing {
  readonly current: string;
  readonly keys: Readonly<Record<string, JWK>>;
}

/** What a session token says. Who the person is stands in the store. */
export interface SessionClaims {
  readonly sessionId: string;
  readonly tokenId: string;
}

export interface SessionTokens {
  sign(claims: SessionClaims, nowMs: number, lifetimeMs: number): Promise<string>;
  /** `undefined` for every token that is not one of ours and in time. */
  read(token: string, nowMs: number): Promise<SessionClaims | undefined>;
}

/** Explicit type and audience keep the purposes apart: no access token is a session, and no session an access token. */
const TYPE = 'session+jwt';
const AUDIENCE = 'urn:sekisho:browser-session';

/** @throws TypeError when the ring has no current key or a key is not a private ES256 key. */
export function createSessionTokens(ring: SessionKeyRing, issuer: string): SessionTokens {
  if (!Object.hasOwn(ring.keys, ring.current)) throw new TypeError('"signingKeys.current" must name one of the keys');
  for (const [kid, jwk] of Object.entries(ring.keys)) {
    if (jwk.kty !== 'EC' || jwk.crv !== 'P-256' || jwk.d === undefined) {
      throw new TypeError(`"signingKeys.keys.${kid}" must be a private P-256 key`);
    }
  }
  const imported = new Map<string, Promise<CryptoKey>>();
  const importOnce = (id: string, jwk: JWK): Promise<CryptoKey> => {
    const known = imported.get(id) ?? (importJWK(jwk, 'ES256') as Promise<CryptoKey>);
    imported.set(id, known);
    return known;
  };
  const publicKey: JWTVerifyGetKey = ({ kid }) => {
    const jwk = kid !== undefined && Object.hasOwn(ring.keys, kid) ? ring.keys[kid] : undefined;
    if (kid === undefined || jwk === undefined) throw new Error('The session token is signed with an unknown key.');
    const { d: _d, ...publicJwk } = jwk;
    return importOnce(`public ${kid}`, publicJwk);
  };

  return {
    async sign({ sessionId, tokenId }, nowMs, lifetimeMs) {
      const nowSeconds = Math.floor(nowMs / 1000);
      return new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: 'ES256', typ: TYPE, kid: ring.current })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setJti(tokenId)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + Math.floor(lifetimeMs / 1000))
        .sign(await importOnce(`private ${ring.current}`, ring.keys[ring.current]!));
    },
    async read(token, nowMs) {
      // A session token of ours has less than 500 characters.
      if (token.length > 2048) return undefined;
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          algorithms: ['ES256'],
          typ: TYPE,
          issuer,
          audience: AUDIENCE,
          requiredClaims: ['exp', 'iat', 'jti', 'sid'],
          currentDate: new Date(nowMs),
        });
        const { sid, jti } = payload;
        return typeof sid === 'string' && typeof jti === 'string' ? { sessionId: sid, tokenId: jti } : undefined;
      } catch {
        // jose throws for every token that does not verify; here that is an answer.
        return undefined;
      }
    },
  };
}
