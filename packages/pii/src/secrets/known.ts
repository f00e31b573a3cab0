import type { AnchorRule } from '../rule.ts';

const shortest = 6;
const longestPiece = 500;

/** How it stands inside the base64 of a longer text: a byte may begin at three places of a group, and what it shares with its neighbours is left out. */
function insideBase64(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const own = text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function variantsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value, 'utf8');
  const json = JSON.stringify(value).slice(1, -1);
  const trimmed = bytes.toString('base64').replace(/[^A-Za-z0-9+/]+$/u, '');
  return [
    ...new Set([
      value,
      json,
      encodeURIComponent(value),
      trimmed,
      bytes.toString('base64url'),
      bytes.toString('hex'),
      ...insideBase64(bytes),
    ]),
  ].filter((one) => /^[\x20-\x7e]+$/u.test(one));
}

/** An anchor is 512 code units at most: a longer form is found by its pieces, of which none is left over. */
function pieces(form: string): readonly string[] {
  if (form.length <= longestPiece) return [form];
  const parts: string[] = [];
  for (let at = 0; at + longestPiece <= form.length; at += longestPiece) parts.push(form.slice(at, at + longestPiece));
  return [...parts, form.slice(-longestPiece)];
}

/**
 * Exact values that must never be seen, such as the keys the program itself holds: found as they are and in their JSON,
 * URL, base64 and hexadecimal forms, whatever stands around them, encoded with them or not.
 *
 * @param values at least 6 code units each.
 * @throws TypeError when a value is shorter, since it would mask ordinary words, or has no form in printable ASCII.
 */
export function knownSecrets(values: readonly string[]): AnchorRule {
  const variants = [...new Set(values)].flatMap((value) => {
    if (value.length < shortest) throw new TypeError('A known secret must have at least 6 characters');
    const forms = variantsOf(value);
    if (forms.length === 0) throw new TypeError('A known secret must have a form in printable ASCII');
    return forms.flatMap(pieces);
  });
  const exact = new Set(variants);
  return {
    kind: 'anchor',
    id: 'secrets/known',
    label: 'SECRET',
    anchors: [...exact],
    match(scan, start, end) {
      const found = scan.text.slice(start, end);
      // Hexadecimal is written in either case; everything else must be the very same.
      if (!exact.has(found) && !(/^[0-9A-F]+$/u.test(found) && exact.has(found.toLowerCase()))) return 0;
      scan.add(start, end, 'SECRET', 'secrets/known', 1);
      return 0;
    },
  };
}
