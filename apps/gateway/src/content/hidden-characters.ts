/**
 * Characters that a person does not see and a model reads: controls other than tab and line ends, direction overrides,
 * zero-width characters, tags, variation selectors beyond the sixteen that emoji use, and unassigned fillers.
 */
const HIDDEN =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class -- finding them is the point
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF0-\uFFFB\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}\u{E0000}-\u{E0FFF}]/gu;

/** Zero-width joiners hold emoji and several scripts together; between such letters one is nothing to tell. */
const JOINED =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Sinhala}])[\u200C\u200D](?=[\p{Extended_Pictographic}\p{L}])/gu;

/** @returns what is hidden in the text, such as `3 invisible characters (U+200B twice, U+E0041)`; undefined for nothing */
export function describeHidden(text: string): string | undefined {
  const found = text.replaceAll(JOINED, '').match(HIDDEN);
  if (found === null) return undefined;
  const counts = new Map<string, number>();
  for (const character of found) {
    const name = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const kinds = [...counts].map(([name, count]) => (count === 1 ? name : `${name} ${count} times`));
  const shown = kinds.length > 5 ? [...kinds.slice(0, 5), `${kinds.length - 5} more kinds`] : kinds;
  return `${found.length} invisible character${found.length === 1 ? '' : 's'} (${shown.join(', ')})`;
}

/** A text of a definition, with where it stands. */
export function* textsOf(value: unknown, at = '', depth = 0): Generator<{ at: string; text: string }> {
  if (typeof value === 'string') yield { at, text: value };
  if (typeof value !== 'object' || value === null || depth > 64) return;
  for (const [key, member] of Object.entries(value)) {
    const path = at === '' ? key : `${at}.${key}`;
    yield { at: `a name in ${at === '' ? 'it' : at}`, text: key };
    yield* textsOf(member, path, depth + 1);
  }
}
