import { fault } from '../faults.ts';
import type { Fault } from '../faults.ts';
import { readKey, stringEnd } from './walk.ts';

export interface JsonLimits {
  /** Levels of nesting, the outermost value being the first. Default 100, range 1 to 10,000. */
  readonly maxDepth: number;
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * What `JSON.parse` lets through and a checkpoint must not: nesting without bound, two members of one name (parsers
 * disagree on which one counts: RFC 8259, section 4), and strings that no UTF-8 can carry (RFC 7493, section 2.1).
 *
 * Runs BEFORE `JSON.parse`, so the depth bound protects it as well; on text that is not JSON it may find nothing, since the
 * grammar is `JSON.parse`'s to judge. One pass, linear.
 */
export function checkJson(text: string, limits: JsonLimits): Fault | undefined {
  // keys[d] holds the names seen in the object that is open at depth d; null for an array.
  const keys: (KeySet | null)[] = [];
  let atKey = false;
  let nextEscape = text.indexOf('\\u');
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) {
      const end = stringEnd(text, i);
      if (end < 0) return undefined;
      if (nextEscape >= 0 && nextEscape < end) {
        if (hasLoneSurrogate(text.slice(i, end))) {
          return fault('lone-surrogate', 'A string of the body holds half a surrogate pair.');
        }
        nextEscape = text.indexOf('\\u', end);
      }
      const open = keys[keys.length - 1];
      if (atKey && open && !addKey(open, text, i, end)) {
        return fault('duplicate-key', 'The body has an object with two members of one name.');
      }
      atKey = false;
      i = end - 1;
    } else if (c === 0x7b || c === 0x5b) {
      if (keys.length >= limits.maxDepth) {
        return fault('too-deep', `The body is nested deeper than ${limits.maxDepth} levels.`);
      }
      keys.push(c === 0x7b ? { list: [], set: undefined } : null);
      atKey = c === 0x7b;
    } else if (c === 0x7d || c === 0x5d) {
      keys.pop();
      atKey = false;
    } else if (c === 0x2c) {
      atKey = keys[keys.length - 1] != null;
    }
  }
  return undefined;
}

interface KeySet {
  readonly list: string[];
  /** Made once an object has more members than a linear search is good for. */
  set: Set<string> | undefined;
}

function addKey(keys: KeySet, text: string, start: number, end: number): boolean {
  const key = readKey(text, start, end);
  if (key === undefined) return true; // JSON.parse refuses the text.
  if (keys.set) {
    if (keys.set.has(key)) return false;
    keys.set.add(key);
    return true;
  }
  if (keys.list.includes(key)) return false;
  keys.list.push(key);
  if (keys.list.length > 16) keys.set = new Set(keys.list);
  return true;
}

/** Only `\u` escapes can smuggle a lone surrogate in: well-formed UTF-8 has none. */
function hasLoneSurrogate(quoted: string): boolean {
  try {
    return LONE_SURROGATE.test(JSON.parse(quoted) as string);
  } catch {
    return false; // A broken escape: JSON.parse refuses the whole text.
  }
}
