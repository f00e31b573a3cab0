import { isRecord, type ConfigDocument } from './formats/document.ts';
import { configError, configWarning, describePlace, type ConfigProblem } from './problem.ts';

const serverKeys = ['mcpServers', 'servers', 'mcp_servers'];

/** Whether a file holds servers in a form that can be run, and if not, what it seems to be. */
export function checkShape(document: ConfigDocument): ConfigProblem[] {
  const { value, syntax, file } = document;
  const problems: ConfigProblem[] = [];
  const keys = syntax === 'toml' ? ['mcp_servers'] : ['mcpServers', 'servers'];
  for (const key of keys) {
    const servers = value[key];
    if (servers === undefined || isRecord(servers)) continue;
    problems.push(
      Array.isArray(servers)
        ? configError(
            'ERR_CONFIG_SHAPE',
            document.place([key]),
            `"${key}" is a list, as mcpproxy writes it.`,
            `Bring it in with: sekisho import ${file}`,
          )
        : configError(
            'ERR_CONFIG_SHAPE',
            document.place([key]),
            `"${key}" must be an object with one entry for each server.`,
          ),
    );
  }
  if (keys.every((key) => value[key] === undefined) && value['extends'] === undefined) {
    problems.push(
      configError(
        'ERR_CONFIG_SHAPE',
        document.place([]),
        `The file has no ${keys.map((key) => `"${key}"`).join(' or ')}.`,
        explainMissing(document),
      ),
    );
  }
  return problems;
}

function explainMissing({ value, syntax }: ConfigDocument): string {
  if (isRecord(value['mcp']) && isRecord(value['mcp']['servers']))
    return 'Move the object in "mcp" (settings of VS Code) into a file of its own.';
  if (value['packages'] !== undefined || value['remotes'] !== undefined)
    return 'It looks like an entry of the MCP registry, which describes a server; a configuration lists servers to run.';
  if (value['manifest_version'] !== undefined || value['dxt_version'] !== undefined)
    return 'It looks like the manifest of an MCPB bundle, which describes a server; a configuration lists servers to run.';
  const entries = Object.values(value).filter(isRecord);
  if (entries.some((entry) => 'command' in entry || 'url' in entry))
    return `Put the servers inside {"mcpServers": ...}.`;
  return syntax === 'toml'
    ? 'Codex writes servers as [mcp_servers.name].'
    : 'Write {"mcpServers": {"name": {"command": "..."}}}.';
}

/** A key that stands twice: of two servers neither runs, in our settings nothing starts, elsewhere it is told. */
export function findDuplicateKeys(document: ConfigDocument): ConfigProblem[] {
  return document.duplicates.map(({ path, place, first }) => {
    const [root, server] = path;
    const key = path.at(-1)!;
    const text = `"${key}" stands twice, here and at ${describePlace(first)}`;
    if (path.length > 1 && serverKeys.includes(root!)) {
      return path.length === 2
        ? {
            ...configError(
              'ERR_CONFIG_CONFLICT',
              place,
              `There are two servers of this name, at ${describePlace(first)} and here; neither is started.`,
              'Rename or remove one of them.',
            ),
            server: server!,
          }
        : { ...configError('ERR_CONFIG_CONFLICT', place, `${text}.`, 'Remove one of them.'), server: server! };
    }
    if (root === 'x-sekisho' || root === 'extends' || serverKeys.includes(root!))
      return configError('ERR_CONFIG_CONFLICT', place, `${text}.`, 'Remove one of them.');
    return configWarning('WARN_CONFIG_NOT_APPLIED', place, `${text}; the second one counts.`);
  });
}
