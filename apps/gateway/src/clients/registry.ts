import { posix, win32 } from 'node:path';

export type ClientId =
  | 'claude-desktop'
  | 'claude-code'
  | 'cursor'
  | 'vscode'
  | 'windsurf'
  | 'cline'
  | 'gemini'
  | 'codex'
  | 'copilot';

/** Where somebody is: what decides which files a client reads. */
export type Surroundings = {
  readonly home: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
};

/** How a client can reach a running Sekisho, or start one of its own. */
export type Endpoint = {
  readonly url: string;
  /** Headers of every request, such as the key. Left out where the client signs in by itself. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly command: string;
  readonly args: readonly string[];
};

export type Client = {
  readonly id: ClientId;
  readonly title: string;
  /** The user's own files, the most usual first. */
  readonly userFiles: (place: Surroundings) => string[];
  /** Files that come with a project. */
  readonly projectFiles: (place: Surroundings) => string[];
  /** Where the servers stand in the file. */
  readonly root: string;
  /** How this client writes a server that is Sekisho. */
  readonly entry: (endpoint: Endpoint) => Record<string, unknown>;
  /** True where the entry is a program to start. */
  readonly startsProgram?: boolean;
  /** What the user has to do for the change to take effect. */
  readonly afterwards: string;
};

type Paths = { join: (...parts: string[]) => string };

function paths(place: Surroundings): Paths {
  return place.platform === 'win32' ? win32 : posix;
}

/** Where programs of this system keep their settings. */
export function settingsFolder(place: Surroundings): string {
  const { home, env, platform } = place;
  const { join } = paths(place);
  if (platform === 'win32') return env['APPDATA'] ?? join(home, 'AppData', 'Roaming');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  return env['XDG_CONFIG_HOME'] ?? join(home, '.config');
}

function inHome(...parts: string[]): Client['userFiles'] {
  return (place) => [paths(place).join(place.home, ...parts)];
}

function inSettings(...alternatives: string[][]): Client['userFiles'] {
  return (place) => alternatives.map((parts) => paths(place).join(settingsFolder(place), ...parts));
}

function inProject(...parts: string[]): Client['projectFiles'] {
  return (place) => [paths(place).join(place.cwd, ...parts)];
}

/** A folder that a variable may move. */
function inMovable(variable: string, folder: string, file: string): Client['userFiles'] {
  return (place) => [paths(place).join(place.env[variable] ?? paths(place).join(place.home, folder), file)];
}

/** The same in nearly all of them; where it is not, the client ignores what it does not know, and would come without a key. */
const withHeaders = ({ headers }: Endpoint, name = 'headers'): Record<string, unknown> =>
  headers === undefined ? {} : { [name]: { ...headers } };
const byUrl = (endpoint: Endpoint): Record<string, unknown> => ({ url: endpoint.url, ...withHeaders(endpoint) });
const byTypedUrl = (endpoint: Endpoint): Record<string, unknown> => ({ type: 'http', ...byUrl(endpoint) });
const clineFile = 'cline_mcp_settings.json';
const clineFolder = ['User', 'globalStorage', 'saoudrizwan.claude-dev', 'settings', clineFile];

export const clients: readonly Client[] = [
  {
    id: 'claude-desktop',
    title: 'Claude Desktop',
    userFiles: inSettings(['Claude', 'claude_desktop_config.json']),
    projectFiles: () => [],
    root: 'mcpServers',
    startsProgram: true,
    // Its file takes only programs, so it starts a Sekisho of its own and speaks to it over stdio.
    entry: ({ command, args }) => ({ command, args: [...args] }),
    afterwards: 'Quit Claude Desktop completely and open it again.',
  },
  {
    id: 'claude-code',
    title: 'Claude Code',
    userFiles: (place) => [paths(place).join(place.env['CLAUDE_CONFIG_DIR'] ?? place.home, '.claude.json')],
    projectFiles: inProject('.mcp.json'),
    root: 'mcpServers',
    entry: byTypedUrl,
    afterwards: 'Start a new session; /mcp shows the connection.',
  },
  {
    id: 'cursor',
    title: 'Cursor',
    userFiles: inHome('.cursor', 'mcp.json'),
    projectFiles: inProject('.cursor', 'mcp.json'),
    root: 'mcpServers',
    entry: byUrl,
    afterwards: 'Switch it on under Settings, MCP.',
  },
  {
    id: 'vscode',
    title: 'VS Code',
    userFiles: inSettings(['Code', 'User', 'mcp.json'], ['Code - Insiders', 'User', 'mcp.json']),
    projectFiles: inProject('.vscode', 'mcp.json'),
    root: 'servers',
    entry: byTypedUrl,
    afterwards: 'Run "MCP: List Servers" and start it.',
  },
  {
    id: 'windsurf',
    title: 'Windsurf',
    userFiles: (place) =>
      [
        ['.codeium', 'windsurf', 'mcp_config.json'],
        ['.codeium', 'mcp_config.json'],
      ].map((parts) => paths(place).join(place.home, ...parts)),
    projectFiles: () => [],
    root: 'mcpServers',
    entry: (endpoint) => ({ serverUrl: endpoint.url, ...withHeaders(endpoint) }),
    afterwards: 'Press "Refresh" in the list of MCP servers.',
  },
  {
    id: 'cline',
    title: 'Cline',
    userFiles: (place) => {
      const moved = place.env['CLINE_MCP_SETTINGS_PATH'];
      const own = paths(place).join(place.home, '.cline', 'data', 'settings', clineFile);
      const inEditor = paths(place).join(settingsFolder(place), 'Code', ...clineFolder);
      return [...(moved === undefined ? [] : [moved]), inEditor, own];
    },
    projectFiles: () => [],
    root: 'mcpServers',
    entry: (endpoint) => ({ type: 'streamableHttp', ...byUrl(endpoint) }),
    afterwards: 'It is read at once.',
  },
  {
    id: 'gemini',
    title: 'Gemini CLI',
    userFiles: inHome('.gemini', 'settings.json'),
    projectFiles: inProject('.gemini', 'settings.json'),
    root: 'mcpServers',
    entry: (endpoint) => ({ httpUrl: endpoint.url, ...withHeaders(endpoint) }),
    afterwards: 'Start a new session; /mcp shows the connection.',
  },
  {
    id: 'codex',
    title: 'Codex',
    userFiles: inMovable('CODEX_HOME', '.codex', 'config.toml'),
    projectFiles: inProject('.codex', 'config.toml'),
    root: 'mcp_servers',
    entry: (endpoint) => ({ url: endpoint.url, ...withHeaders(endpoint, 'http_headers') }),
    afterwards: 'Start a new session.',
  },
  {
    id: 'copilot',
    title: 'GitHub Copilot CLI',
    userFiles: inMovable('COPILOT_HOME', '.copilot', 'mcp-config.json'),
    projectFiles: () => [],
    root: 'mcpServers',
    entry: (endpoint) => ({ ...byTypedUrl(endpoint), tools: ['*'] }),
    afterwards: 'Start a new session.',
  },
];

export function findClient(id: string): Client | undefined {
  return clients.find((client) => client.id === id);
}
