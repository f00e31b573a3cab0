import type { RequestMessage } from '../message.ts';
import { findMethod } from '../methods.ts';
import { decodeHeaderValue, encodeHeaderValue, trimSpace } from './value.ts';

/** Reads a request header by its lower-case name. */
export type HeaderReader = (name: string) => string | undefined;

/**
 * The headers a modern request repeats its body in: present, well encoded and equal
 * (MCP 2026-07-28, basic/transports/streamable-http, "Request headers").
 *
 * @returns undefined where all is well, else a sentence for the sender
 */
export function checkStandardHeaders(message: RequestMessage, header: HeaderReader): string | undefined {
  if (header('mcp-protocol-version') === undefined) return 'MCP-Protocol-Version is missing.';
  const method = header('mcp-method');
  if (method === undefined) return 'Mcp-Method is missing.';
  if (trimSpace(method) !== message.method) return 'Mcp-Method does not agree with the body.';
  const param = findMethod(message.method, 'modern')?.nameParam;
  if (param === undefined) return undefined;
  const value = message.params?.[param];
  const name = header('mcp-name');
  if (name === undefined) return typeof value === 'string' ? 'Mcp-Name is missing.' : undefined;
  const decoded = decodeHeaderValue(name);
  if (decoded === undefined) return 'Mcp-Name is not validly encoded.';
  return decoded === value ? undefined : 'Mcp-Name does not agree with the body.';
}

/** The headers of a modern request, made from what the body says; flat: name, value, name, value. */
export function makeStandardHeaders(revision: string, method: string, name: string | undefined): string[] {
  const headers = [
    'MCP-Protocol-Version',
    revision,
    'Mcp-Method',
    findMethod(method, 'modern') ? method : encodeHeaderValue(method),
  ];
  if (name !== undefined) headers.push('Mcp-Name', encodeHeaderValue(name));
  return headers;
}
