/** What a `${...}` asks for. */
export type Reference =
  | { readonly kind: 'env'; readonly name: string; readonly fallback?: readonly TemplatePart[] }
  | { readonly kind: 'workspaceFolder' | 'workspaceFolderBasename' | 'userHome' | 'separator' }
  | { readonly kind: 'input' | 'secret' | 'keyring' | 'file'; readonly name: string }
  | { readonly kind: 'command' };

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reference'; readonly written: string; readonly reference: Reference }
  /** A `${...}` in nobody's table; it stays as it is, with a warning. */
  | { readonly kind: 'unknown'; readonly text: string };

const environmentName = /^(?:env:)?(?<name>[A-Za-z_]\w*)(?::-(?<fallback>[^]*))?$/;
const named = /^(?<kind>input|secret|keyring|file):(?<name>[^]+)$/;
const commands = /^(?:cmd|command|shell|exec)\s*:/i;
const fixed: Record<string, 'workspaceFolder' | 'workspaceFolderBasename' | 'userHome' | 'separator'> = {
  workspaceFolder: 'workspaceFolder',
  workspaceFolderBasename: 'workspaceFolderBasename',
  userHome: 'userHome',
  '/': 'separator',
  pathSeparator: 'separator',
};

/**
 * Takes a text of a configuration file apart. This is the single pass: what a reference turns into is never taken apart
 * again. Only the default of `${NAME:-default}`, which stands in the file itself, may hold references of its own.
 */
export function parseTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let at = 0;
  while (at < text.length) {
    const start = text.indexOf('${', at);
    const end = start < 0 ? -1 : findClosing(text, start + 2);
    if (end < 0) break;
    if (start > at) parts.push({ kind: 'text', text: text.slice(at, start) });
    const written = text.slice(start, end + 1);
    const reference = parseReference(text.slice(start + 2, end));
    parts.push(
      reference === undefined ? { kind: 'unknown', text: written } : { kind: 'reference', written, reference },
    );
    at = end + 1;
  }
  if (at < text.length) parts.push({ kind: 'text', text: text.slice(at) });
  return parts;
}

/** Every reference in the parts, those of defaults included. */
export function* referencesIn(parts: readonly TemplatePart[]): Generator<{ written: string; reference: Reference }> {
  for (const part of parts) {
    if (part.kind !== 'reference') continue;
    yield part;
    if (part.reference.kind === 'env' && part.reference.fallback !== undefined)
      yield* referencesIn(part.reference.fallback);
  }
}

function parseReference(inner: string): Reference | undefined {
  const simple = Object.hasOwn(fixed, inner) ? fixed[inner] : undefined;
  if (simple !== undefined) return { kind: simple };
  if (commands.test(inner)) return { kind: 'command' };
  const other = named.exec(inner)?.groups;
  if (other !== undefined) return { kind: other['kind'] as 'input', name: other['name']!.trim() };
  const variable = environmentName.exec(inner)?.groups;
  if (variable === undefined) return undefined;
  const fallback = variable['fallback'];
  return {
    kind: 'env',
    name: variable['name']!,
    ...(fallback === undefined ? {} : { fallback: parseTemplate(fallback) }),
  };
}

/** The brace that closes the reference, past those of references inside its default. */
function findClosing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('${', at)) depth++;
    if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}
