import { isRecord, type ConfigDocument } from './formats/document.ts';
import { entryKeys } from './formats/entry-schema.ts';
import { findServerMaps } from './gather.ts';
import { findNearest } from './nearest.ts';
import { configError, configWarning, type ConfigProblem } from './problem.ts';

const rootKeys = [
  '$schema',
  'extends',
  'mcpServers',
  'servers',
  'mcp_servers',
  'inputs',
  'x-sekisho',
  'allowedMcpServers',
  'deniedMcpServers',
  'sandbox',
  'sandboxEnabled',
  'serverDefaults',
  'mcpTemplates',
];

/** Keys whose loss changes what runs; they deserve a sentence of their own. */
const notApplied: Record<string, string> = {
  serverDefaults: '"serverDefaults" is a key of 1MCP and is not applied. Write the values into each server.',
  mcpTemplates: '"mcpTemplates" is a key of 1MCP; the servers in it are not started. Move them to "mcpServers".',
};

/** Tells the keys that have no effect, once for the root and once for all servers of a file together. None of them is an error, except a near miss of our own. */
export function findUnknownKeys(document: ConfigDocument): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const [key, note] of Object.entries(notApplied)) {
    if (document.value[key] !== undefined)
      problems.push(configWarning('WARN_CONFIG_NOT_APPLIED', document.place([key]), note));
  }
  if (document.value['sandboxEnabled'] === false) {
    const note =
      '"sandboxEnabled" switches off the sandbox of a client; here every server runs in its box all the same.';
    problems.push(configWarning('WARN_CONFIG_NOT_APPLIED', document.place(['sandboxEnabled']), note));
  }
  problems.push(...findMisspelt(document, document.value, []));
  const unknown = Object.keys(document.value).filter((key) => !rootKeys.includes(key) && !key.startsWith('x-'));
  if (unknown.length > 0)
    problems.push(
      configWarning(
        'WARN_CONFIG_UNKNOWN_KEY',
        document.place([unknown[0]!]),
        `Keys that Sekisho does not use: ${enumerate(unknown, rootKeys)}.`,
      ),
    );
  const inServers = new Map<string, { servers: string[]; path: string[] }>();
  for (const { path, servers } of findServerMaps(document)) {
    for (const [name, entry] of Object.entries(servers)) {
      if (!isRecord(entry)) continue;
      problems.push(...findMisspelt(document, entry, [...path, name]).map((problem) => ({ ...problem, server: name })));
      for (const key of Object.keys(entry)) {
        if (entryKeys.includes(key) || key.startsWith('x-')) continue;
        const found = inServers.get(key) ?? { servers: [], path: [...path, name, key] };
        found.servers.push(name);
        inServers.set(key, found);
      }
    }
  }
  for (const [key, { servers, path }] of inServers) {
    const nearest = findNearest(key, entryKeys);
    const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
    problems.push(
      configWarning(
        'WARN_CONFIG_UNKNOWN_KEY',
        document.place(path),
        `"${key}" (in ${enumerate(servers, [])}) is not used by Sekisho.${hint}`,
      ),
    );
  }
  return problems;
}

/** `x-` keys are free, but not one that is almost ours: what it asks for would be ignored. */
function findMisspelt(
  document: ConfigDocument,
  object: Readonly<Record<string, unknown>>,
  path: readonly string[],
): ConfigProblem[] {
  return Object.keys(object)
    .filter((key) => key !== 'x-sekisho' && findNearest(key, ['x-sekisho']) !== undefined)
    .map((key) =>
      configError(
        'ERR_CONFIG_SETTING',
        document.place([...path, key]),
        `"${key}" is almost "x-sekisho".`,
        'Did you mean "x-sekisho"?',
      ),
    );
}

function enumerate(names: readonly string[], known: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => {
    const nearest = findNearest(name, known);
    return nearest === undefined ? `"${name}"` : `"${name}" (did you mean "${nearest}"?)`;
  });
  return names.length > 5 ? `${shown.join(', ')} and ${names.length - 5} more` : shown.join(', ');
}
