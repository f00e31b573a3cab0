import { isDeepStrictEqual } from 'node:util';
import { parse, stringify, TomlError, type TomlTable } from 'smol-toml';
import type { Edited } from './edit-json.ts';

/** Sets one server in a TOML text: its own table is replaced, or put at the end; every other byte stays. */
export function setTomlServer(text: string, file: string, root: string, name: string, entry: TomlTable): Edited {
  let before: TomlTable;
  try {
    before = parse(text);
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    return {
      ok: false,
      reason: `The file is not TOML: ${thrown.message.split('\n', 1)[0]}.`,
      place: { file, line: thrown.line, column: thrown.column },
    };
  }
  const servers = (before[root] ?? {}) as TomlTable;
  if (isDeepStrictEqual(plain(servers[name]), plain(entry))) return { ok: true, text };
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const table = tableText(`${root}.${/^[\w-]+$/.test(name) ? name : JSON.stringify(name)}`, entry).replaceAll(
    '\n',
    eol,
  );
  const wanted = { ...plain(before), [root]: { ...plain(servers), [name]: plain(entry) } };
  for (const edited of candidates(text, root, name, table, eol)) {
    // What comes out must be what went in and our entry, nothing more; a form that we cannot edit is not edited.
    if (isDeepStrictEqual(plain(attempt(edited)), wanted)) return { ok: true, text: edited };
  }
  return {
    ok: false,
    reason: `"${root}.${name}" is written in a form that cannot be changed without touching the rest. Change it by hand to: ${table.replaceAll(eol, ' ').trim()}`,
  };
}

/** A table, and behind it the tables in it, each under its whole name. */
function tableText(path: string, entry: TomlTable): string {
  const isTable = (value: unknown): value is TomlTable =>
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  const members = Object.entries(entry);
  const own = Object.fromEntries(members.filter(([, value]) => !isTable(value)));
  const inner = members.flatMap(([key, value]) => (isTable(value) ? [tableText(`${path}.${key}`, value)] : []));
  return [`[${path}]\n${stringify(own).trimEnd()}\n`, ...inner].join('\n');
}

function* candidates(text: string, root: string, name: string, table: string, eol: string): Generator<string> {
  const lines = text.split(/(?<=\n)/);
  const isOwn = (line: string): boolean =>
    line.trim().startsWith(`[${root}.${name}]`) || line.trim().startsWith(`[${root}.${name}.`);
  const start = lines.findIndex(isOwn);
  if (start < 0) {
    const gap = text === '' || text.endsWith(`${eol}${eol}`) ? '' : text.endsWith(eol) ? eol : eol + eol;
    yield text + gap + table;
    return;
  }
  let end = start + 1;
  while (end < lines.length && (!/^\s*\[/.test(lines[end]!) || isOwn(lines[end]!))) end++;
  // Blank lines and remarks in front of the next table belong to that.
  while (end > start + 1 && /^\s*(?:#.*)?$/.test(lines[end - 1]!.trimEnd())) end--;
  yield lines.slice(0, start).join('') + table + lines.slice(end).join('');
}

function attempt(text: string): unknown {
  try {
    return parse(text);
  } catch (thrown) {
    if (thrown instanceof TomlError) return undefined;
    throw thrown;
  }
}

function plain(value: unknown): Record<string, unknown> {
  return value === undefined ? {} : (JSON.parse(JSON.stringify(value)) as Record<string, unknown>);
}
