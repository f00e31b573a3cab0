import { objectMembers } from './walk.ts';
import type { Member, Span } from './walk.ts';

/** Puts `text` in the place of `[start, end)`. */
export interface Edit extends Span {
  readonly text: string;
}

/** Applies edits that do not overlap; order does not matter. With no edit the very same string comes back. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  if (edits.length === 0) return text;
  const ordered = edits.length === 1 ? edits : [...edits].sort((a, b) => a.start - b.start);
  let out = '';
  let at = 0;
  for (const edit of ordered) {
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}

/** What becomes of an object's members: raw JSON to put in place, or `undefined` to take the member out. */
export type MemberChanges = Readonly<Record<string, string | undefined>>;

/**
 * The object that begins at `at` with some members replaced, removed or added; all others keep their very bytes and order.
 * Members that are new come last, in the order of `changes`.
 *
 * @param changes raw JSON by key; `undefined` removes
 * @returns raw JSON of the whole object; `at` past an object gives an object of the changes alone
 */
export function changeObject(text: string, at: number, changes: MemberChanges): string {
  return changeMembers(text, objectMembers(text, at) ?? [], changes);
}

/** The same for members that were located before. */
export function changeMembers(text: string, members: readonly Member[], changes: MemberChanges): string {
  let out = '';
  let seen = 0;
  for (const member of members) {
    const { key } = member;
    if (!Object.hasOwn(changes, key)) {
      out += (out === '' ? '' : ',') + text.slice(member.keyStart, member.end);
      continue;
    }
    seen++;
    const value = changes[key];
    if (value !== undefined) out += (out === '' ? '' : ',') + text.slice(member.keyStart, member.start) + value;
  }
  const keys = Object.keys(changes);
  if (seen < keys.length) {
    for (const key of keys) {
      const value = changes[key];
      if (value !== undefined && !members.some((member) => member.key === key)) {
        out += `${out === '' ? '' : ','}${JSON.stringify(key)}:${value}`;
      }
    }
  }
  return `{${out}}`;
}
