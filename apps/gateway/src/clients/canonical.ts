import { isAbsolute, resolve } from 'node:path';
import type { ServerEntry } from '../config/formats/server-entry.ts';
import { parseTemplate } from '../config/template.ts';
import { isSecretName, isSecretVariable } from '../config/secret-set.ts';

/** An entry in our own spelling, ready to stand in another file; references stay references. */
export type CanonicalEntry = Record<string, unknown>;

/** Writes an entry so that it means the same in a file that lies somewhere else. */
export function toCanonical(
  entry: ServerEntry,
  origin: { workspaceFolder: string; scope: 'user' | 'project'; folder: string; renameInput: (id: string) => string },
): CanonicalEntry {
  const { launch, enabled, tools, timeouts, settings } = entry;
  const { workspaceFolder, scope, folder, renameInput } = origin;
  const move = (text: string): string => {
    let moved = text.replace(/\$\{input:(?<id>[^}]+)\}/g, (_, id: string) => `\${input:${renameInput(id)}}`);
    moved = moved.replace(/\$\{file:(?<path>[^}]+)\}/g, (whole, path: string) =>
      isAbsolute(path) || path.startsWith('~') ? whole : `\${file:${resolve(folder, path)}}`,
    );
    // In the user's own file the name means whichever project is open, and stays for somebody to look at.
    if (scope === 'project')
      moved = moved
        .replaceAll('${workspaceFolder}', () => workspaceFolder)
        .replaceAll('${workspaceFolderBasename}', () => workspaceFolder.split(/[\\/]/).at(-1) ?? '');
    return moved;
  };
  const moveAll = (texts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, move(text)]));
  const movePath = (path: string): string =>
    /^(?:\$\{|~)/.test(path) || isAbsolute(path) ? move(path) : resolve(workspaceFolder, path);

  const canonical: CanonicalEntry = {};
  if (launch.kind === 'stdio') {
    canonical['command'] = move(launch.command);
    if (launch.args.length > 0) canonical['args'] = launch.args.map(move);
    if (Object.keys(launch.env).length > 0) canonical['env'] = moveAll(launch.env);
    if (launch.envNames.length > 0) canonical['env_vars'] = [...launch.envNames];
    if (launch.envFile !== undefined) canonical['envFile'] = movePath(launch.envFile);
    if (launch.cwd !== undefined) canonical['cwd'] = movePath(launch.cwd);
    else if (scope === 'project') canonical['cwd'] = workspaceFolder;
  } else {
    if (launch.transport !== 'auto') canonical['type'] = launch.transport === 'sse' ? 'sse' : 'http';
    canonical['url'] = move(launch.url);
    if (Object.keys(launch.headers).length > 0) canonical['headers'] = moveAll(launch.headers);
  }
  if (!enabled) canonical['disabled'] = true;
  const own = {
    ...(typeof settings === 'object' && settings !== null ? settings : {}),
    ...(tools === undefined ? {} : { tools }),
    ...(timeouts === undefined ? {} : { timeouts }),
  };
  if (Object.keys(own).length > 0) canonical['x-sekisho'] = own;
  return canonical;
}

/** The places of an entry where a secret stands openly, by name and never by value. */
export function findInlineSecrets({ launch }: ServerEntry): string[] {
  const named =
    launch.kind === 'stdio'
      ? Object.entries(launch.env).map(([name, value]) => ({ at: `env.${name}`, name, value }))
      : Object.entries(launch.headers).map(([name, value]) => ({ at: `headers.${name}`, name, value }));
  const found = named
    .filter(
      ({ name, value }) =>
        isSecretName(name) &&
        isLiteral(value) &&
        isSecretVariable(name, value.replace(/^(?:Bearer|Basic|Token)\s+/i, '')),
    )
    .map(({ at }) => at);
  if (launch.kind === 'stdio') {
    for (const [index, argument] of launch.args.entries()) {
      const option = /^--?(?<name>[\w-]+)(?:=(?<value>.*))?$/s.exec(argument)?.groups;
      const value = option?.['value'] ?? launch.args[index + 1];
      if (
        option !== undefined &&
        isSecretName(option['name']!) &&
        value !== undefined &&
        !value.startsWith('-') &&
        isLiteral(value)
      )
        found.push(`args (after --${option['name']!.replace(/^-+/, '')})`);
    }
  } else if (
    /[?&][^=&]*(?:key|token|secret)[^=&]*=[^&$]/i.test(launch.url) ||
    /^https?:\/\/[^/@]*:[^/@$]+@/.test(launch.url)
  )
    found.push('url');
  return found;
}

function isLiteral(text: string): boolean {
  return text !== '' && parseTemplate(text).every((part) => part.kind !== 'reference');
}
