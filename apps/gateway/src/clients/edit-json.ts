import { findNodeAtLocation, getNodeValue, parseTree, type Node, type ParseError } from 'jsonc-parser';
import type { Place } from '../config/problem.ts';

export type Edited =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string; readonly place?: Place };

/**
 * Sets one server in a JSON or JSONC text and leaves every other byte where it is. The library's own `modify` inserts
 * right behind the last value and so takes over the remark that stands behind it; we insert behind the remark.
 */
export function setJsonServer(text: string, file: string, root: string, name: string, entry: object): Edited {
  if (text.trim() === '') return { ok: true, text: `${JSON.stringify({ [root]: { [name]: entry } }, null, 2)}\n` };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  const first = errors[0];
  if (first !== undefined) {
    const before = text.slice(0, first.offset).split('\n');
    const place = { file, line: before.length, column: before.at(-1)!.length + 1 };
    return { ok: false, reason: 'The file is not JSON here, remarks and trailing commas aside.', place };
  }
  if (tree?.type !== 'object') return { ok: false, reason: 'The file does not hold an object.' };
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const unit = /\n(?<indent>[ \t]+)\S/.exec(text)?.groups?.['indent'] ?? '  ';
  const servers = findNodeAtLocation(tree, [root]);
  if (servers === undefined) return { ok: true, text: insert(text, tree, root, { [name]: entry }, unit, 1, eol) };
  if (servers.type !== 'object') return { ok: false, reason: `"${root}" in the file is not an object.` };
  const existing = findNodeAtLocation(servers, [name]);
  if (existing === undefined) return { ok: true, text: insert(text, servers, name, entry, unit, 2, eol) };
  if (JSON.stringify(getNodeValue(existing)) === JSON.stringify(entry)) return { ok: true, text };
  return {
    ok: true,
    text: text.slice(0, existing.offset) + print(entry, unit, 2, eol) + text.slice(existing.offset + existing.length),
  };
}

function insert(
  text: string,
  object: Node,
  key: string,
  value: object,
  unit: string,
  depth: number,
  eol: string,
): string {
  const closing = object.offset + object.length - 1;
  const last = object.children?.at(-1);
  const property = `${JSON.stringify(key)}: ${print(value, unit, depth, eol)}`;
  const outer = eol + unit.repeat(depth - 1);
  const inner = eol + unit.repeat(depth);
  if (last === undefined) {
    const inside = text.slice(object.offset + 1, closing).trimEnd();
    return `${text.slice(0, object.offset + 1)}${inside}${inner}${property}${outer}${text.slice(closing)}`;
  }
  const lastEnd = last.offset + last.length;
  const behind = text.slice(lastEnd, closing);
  const hasComma = behind.replace(/\/\*[^]*?\*\/|\/\/[^\r\n]*/g, '').includes(',');
  const kept = behind.trimEnd();
  const space = behind.slice(kept.length);
  return `${text.slice(0, lastEnd)}${hasComma ? '' : ','}${kept}${inner}${property}${hasComma ? ',' : ''}${space.includes('\n') ? space : outer}${text.slice(closing)}`;
}

function print(value: object, unit: string, depth: number, eol: string): string {
  return JSON.stringify(value, null, unit).replaceAll('\n', eol + unit.repeat(depth));
}
