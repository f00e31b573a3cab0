import { pathKey } from './json5-reader.ts';

const header = /^\s*\[\[?\s*(?<path>.+?)\s*\]\]?\s*(?:#.*)?$/;
const assignment =
  /^\s*(?<path>(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*=/;
const keyPart = /"(?<double>(?:[^"\\]|\\.)*)"|'(?<single>[^']*)'|(?<bare>[A-Za-z0-9_-]+)/g;

/**
 * Offsets of tables and keys in a TOML text, by path. The parser does not tell them, and for naming the line of a
 * mistake it is enough to read headers and assignments line by line: what stands inside a multi-line text can at worst
 * name a line that nobody asks for.
 */
export function findTomlOffsets(text: string): Map<string, number> {
  const offsets = new Map<string, number>();
  let table: string[] = [];
  let offset = 0;
  for (const line of text.split('\n')) {
    const indent = line.length - line.trimStart().length;
    const tablePath = header.exec(line)?.groups?.['path'];
    const keyPath = assignment.exec(line)?.groups?.['path'];
    if (tablePath !== undefined) table = remember(splitKey(tablePath), offset + indent);
    else if (keyPath !== undefined) remember([...table, ...splitKey(keyPath)], offset + indent);
    offset += line.length + 1;
  }
  return offsets;

  function remember(path: string[], at: number): string[] {
    // A dotted path also opens every table on its way; the first mention of each is its place.
    for (let length = 1; length <= path.length; length++) {
      const key = pathKey(path.slice(0, length));
      if (!offsets.has(key)) offsets.set(key, at);
    }
    return path;
  }
}

function splitKey(path: string): string[] {
  return [...path.matchAll(keyPart)].map(
    ({ groups }) => groups?.['double'] ?? groups?.['single'] ?? groups?.['bare'] ?? '',
  );
}
