/**
 * Whether a resource's URI is spelt in the one way that patterns are written for. A server may take `a/../b`, `%2e%2e`, `//`
 * or `FILE:` for something else than the pattern saw, so such a URI is denied rather than compared.
 *
 * A template (`file:///{path}`) is judged by the same rules; braces are ordinary characters here.
 */
export function isCanonicalUri(uri: string): boolean {
  // Control characters, spaces and backslashes, which many parsers drop or turn into slashes.
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u0020\u007f\\]/.test(uri)) return false;
  if (!wellEncoded(uri)) return false;
  const [, scheme = '', rest = ''] = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/s.exec(uri) ?? ['', '', uri];
  if (scheme !== scheme.toLowerCase()) return false;
  const [path = ''] = rest.split(/[?#]/, 1);
  const hierarchical = path.startsWith('//');
  const [authority = '', ...segments] = (hierarchical ? path.slice(2) : path).split('/');
  if (hierarchical && authority !== authority.toLowerCase()) return false;
  const walked = hierarchical ? segments : [authority, ...segments];
  return walked.every((segment, i) => {
    if (segment === '.' || segment === '..') return false;
    // Empty segments are allowed where a path begins and ends only: `/a`, `a/`.
    return segment !== '' || i === walked.length - 1 || (!hierarchical && i === 0);
  });
}

/** No escape that stands for an ordinary character, a dot, a slash or a control character, and none that is broken or nested. */
function wellEncoded(uri: string): boolean {
  for (const [escape, digits] of uri.matchAll(/%(.{0,2})/gs)) {
    if (!/^%[0-9A-F]{2}$/.test(escape)) return false;
    const byte = Number.parseInt(digits!, 16);
    const character = String.fromCharCode(byte);
    if (byte < 0x20 || byte === 0x7f || /[A-Za-z0-9\-._~/\\%]/.test(character)) return false;
  }
  return true;
}
