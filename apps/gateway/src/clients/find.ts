import { createFileReader } from '../config/files.ts';
import { detectDialect, findWorkspaceFolder, type Dialect } from '../config/formats/dialect.ts';
import { isProblem, isRecord, parseDocument, type ConfigDocument } from '../config/formats/document.ts';
import { readServerEntry, type ServerEntry } from '../config/formats/server-entry.ts';
import { readInputs, type InputDefinition } from '../config/inputs.ts';
import { configError, type ConfigProblem } from '../config/problem.ts';
import { clients, type ClientId, type Surroundings } from './registry.ts';

/** A file of a client that is there, with what it lists. Nothing in it has been expanded or started. */
export type FoundFile = {
  readonly client: ClientId | 'file';
  readonly title: string;
  readonly path: string;
  readonly scope: 'user' | 'project';
  readonly workspaceFolder: string;
  readonly entries: readonly ServerEntry[];
  readonly inputs: ReadonlyMap<string, InputDefinition>;
  readonly problems: readonly ConfigProblem[];
};

/** Looks into every place where a client keeps its servers; what is not there is left out. */
export async function findClientFiles(place: Surroundings): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const { id, title, userFiles, projectFiles } of clients) {
    const candidates = [
      ...userFiles(place).map((path) => ({ path, scope: 'user' as const })),
      ...projectFiles(place).map((path) => ({ path, scope: 'project' as const })),
    ];
    for (const { path, scope } of candidates) {
      // Somebody who works in their home folder has one file in both places.
      if (found.some((other) => other.path === path)) continue;
      const file = await readClientFile(path, { client: id, title, scope }, place);
      if (file !== undefined && file.entries.length + file.problems.length > 0) found.push(file);
    }
  }
  return found;
}

/** Reads one file; undefined when there is none. */
export async function readClientFile(
  path: string,
  origin: Pick<FoundFile, 'client' | 'title' | 'scope'>,
  place: Surroundings,
): Promise<FoundFile | undefined> {
  const read = await createFileReader(place.platform).read(path, 'config');
  const nothing = {
    ...origin,
    path,
    workspaceFolder: findWorkspaceFolder(path),
    entries: [],
    inputs: new Map<string, InputDefinition>(),
  };
  if ('reason' in read) {
    if (read.reason === 'there is no such file') return undefined;
    return {
      ...nothing,
      problems: [
        configError(
          read.code,
          { file: path, line: 1, column: 1 },
          `The file cannot be used: ${read.reason}.`,
          read.remedy,
        ),
      ],
    };
  }
  const document = parseDocument(path, read.bytes);
  if (isProblem(document)) return { ...nothing, problems: [document] };
  const dialect: Dialect =
    origin.client === 'gemini' || origin.client === 'cline' || origin.client === 'vscode'
      ? origin.client
      : detectDialect(document);
  const { inputs, problems } = readInputs(document);
  const entries: ServerEntry[] = [];
  for (const { name, value, path: at } of listEntries(document, place.cwd)) {
    const result = readServerEntry(name, value, { document, path: at, dialect });
    problems.push(...result.problems);
    if (result.entry !== undefined) entries.push(result.entry);
  }
  return { ...nothing, entries, inputs, problems };
}

function listEntries(
  { value, syntax }: ConfigDocument,
  cwd: string,
): { name: string; value: unknown; path: string[] }[] {
  const maps: { servers: unknown; path: string[] }[] =
    syntax === 'toml'
      ? [{ servers: value['mcp_servers'], path: ['mcp_servers'] }]
      : ['mcpServers', 'servers'].map((key) => ({ servers: value[key], path: [key] }));
  // Claude Code keeps the servers that somebody added for one project alone in the user's file.
  const projects = value['projects'];
  const project = isRecord(projects) ? projects[cwd] : undefined;
  if (isRecord(project)) maps.push({ servers: project['mcpServers'], path: ['projects', cwd, 'mcpServers'] });
  return maps.flatMap(({ servers, path }) => {
    if (Array.isArray(servers)) {
      // mcpproxy's list, where the name stands inside.
      return servers.filter(isRecord).map((entry, index) => ({
        name: typeof entry['name'] === 'string' ? entry['name'] : String(index),
        value: entry['quarantined'] === true ? { ...entry, disabled: true } : entry,
        path: [...path, String(index)],
      }));
    }
    return isRecord(servers)
      ? Object.entries(servers).map(([name, entry]) => ({ name, value: entry, path: [...path, name] }))
      : [];
  });
}
