import { fold } from '../engine/fold.ts';
import type { Folded } from '../engine/fold.ts';

const simple: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** The text between the quotes of a JSON string, with the index of each of its code units in the raw text. */
export function unescapeJson(raw: string): Folded {
  if (!raw.includes('\\')) return { text: raw };
  const out: string[] = [];
  const map: number[] = [];
  let at = 0;
  while (at < raw.length) {
    const next = raw.indexOf('\\', at);
    const stop = next === -1 ? raw.length : next;
    if (stop > at) {
      out.push(raw.slice(at, stop));
      for (let index = at; index < stop; index += 1) map.push(index);
    }
    if (next === -1) break;
    map.push(next);
    const kind = raw[next + 1] ?? '';
    const code = kind === 'u' ? Number.parseInt(raw.slice(next + 2, next + 6), 16) : Number.NaN;
    if (Number.isNaN(code)) {
      out.push(simple[kind] ?? kind);
      if (kind === '') map.pop();
      at = next + 2;
    } else {
      out.push(String.fromCharCode(code));
      at = next + 6;
    }
  }
  map.push(raw.length);
  return { text: out.join(''), map: Int32Array.from(map) };
}

/** One map after another: from the folded text over the unescaped to the raw one. */
export function compose(outer: Folded, inner: Int32Array | undefined): Folded {
  if (inner === undefined) return outer;
  if (outer.map === undefined) return { text: outer.text, map: inner };
  return { text: outer.text, map: outer.map.map((index) => inner[index]!) };
}

/** Unescapes and folds in one go. */
export function foldJson(raw: string): Folded {
  const plain = unescapeJson(raw);
  return compose(fold(plain.text), plain.map);
}
