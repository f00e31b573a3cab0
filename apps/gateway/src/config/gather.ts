import { dirname, resolve } from 'node:path';
import { isProblem, isRecord, parseDocument, type ConfigDocument } from './formats/document.ts';
import { detectDialect, findWorkspaceFolder, type Dialect } from './formats/dialect.ts';
import type { FileReader } from './files.ts';
import { configError, configWarning, type ConfigProblem, type Place } from './problem.ts';

/** One file of a configuration, with what its clients' rules say about it. */
export type GatheredFile = {
  readonly document: ConfigDocument;
  readonly dialect: Dialect;
  readonly workspaceFolder: string;
};

const maxFiles = 50;

/** Reads a file and all that it `extends`, the file itself first. A part that cannot be read stops the whole: it may hold the rules. */
export async function gatherFiles(
  file: string,
  reader: FileReader,
): Promise<{ files: GatheredFile[]; problems: ConfigProblem[] }> {
  const files: GatheredFile[] = [];
  const problems: ConfigProblem[] = [];
  const visited = new Set<string>();

  async function visit(path: string, asked: Place, above: readonly string[]): Promise<void> {
    if (above.includes(path)) {
      problems.push(
        configError(
          'ERR_CONFIG_CONFLICT',
          asked,
          `"extends" goes round in a circle: ${[...above.slice(above.indexOf(path)), path].join(' -> ')}.`,
        ),
      );
      return;
    }
    // The same file by two ways is one file.
    if (visited.has(path)) return;
    visited.add(path);
    if (visited.size > maxFiles) {
      problems.push(configError('ERR_CONFIG_SHAPE', asked, `"extends" leads to more than ${maxFiles} files.`));
      return;
    }
    const read = await reader.read(path, 'config');
    if ('reason' in read) {
      problems.push(configError(read.code, asked, `${path} cannot be used: ${read.reason}.`, read.remedy));
      return;
    }
    if (read.unprotected) {
      const message = 'Every user of this computer may be able to change this file, and with it what is run as you.';
      problems.push(
        configWarning('WARN_CONFIG_UNPROTECTED', asked, `${path}: ${message}`, 'Better keep it in your home folder.'),
      );
    }
    const document = parseDocument(path, read.bytes);
    if (isProblem(document)) {
      problems.push(document);
      return;
    }
    files.push({ document, dialect: detectDialect(document), workspaceFolder: findWorkspaceFolder(path) });
    for (const [index, target] of readExtends(document, problems).entries()) {
      const place = document.place(['extends', String(index)]);
      if (/^[a-z][a-z0-9+.-]+:/i.test(target) && !/^[a-z]:[\\/]/i.test(target)) {
        problems.push(
          configError('ERR_CONFIG_SHAPE', place, `"extends" takes files of this computer, not "${target}".`),
        );
      } else await visit(resolve(dirname(path), target), place, [...above, path]);
    }
  }

  await visit(file, { file, line: 1, column: 1 }, []);
  return { files, problems };
}

function readExtends(document: ConfigDocument, problems: ConfigProblem[]): string[] {
  const value = document.value['extends'];
  const list = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (list.every((item): item is string => typeof item === 'string' && item !== '')) return list;
  problems.push(
    configError('ERR_CONFIG_SHAPE', document.place(['extends']), '"extends" must be a file, or a list of files.'),
  );
  return [];
}

/** The objects of servers in a file, each with the path to it. */
export function findServerMaps(
  document: ConfigDocument,
): { path: readonly string[]; servers: Readonly<Record<string, unknown>> }[] {
  const keys = document.syntax === 'toml' ? ['mcp_servers'] : ['mcpServers', 'servers'];
  return keys.flatMap((key) => {
    const servers = document.value[key];
    return isRecord(servers) ? [{ path: [key], servers }] : [];
  });
}
