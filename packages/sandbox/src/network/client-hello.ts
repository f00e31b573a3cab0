/**
 * What a TLS client says first: enough of RFC 8446 4.1.2 and RFC 6066 3 to read the server's name. The bytes come from the box, so
 * nothing here may throw or grow: a length that points outside simply means that there is no name.
 */
export type ServerName = { state: 'more' } | { state: 'none' } | { state: 'name'; name: string };

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME_EXTENSION = 0;
const MORE: ServerName = { state: 'more' };
const NONE: ServerName = { state: 'none' };

/** Joins the handshake bytes of consecutive records, since a long ClientHello may be split. */
function handshakeBytes(bytes: Buffer): { bytes: Buffer; valid: boolean } {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + 5 <= bytes.length) {
    if (bytes[at] !== HANDSHAKE_RECORD || bytes[at + 1] !== 3) return { bytes: Buffer.concat(parts), valid: false };
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    parts.push(bytes.subarray(at + 5, Math.min(end, bytes.length)));
    if (end > bytes.length) break;
    at = end;
  }
  return { bytes: Buffer.concat(parts), valid: true };
}

export function readServerName(bytes: Buffer): ServerName {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE_RECORD) return NONE;
  const { bytes: handshake, valid } = handshakeBytes(bytes);
  if (handshake.length < 4) return valid ? MORE : NONE;
  if (handshake[0] !== CLIENT_HELLO) return NONE;
  const length = handshake.readUIntBE(1, 3);
  if (handshake.length < 4 + length) return valid ? MORE : NONE;
  return nameIn(handshake.subarray(4, 4 + length));
}

function nameIn(hello: Buffer): ServerName {
  let at = 2 + 32; // version, random
  const u8 = (): number => (at < hello.length ? hello[at++]! : Number.NaN);
  const u16 = (): number => u8() * 256 + u8();
  const skip = (bytes: number): void => {
    at += bytes;
  };
  skip(u8()); // session id
  skip(u16()); // cipher suites
  skip(u8()); // compression methods
  const extensions = u16();
  const end = at + extensions;
  while (at + 4 <= end && end <= hello.length) {
    const type = u16();
    const length = u16();
    if (!(at + length <= end)) return NONE;
    if (type === SERVER_NAME_EXTENSION) return firstHostName(hello.subarray(at, at + length));
    at += length;
  }
  return NONE;
}

/** Letters, digits, hyphens, underscores and dots (RFC 6066, section 3: no trailing dot, no address). */
const HOST_NAME = /^[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,126}$/;

/** A list of names, of which only the kind 0 (host name) exists; more than one entry is refused as ambiguous. */
function firstHostName(list: Buffer): ServerName {
  if (list.length < 5 || list.readUInt16BE(0) !== list.length - 2 || list[2] !== 0) return NONE;
  const length = list.readUInt16BE(3);
  if (length !== list.length - 5) return NONE;
  const name = list.toString('latin1', 5, 5 + length);
  // Whatever else stands here is no name that a rule could allow, and must not reach a log as it is.
  return HOST_NAME.test(name) ? { state: 'name', name } : NONE;
}
