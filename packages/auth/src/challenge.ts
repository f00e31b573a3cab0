/** One parameter of a challenge. `undefined` values are left out. */
export type ChallengeParameters = Readonly<Record<string, string | undefined>>;

/**
 * Builds one `WWW-Authenticate` challenge (RFC 9110 section 11.6.1). Values become quoted-strings; anything outside
 * printable ASCII is dropped, so that neither CR, LF nor a multi-byte character can reach the header.
 */
export function challenge(scheme: 'Bearer' | 'DPoP', parameters: ChallengeParameters): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') parts.push(`${name}=${quoted(value)}`);
  }
  return parts.length === 0 ? scheme : `${scheme} ${parts.join(', ')}`;
}

/** A quoted-string of RFC 9110 section 5.6.4. */
export function quoted(value: string): string {
  return `"${value.replaceAll(/[^\x20-\x7e]/g, '').replaceAll(/["\\]/g, '\\$&')}"`;
}
