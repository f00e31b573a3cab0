import { parse as parseToml, TomlError } from 'smol-toml';
import { configError, type ConfigProblem, type Place } from '../problem.ts';
import { Json5SyntaxError, pathKey, readJson5 } from './json5-reader.ts';
import { findTomlOffsets } from './toml-places.ts';

export type Syntax = 'json' | 'toml';

/** A file as it was written: its values, and where each of them stands. */
export type ConfigDocument = {
  readonly file: string;
  readonly syntax: Syntax;
  readonly value: Readonly<Record<string, unknown>>;
  /** Where a key stands; for one that is not written itself, the nearest key above it. */
  place(path: readonly string[]): Place;
  /** Keys that stand twice in the same object, where the second would silently replace the first. */
  readonly duplicates: readonly { readonly path: readonly string[]; readonly place: Place; readonly first: Place }[];
};

/** Claude Code keeps its whole state in one file; nothing else comes near this. */
const maxFileBytes = 64 * 1024 * 1024;

export function parseDocument(file: string, bytes: Uint8Array): ConfigDocument | ConfigProblem {
  const start = { file, line: 1, column: 1 };
  if (bytes.byteLength > maxFileBytes)
    return configError('ERR_CONFIG_UNREADABLE', start, `The file is larger than ${maxFileBytes} bytes.`);
  const text = decode(bytes);
  if (text === undefined) {
    return configError('ERR_CONFIG_SYNTAX', start, 'The file is not valid UTF-8 text.', 'Save it as UTF-8.');
  }
  const syntax: Syntax = file.toLowerCase().endsWith('.toml') ? 'toml' : 'json';
  try {
    const parsed =
      syntax === 'toml' ? { value: parseToml(text), offsets: findTomlOffsets(text), duplicates: [] } : readJson5(text);
    if (!isRecord(parsed.value)) {
      return configError(
        'ERR_CONFIG_SHAPE',
        start,
        'The file must hold an object with "mcpServers" or "servers" in it.',
      );
    }
    const place = (path: readonly string[]): Place => {
      for (let length = path.length; length > 0; length--) {
        const offset = parsed.offsets.get(pathKey(path.slice(0, length)));
        if (offset !== undefined) return placeAt(file, text, offset);
      }
      return start;
    };
    const duplicates = parsed.duplicates.map(({ path, offset, first }) => ({
      path,
      place: placeAt(file, text, offset),
      first: placeAt(file, text, first),
    }));
    return { file, syntax, value: parsed.value, place, duplicates };
  } catch (thrown) {
    if (thrown instanceof Json5SyntaxError) {
      return configError('ERR_CONFIG_SYNTAX', placeAt(file, text, thrown.offset), thrown.message);
    }
    if (thrown instanceof TomlError) {
      // The parser's message goes on with an excerpt of the file, which may show a secret; its first line does not.
      const reason = thrown.message.split('\n', 1)[0]!;
      return configError('ERR_CONFIG_SYNTAX', { file, line: thrown.line, column: thrown.column }, `${reason}.`);
    }
    throw thrown;
  }
}

export function isProblem(parsed: ConfigDocument | ConfigProblem): parsed is ConfigProblem {
  return 'severity' in parsed;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** UTF-8 with or without a mark; UTF-16 with one, since PowerShell writes that when output is sent to a file. */
function decode(bytes: Uint8Array): string | undefined {
  const utf16 =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : undefined;
  try {
    return new TextDecoder(utf16 ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The decoder's only failure is a malformed sequence, and it says no more than that.
    return undefined;
  }
}

function placeAt(file: string, text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split(/\r\n|\r|\n/).length;
  const column = offset - Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r'));
  return { file, line, column };
}
