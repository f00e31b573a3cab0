import { fold } from '../engine/fold.ts';
import type { Folded } from '../engine/fold.ts';
import { chain, SparseOffsets } from '../engine/offsets.ts';

const simple: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** The text between the quotes of a JSON string, with the index of each of its code units in the raw text. */
export function unescapeJson(raw: string): Folded {
  if (!raw.includes('\\')) return { text: raw };
  const out: string[] = [];
  const offsets = new SparseOffsets();
  let length = 0;
  let at = 0;
  while (at < raw.length) {
    const next = raw.indexOf('\\', at);
    if (next === -1) break;
    out.push(raw.slice(at, next));
    length += next - at;
    const kind = raw[next + 1] ?? '';
    const code = kind === 'u' ? Number.parseInt(raw.slice(next + 2, next + 6), 16) : Number.NaN;
    const char = Number.isNaN(code) ? (simple[kind] ?? kind) : String.fromCharCode(code);
    out.push(char);
    length += char.length;
    at = Math.min(raw.length, next + (Number.isNaN(code) ? 2 : 6));
    offsets.mark(length, at);
  }
  out.push(raw.slice(at));
  return { text: out.join(''), map: offsets };
}

/** Unescapes and folds in one go. */
export function foldJson(raw: string): Folded {
  const plain = unescapeJson(raw);
  const folded = fold(plain.text);
  const map = chain(folded.map, plain.map);
  return map === undefined ? { text: folded.text } : { text: folded.text, map };
}
