import { calculateJwkThumbprint, compactVerify, importJWK, type JWK } from 'jose';
import { checkAlgorithms, type TokenAlgorithm } from '../issuers/algorithms.ts';
import { stringMember } from '../json.ts';
import { readTokenParts, type TokenParts } from '../tokens/token-parts.ts';
import { createNonceSource, type NonceSource } from './nonce-source.ts';
import {
  hasAllowedAlgorithm,
  hasIdentifier,
  hasNoForeignParameters,
  hasProofType,
  hasPublicKey,
  isForBody,
  isForMethod,
  isForResource,
  isForToken,
  isRecent,
} from './proof-checks.ts';
import { memoryReplayStore, type ReplayStore } from './replay-store.ts';

/** How proofs of possession are handled (RFC 9449 and the MCP profile SEP-1932). */
export interface DpopOptions {
  /** `optional`: bound tokens need a proof, others may come as Bearer. `required`: only bound tokens. Default `off`. */
  readonly mode: 'off' | 'optional' | 'required';
  /** Default `ES256`, `EdDSA`, `PS256`. */
  readonly algorithms?: readonly string[];
  /** How far `iat` may be from now, in seconds, 1 to 600. Default 300. */
  readonly windowSeconds?: number;
  /** Whether every proof must carry a nonce of ours; `true` makes a source for a single process. Default `false`. */
  readonly nonce?: boolean | NonceSource;
  /** Whether a proof must cover the body. The official client 2.4 does not send a digest yet. Default `if-present`. */
  readonly contentDigest?: 'if-present' | 'required';
  /** Default: in memory, for a single process. */
  readonly replay?: ReplayStore;
}

export interface ProofRequest {
  readonly proof: string;
  readonly token: string;
  /** Thumbprint that the token is bound to. */
  readonly jkt: string;
  readonly method: string;
  readonly resource: string;
  readonly body: Uint8Array | undefined;
}

export type ProofVerdict = 'ok' | 'dpop_failed' | 'dpop_nonce' | 'dpop_replayed' | 'store_failed';

export interface ProofVerifier {
  readonly algorithms: readonly TokenAlgorithm[];
  readonly nonces: NonceSource | undefined;
  verify(request: ProofRequest): Promise<ProofVerdict>;
}

/** Longest proof that is looked at, in characters. One with a 4096-bit RSA key takes about 2000. */
const MAX_PROOF_LENGTH = 4096;

/** @throws TypeError when an option cannot be right. */
export function createProofVerifier(
  options: DpopOptions,
  now: () => number,
  onStoreFailure: (error: unknown) => void = () => undefined,
): ProofVerifier {
  const algorithms = checkAlgorithms('dpop.algorithms', options.algorithms ?? ['ES256', 'EdDSA', 'PS256']);
  const windowSeconds = options.windowSeconds ?? 300;
  if (!(windowSeconds >= 1 && windowSeconds <= 600))
    throw new TypeError('"dpop.windowSeconds" option must be between 1 and 600');
  const replay = options.replay ?? memoryReplayStore({ now });
  const nonces = options.nonce === true ? createNonceSource({ now }) : options.nonce || undefined;
  const digestRequired = options.contentDigest === 'required';

  const passesStaticChecks = ({ header, claims }: TokenParts, request: ProofRequest): boolean =>
    hasProofType(header) &&
    hasAllowedAlgorithm(header, algorithms) &&
    hasNoForeignParameters(header) &&
    hasPublicKey(header) &&
    hasIdentifier(claims) &&
    isForMethod(claims, request.method) &&
    isForResource(claims, request.resource) &&
    isRecent(claims, now() / 1000, windowSeconds) &&
    isForToken(claims, request.token) &&
    isForBody(claims, request.body, digestRequired);

  return {
    algorithms,
    nonces,
    async verify(request) {
      if (request.proof.length > MAX_PROOF_LENGTH) return 'dpop_failed';
      const parts = readTokenParts(request.proof);
      if (parts === undefined || !passesStaticChecks(parts, request)) return 'dpop_failed';
      if (!(await isSignedByBoundKey(request, parts))) return 'dpop_failed';
      // Only a proof that is right in every other way learns what is missing, and only such a proof takes up memory.
      if (nonces !== undefined && !nonces.accepts(stringMember(parts.claims, 'nonce') ?? '')) return 'dpop_nonce';
      try {
        return await claimOnce(replay, request, parts, windowSeconds);
      } catch (error) {
        // Without the store nobody knows whether the proof was used before; that is a 503, not a pass.
        onStoreFailure(error);
        return 'store_failed';
      }
    },
  };
}

async function isSignedByBoundKey(request: ProofRequest, { header }: TokenParts): Promise<boolean> {
  const jwk = header['jwk'] as JWK;
  try {
    if ((await calculateJwkThumbprint(jwk, 'sha256')) !== request.jkt) return false;
    const key = await importJWK(jwk, header['alg'] as string);
    await compactVerify(request.proof, key, { algorithms: [header['alg'] as string] });
    return true;
  } catch {
    // A key that cannot be read and a signature that does not fit are the same thing here: no proof.
    return false;
  }
}

async function claimOnce(
  replay: ReplayStore,
  request: ProofRequest,
  { claims }: TokenParts,
  windowSeconds: number,
): Promise<ProofVerdict> {
  const id = `${request.jkt} ${stringMember(claims, 'jti')}`;
  const expiresAtMs = ((claims['iat'] as number) + windowSeconds + 1) * 1000;
  // A store written in JavaScript may answer anything; only a plain `true` says that nobody came first.
  const first: unknown = await replay.claim(id, expiresAtMs);
  if (first === 'full') throw new Error('The store of used proofs is full.');
  return first === true ? 'ok' : 'dpop_replayed';
}
