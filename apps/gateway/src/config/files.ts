import { open } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { digestFile } from './digest-file.ts';
import { isProblem, parseDocument } from './formats/document.ts';
import { findUnsafePermission, keepsNoRights } from './permissions.ts';
import { describeSystemError } from './values.ts';

/** Reads files and remembers which, so that a change of any of them can be noticed later. */
export type FileReader = {
  /** The bytes, or why the file must not or cannot be used. */
  read(
    path: string,
    purpose: 'config' | 'secrets',
    maxBytes?: number,
  ): Promise<
    | { bytes: Uint8Array; unprotected: boolean }
    | { reason: string; remedy?: string; code: 'ERR_CONFIG_UNREADABLE' | 'ERR_CONFIG_PERMISSIONS' }
  >;
  /** Every path that was asked for, also those that were not there, with their digests just before. */
  readonly files: ReadonlyMap<string, string>;
};

export function createFileReader(platform: NodeJS.Platform): FileReader {
  const files = new Map<string, string>();
  return {
    files,
    async read(path, purpose, maxBytes = Number.POSITIVE_INFINITY) {
      // Before the reading: a change in between is then seen as one, and never missed.
      if (!files.has(path)) files.set(path, await digestFile(path));
      try {
        // One handle for the question and the reading, so that both are about the same file.
        await using file = await open(path, 'r');
        const stats = await file.stat();
        if (!stats.isFile()) return { code: 'ERR_CONFIG_UNREADABLE', reason: 'it is not a regular file' };
        const unsafe = findUnsafePermission(stats, purpose, platform);
        if (unsafe !== undefined) {
          return {
            code: 'ERR_CONFIG_PERMISSIONS',
            reason: unsafe,
            remedy: `Run: chmod ${purpose === 'secrets' ? '600' : 'o-w'} ${path}`,
          };
        }
        if (stats.size > maxBytes)
          return { code: 'ERR_CONFIG_UNREADABLE', reason: `it is larger than ${maxBytes} bytes` };
        return { bytes: await file.readFile(), unprotected: platform !== 'win32' && keepsNoRights(stats) };
      } catch (thrown) {
        return { code: 'ERR_CONFIG_UNREADABLE', reason: describeSystemError(thrown) };
      }
    },
  };
}

/** The file behind `${secret:name}`: an object of texts in JSON (comments allowed), or NAME=value lines. */
export async function readSecretsFile(path: string, reader: FileReader): Promise<ReadonlyMap<string, string> | string> {
  const read = await reader.read(path, 'secrets', 1024 * 1024);
  if ('reason' in read)
    return `the secrets file ${path} cannot be used: ${read.reason}.${read.remedy === undefined ? '' : ` ${read.remedy}`}`;
  if (!/\.jsonc?$|\.json5$/i.test(path)) return new Map(Object.entries(parseEnvText(read.bytes)));
  const parsed = parseDocument(path, read.bytes);
  if (isProblem(parsed)) return `the secrets file ${path} cannot be read: line ${parsed.place.line}: ${parsed.message}`;
  return new Map(
    Object.entries(parsed.value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** NAME=value lines with quotes and comments, as Node's own `--env-file` reads them. */
export function parseEnvText(bytes: Uint8Array): Record<string, string> {
  const values = parseEnv(new TextDecoder().decode(bytes));
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
