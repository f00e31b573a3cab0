/** Signature algorithms that may be allowed for access tokens. Symmetric ones and `none` are not among them. */
export type TokenAlgorithm =
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'RS256'
  | 'RS384'
  | 'RS512';

interface KeyShape {
  readonly kty: 'EC' | 'OKP' | 'RSA';
  readonly crv?: string;
}

/** The only shape of key that may verify each algorithm (RFC 7518, RFC 8037). */
export const keyShapes: Readonly<Record<TokenAlgorithm, KeyShape>> = {
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES512: { kty: 'EC', crv: 'P-521' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519' },
  PS256: { kty: 'RSA' },
  PS384: { kty: 'RSA' },
  PS512: { kty: 'RSA' },
  RS256: { kty: 'RSA' },
  RS384: { kty: 'RSA' },
  RS512: { kty: 'RSA' },
};

export const defaultTokenAlgorithms: readonly TokenAlgorithm[] = ['ES256', 'EdDSA', 'PS256', 'RS256'];

export function isTokenAlgorithm(value: string): value is TokenAlgorithm {
  return Object.hasOwn(keyShapes, value);
}

/** @throws TypeError when the list is empty or names something that is not an asymmetric signature algorithm. */
export function checkAlgorithms(option: string, algorithms: readonly string[]): readonly TokenAlgorithm[] {
  const known = algorithms.filter(isTokenAlgorithm);
  if (known.length === 0 || known.length !== algorithms.length) {
    throw new TypeError(`"${option}" option must list asymmetric signature algorithms such as ES256`);
  }
  return known;
}
