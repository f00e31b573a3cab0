/** How one era asks, as texts that are ready to send. */
export type Era = 'legacy' | 'modern';

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

export interface Ask {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request of the modern era with the headers that repeat its body, or of the legacy era in its session. */
export function ask(era: Era, session: string | undefined, id: number, method: string, params: object = {}): Ask {
  const shared = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  if (era === 'legacy') {
    return {
      headers: {
        ...shared,
        'mcp-protocol-version': '2025-11-25',
        ...(session === undefined ? {} : { 'mcp-session-id': session }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
    };
  }
  const name = (params as { name?: string }).name;
  return {
    headers: {
      ...shared,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(name === undefined ? {} : { 'mcp-name': name }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: ENVELOPE } }),
  };
}

export const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1.0.0' },
};
