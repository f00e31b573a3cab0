/**
 * The key under which an address is limited: an IPv4 address itself, an IPv6 address as its /64 network, because one
 * subscriber commands all 2^64 addresses of it. An IPv4 address in IPv6 notation (`::ffff:192.0.2.1`) is the IPv4 address.
 * Brackets, a port and a zone are dropped. What is no address is its own key, in lower case.
 *
 * It does NOT decide whether the address is true: that is for the host, which knows its proxies.
 */
export function addressKey(address: string): string {
  // An IPv4 address from a socket, by far the most frequent case.
  if (!address.includes(':')) return address.toLowerCase();
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(address);
  const text = (bracketed?.[1] ?? address).replace(/%.*$/s, '').toLowerCase();
  const withPort = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(text);
  if (withPort) return withPort[1]!;
  const groups = parseIpv6(text);
  if (groups === undefined) return address.toLowerCase();
  const [a, b, c, d, e, f, g, h] = groups as [number, number, number, number, number, number, number, number];
  const mapped = (a | b | c | d | e) === 0 && f === 0xffff;
  if (mapped) return `${g >> 8}.${g & 255}.${h >> 8}.${h & 255}`;
  return `${[a, b, c, d].map((group) => group.toString(16)).join(':')}::/64`;
}

/** The eight groups of RFC 4291 section 2.2, or undefined. */
function parseIpv6(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!);
  const tail = halves.length === 2 ? parseGroups(halves[1]!) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const last = parts.at(-1)!;
  const groups: number[] = [];
  if (last.includes('.')) {
    const bytes = last.split('.').map((byte) => (/^\d{1,3}$/.test(byte) ? Number(byte) : 256));
    if (bytes.length !== 4 || bytes.some((byte) => byte > 255)) return undefined;
    parts.pop();
    groups.push((bytes[0]! << 8) | bytes[1]!, (bytes[2]! << 8) | bytes[3]!);
  }
  const leading = parts.map((part) => (/^[0-9a-f]{1,4}$/.test(part) ? Number.parseInt(part, 16) : NaN));
  return leading.some(Number.isNaN) ? undefined : [...leading, ...groups];
}
