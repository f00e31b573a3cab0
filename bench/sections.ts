const MARKER = /^<!-- section: ([\w-]+) -->$/m;

/**
 * Puts new texts into the sections of a document and keeps all other sections. A section reaches from its marker,
 * `<!-- section: name -->`, to the next one.
 */
export function replaceSections(document: string, preamble: string, fresh: ReadonlyMap<string, string>): string {
  const [, ...parts] = document.split(MARKER);
  const sections = new Map<string, string>();
  for (let index = 0; index + 1 < parts.length; index += 2) sections.set(parts[index]!, parts[index + 1]!.trim());
  for (const [name, text] of fresh) sections.set(name, text.trim());
  const ordered = [...sections].sort(([left], [right]) => rank(left) - rank(right) || (left < right ? -1 : 1));
  return (
    [preamble.trim(), ...ordered.map(([name, text]) => `<!-- section: ${name} -->\n\n${text}`)].join('\n\n') + '\n'
  );
}

/** The gateway comes first, the packages follow by name. */
const rank = (name: string): number => (name === 'gateway' ? 0 : 1);
