/**
 * Refuses secrets that protect nothing: shorter than 32 bytes, or of so few different bytes that somebody typed them.
 *
 * @throws TypeError naming the option, never the value.
 */
export function checkSecret(option: string, secret: Uint8Array): Uint8Array {
  if (!(secret instanceof Uint8Array) || secret.length < 32)
    throw new TypeError(`"${option}" must be at least 32 random bytes`);
  // 32 random bytes have about 30 different values; fewer than 12 does not happen by chance.
  if (new Set(secret).size < 12) throw new TypeError(`"${option}" is not random`);
  if (/changeme|change-me|password|secret|example|default/i.test(Buffer.from(secret).toString('latin1'))) {
    throw new TypeError(`"${option}" is a known example value`);
  }
  return secret;
}
