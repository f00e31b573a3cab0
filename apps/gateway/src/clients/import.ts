import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { InputDefinition } from '../config/inputs.ts';
import { findInlineSecrets, toCanonical, type CanonicalEntry } from './canonical.ts';
import type { FoundFile } from './find.ts';

/** What an import would write, and what the operator should know before saying yes. */
export type ImportPlan = {
  readonly servers: readonly { readonly name: string; readonly from: FoundFile; readonly entry: CanonicalEntry }[];
  readonly notes: readonly string[];
  /** The whole text of the new file. */
  readonly text: string;
};

/** Puts the servers of several clients together; one that stands in several clients alike comes once. */
export function planImport(files: readonly FoundFile[]): ImportPlan {
  const servers: { name: string; from: FoundFile; entry: CanonicalEntry }[] = [];
  const inputs = new Map<string, InputDefinition>();
  const notes: string[] = [];
  for (const file of files) {
    notes.push(
      ...file.problems.map(
        (problem) => `${file.title}: ${problem.server === undefined ? '' : `"${problem.server}": `}${problem.message}`,
      ),
    );
    const renamed = mergeInputs(file, inputs);
    for (const found of file.entries) {
      const entry = toCanonical(found, {
        workspaceFolder: file.workspaceFolder,
        scope: file.scope,
        folder: dirname(file.path),
        renameInput: (id) => renamed.get(id) ?? id,
      });
      if (isSekisho(found.name, entry)) {
        notes.push(`${file.title}: "${found.name}" is Sekisho itself and is left out.`);
        continue;
      }
      const name = chooseName(found.name, entry, file, servers);
      if (name === undefined) continue;
      if (name !== found.name)
        notes.push(`${file.title}: "${found.name}" differs from another server of this name and is called "${name}".`);
      for (const at of findInlineSecrets(found)) {
        notes.push(
          `"${name}": ${at} holds a secret openly. It is copied as it is; better put it into the secrets file and write "\${secret:${name}}".`,
        );
      }
      if (JSON.stringify(entry).includes('${workspaceFolder'))
        notes.push(
          `"${name}": \${workspaceFolder} meant the project that was open in ${file.title}; here it is the folder of the new file. Write the path you mean.`,
        );
      servers.push({ name, from: file, entry });
    }
  }
  return { servers, notes, text: writeText(servers, inputs) };
}

/** Takes over the questions of a file; one that asks something else under a known id gets another id. */
function mergeInputs(file: FoundFile, inputs: Map<string, InputDefinition>): Map<string, string> {
  const renamed = new Map<string, string>();
  for (const [id, input] of file.inputs) {
    let free = id;
    for (let count = 1; inputs.has(free) && !isDeepStrictEqual({ ...inputs.get(free), id }, input); count++)
      free = count === 1 ? `${id}-${file.client}` : `${id}-${file.client}-${count}`;
    inputs.set(free, { ...input, id: free });
    renamed.set(id, free);
  }
  return renamed;
}

function chooseName(
  name: string,
  entry: CanonicalEntry,
  file: FoundFile,
  servers: readonly { name: string; entry: CanonicalEntry }[],
): string | undefined {
  let free = name;
  for (let count = 1; ; count++) {
    const other = servers.find((server) => server.name === free);
    if (other === undefined) return free;
    if (isDeepStrictEqual(other.entry, entry)) return undefined;
    free = count === 1 ? `${name}-${file.client}` : `${name}-${file.client}-${count}`;
  }
}

/** A client that is connected to us lists us; taking that over would make us our own upstream. */
function isSekisho(name: string, entry: CanonicalEntry): boolean {
  const args = Array.isArray(entry['args']) ? entry['args'].map(String) : [];
  if (
    args.includes('stdio') &&
    [String(entry['command']), ...args].some((part) => /sekisho|apps[\\/]gateway/.test(part))
  )
    return true;
  const url = typeof entry['url'] === 'string' ? URL.parse(entry['url']) : null;
  const loopback = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  return loopback && (name === 'sekisho' || url.port === '7300') && /^\/mcp(?:\/|$)/.test(url.pathname);
}

function writeText(servers: ImportPlan['servers'], inputs: ReadonlyMap<string, InputDefinition>): string {
  const lines = [
    '// The servers that Sekisho stands in front of, brought together by "sekisho import".',
    '// Change it as you like: a running Sekisho notices, and restarts only what has changed.',
    '{',
  ];
  if (inputs.size > 0)
    lines.push(
      `  "inputs": ${indent([...inputs.values()].map(({ options, ...input }) => (options.length > 0 ? { ...input, options } : input)))},`,
    );
  lines.push('  "mcpServers": {');
  let from: FoundFile | undefined;
  for (const [index, server] of servers.entries()) {
    if (server.from !== from) lines.push(`    // ${server.from.title}: ${server.from.path.replaceAll(/[\r\n]/g, ' ')}`);
    from = server.from;
    lines.push(
      `    ${JSON.stringify(server.name)}: ${indent(server.entry, 4)}${index === servers.length - 1 ? '' : ','}`,
    );
  }
  return [...lines, '  }', '}', ''].join('\n');
}

function indent(value: unknown, by = 2): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${' '.repeat(by)}`);
}
