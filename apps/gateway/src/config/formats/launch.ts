import { findNearest } from '../nearest.ts';
import type { EntryContext, EntryLaunch } from './entry-context.ts';

type Kind = 'stdio' | 'http' | 'sse';

/** Every spelling of a transport that a client's documentation shows. */
const kinds = new Map<string, Kind>([
  ['stdio', 'stdio'],
  ['local', 'stdio'],
  ['http', 'http'],
  ['remote', 'http'],
  ['streamable-http', 'http'],
  ['streamable_http', 'http'],
  ['streamablehttp', 'http'],
  ['sse', 'sse'],
]);
const urlKeys = ['url', 'httpUrl', 'serverUrl'] as const;
const headerKeys = ['http_headers', 'env_http_headers', 'bearer_token_env_var'] as const;

/** Works out how to reach the server. A contradiction is an error: a guess could run a command that nobody meant to run. */
export function readLaunch(context: EntryContext): EntryLaunch | undefined {
  const { raw, fail, place } = context;
  const urls = urlKeys.filter((key) => raw[key] !== undefined);
  const declared = readKind(context);
  if (declared === 'unknown') return undefined;
  if (raw.command !== undefined && urls.length > 0) {
    fail(
      'ERR_CONFIG_SERVER',
      place(urls[0]!),
      `It has both "command" and "${urls[0]}", so it is not clear what to start.`,
      'Keep one of them.',
    );
    return undefined;
  }
  if (urls.length > 1) {
    fail('ERR_CONFIG_SERVER', place(urls[1]!), `It has both "${urls[0]}" and "${urls[1]}".`, 'Keep one of them.');
    return undefined;
  }
  if (raw.command === undefined && urls.length === 0) {
    fail(
      'ERR_CONFIG_SERVER',
      place(),
      'It has neither "command" nor "url".',
      'Add "command" for a program on this computer, or "url" for a server on the network.',
    );
    return undefined;
  }
  if (raw.command !== undefined) {
    if (declared !== undefined && declared !== 'stdio') {
      fail(
        'ERR_CONFIG_SERVER',
        place('type'),
        `Its type is "${declared}", but it has "command" and no "url".`,
        'Make the type "stdio", or give a "url".',
      );
      return undefined;
    }
    return readStdio(context, raw.command);
  }
  if (declared === 'stdio') {
    fail(
      'ERR_CONFIG_SERVER',
      place('type'),
      `Its type is "stdio", but it has "${urls[0]}" and no "command".`,
      'Make the type "http", or give a "command".',
    );
    return undefined;
  }
  return {
    kind: 'http',
    url: raw[urls[0]!]!,
    transport: chooseTransport(context, declared),
    headers: readHeaders(context),
  };
}

function readKind({ raw, fail, place }: EntryContext): Kind | 'unknown' | undefined {
  const key = (['type', 'transport', 'protocol'] as const).find((name) => raw[name] !== undefined);
  if (key === undefined || raw[key] === 'auto') return undefined;
  const kind = kinds.get(raw[key]!.toLowerCase());
  if (kind !== undefined) return kind;
  if (raw[key] === 'ws' || raw[key] === 'websocket') {
    fail(
      'ERR_CONFIG_SERVER',
      place(key),
      'WebSocket is not a transport of the MCP specification, and Sekisho does not speak it.',
      'Use the Streamable HTTP address of the server.',
    );
  } else {
    const nearest = findNearest(raw[key]!, kinds.keys());
    fail(
      'ERR_CONFIG_SERVER',
      place(key),
      `"${raw[key]}" is not a transport.`,
      nearest === undefined ? 'Known: stdio, http, sse.' : `Did you mean "${nearest}"?`,
    );
  }
  return 'unknown';
}

function chooseTransport({ dialect }: EntryContext, declared: Kind | undefined): 'auto' | 'streamable-http' | 'sse' {
  if (declared === 'sse') return 'sse';
  // VS Code's "http" itself falls back to SSE; everywhere else the word means Streamable HTTP alone.
  return declared === 'http' && dialect !== 'vscode' ? 'streamable-http' : 'auto';
}

function readStdio(context: EntryContext, command: string): EntryLaunch | undefined {
  const { raw, dialect, fail, place, warn } = context;
  if (command.trim() === '') {
    fail('ERR_CONFIG_SERVER', place('command'), 'Its "command" is empty.');
    return undefined;
  }
  const foreign = headerKeys.find((key) => raw[key] !== undefined);
  if (foreign !== undefined) {
    fail(
      'ERR_CONFIG_SERVER',
      place(foreign),
      `"${foreign}" belongs to a server with a "url", but this one has "command".`,
      'Remove one of them.',
    );
    return undefined;
  }
  const envNames = (raw.env_vars ?? []).flatMap((item) => {
    if (typeof item === 'string') return item;
    if (item.source !== 'remote') return item.name;
    warn(place('env_vars'), `"${item.name}" comes from a remote environment, which only Codex has.`);
    return [];
  });
  const env = Object.fromEntries(
    // null takes a name away in VS Code; a child of ours starts with none to take away.
    Object.entries(raw.env ?? {}).flatMap(([name, value]) =>
      value === null ? [] : [[name, template(String(value), dialect)]],
    ),
  );
  return {
    kind: 'stdio',
    command: template(command, dialect),
    args: (raw.args ?? []).map((argument) => template(String(argument), dialect)),
    env,
    envNames,
    ...(raw.envFile === undefined ? {} : { envFile: template(raw.envFile, dialect) }),
    ...(raw.cwd === undefined ? {} : { cwd: template(raw.cwd, dialect) }),
  };
}

function readHeaders({ raw, dialect, fail, place, warn }: EntryContext): Record<string, string> {
  if (raw.bearer_token !== undefined) {
    fail(
      'ERR_CONFIG_SERVER',
      place('bearer_token'),
      'A token inside the file is refused, by Codex too.',
      'Put it into the environment and name it in "bearer_token_env_var".',
    );
  }
  if (dialect === 'codex' && raw.headers !== undefined) {
    warn(place('headers'), 'Codex ignores "headers", and so it is ignored here.', 'Its own key is "http_headers".');
  }
  const written = { ...(dialect === 'codex' ? {} : raw.headers), ...raw.http_headers };
  const headers = Object.fromEntries(
    Object.entries(written).map(([name, value]) => [name, template(String(value), dialect)]),
  );
  for (const [name, variable] of Object.entries(raw.env_http_headers ?? {})) headers[name] = `\${env:${variable}}`;
  if (raw.bearer_token_env_var !== undefined) headers['Authorization'] = `Bearer \${env:${raw.bearer_token_env_var}}`;
  return headers;
}

/** Gemini CLI also writes `$NAME`; from here on there is one spelling. */
function template(text: string, dialect: EntryContext['dialect']): string {
  return dialect === 'gemini' ? text.replace(/\$(?<name>[A-Za-z_]\w*)/g, '${$<name>}') : text;
}
