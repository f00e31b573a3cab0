const PREFIX = '=?base64?';
const SUFFIX = '?=';
const CANONICAL = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * A value as `Mcp-Name` and `Mcp-Param-*` carry it: plain ASCII as it is, everything else as `=?base64?...?=`
 * (MCP 2026-07-28, basic/transports/streamable-http, "Value encoding").
 */
export function encodeHeaderValue(value: string): string {
  if (PLAIN.test(value) && !(value.startsWith(PREFIX) && value.endsWith(SUFFIX))) return value;
  return PREFIX + toBase64(new TextEncoder().encode(value)) + SUFFIX;
}

/**
 * The value a header stands for. White space around it is not part of it (RFC 9110, section 5.5).
 *
 * @returns undefined where the sentinel is used with broken base64 or with bytes that are not UTF-8
 */
export function decodeHeaderValue(header: string): string | undefined {
  const value = trimSpace(header);
  if (value.length < PREFIX.length + SUFFIX.length || !value.startsWith(PREFIX) || !value.endsWith(SUFFIX))
    return value;
  const payload = value.slice(PREFIX.length, -SUFFIX.length);
  if (!CANONICAL.test(payload)) return undefined;
  const bytes = fromBase64(payload);
  if (toBase64(bytes) !== payload) return undefined;
  if (bytes.length === 0) return '';
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Takes spaces and tabs off both ends, in linear time. */
export function trimSpace(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && (value.charCodeAt(start) === 0x20 || value.charCodeAt(start) === 0x09)) start++;
  while (end > start && (value.charCodeAt(end - 1) === 0x20 || value.charCodeAt(end - 1) === 0x09)) end--;
  return value.slice(start, end);
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
