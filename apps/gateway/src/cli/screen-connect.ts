import type { Terminal } from './terminal.ts';

/** How clients prove who they are, as far as the screen can help them. */
export type Access =
  /** The owner's key was made at this start: it is shown now and never again. */
  | { readonly kind: 'new-key'; readonly key: string }
  | { readonly kind: 'key' }
  /** Clients find the issuers by themselves and sign in there. */
  | { readonly kind: 'sign-in'; readonly issuers: readonly string[] };

export type ConnectOptions = {
  readonly url: string;
  readonly program: string;
  readonly access: Access;
  readonly terminal: Terminal;
};

/** What to type, or to paste, in each client. */
export function renderConnect({ url, program, access, terminal: { style } }: ConnectOptions): string[] {
  const authorization = headerOf(access);
  const headers = authorization === undefined ? {} : { headers: { Authorization: authorization } };
  const accept = "-H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream'";
  const bearer = authorization === undefined ? '' : ` -H 'Authorization: ${authorization}'`;
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'curl', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const modern = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } });
  const legacy = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'curl', version: '1' } },
  });
  return [
    style.bold('Connect'),
    ...renderAccess(access, program),
    '  Claude Code',
    `    claude mcp add --transport http sekisho ${url}${authorization === undefined ? '' : ` --header "Authorization: ${authorization}"`}`,
    `  Cursor, in ~/.cursor/mcp.json (or: ${program} connect cursor)`,
    `    ${JSON.stringify({ mcpServers: { sekisho: { url, ...headers } } })}`,
    '  VS Code',
    `    code --add-mcp '${JSON.stringify({ name: 'sekisho', type: 'http', url, ...headers })}'`,
    '  curl, by the revision 2026-07-28',
    `    curl -sN ${url}${bearer} ${accept} -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/list' -d '${modern}'`,
    '  curl, by the revisions before it (opens a session; its id is in the header Mcp-Session-Id)',
    `    curl -isN ${url}${bearer} ${accept} -d '${legacy}'`,
    '',
  ];
}

function headerOf(access: Access): string | undefined {
  if (access.kind === 'sign-in') return undefined;
  return `Bearer ${access.kind === 'new-key' ? access.key : '<your key>'}`;
}

function renderAccess(access: Access, program: string): string[] {
  if (access.kind === 'sign-in') return [`  Clients sign in at ${access.issuers.join(', ')}.`];
  if (access.kind === 'new-key')
    return [
      '  Every request needs a key. This one is yours, works from this computer only, and is shown this once:',
      `    ${access.key}`,
    ];
  return [
    '  Every request needs a key. Yours was shown when it was made, and is not shown again.',
    `    ${program} connect <client>     writes it into a client`,
    `    ${program} keys rotate local    makes another in its place`,
    `    ${program} keys create <name>   makes one for somebody else, or for less`,
  ];
}
