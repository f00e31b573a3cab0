import type { ConfigDocument } from './formats/document.ts';
import type { Expander } from './expander.ts';
import { configError, configWarning, type ConfigProblem } from './problem.ts';

/**
 * Fills in the references of our own section, so that no key or password need stand in the file. Done before the schema
 * looks: it judges the values that are used. A reference without a value is an error of the whole file, since a guard
 * must not start with half of its settings.
 */
export async function expandSettings(
  value: unknown,
  expander: Expander,
  document: ConfigDocument,
  path: readonly string[],
): Promise<{ value: unknown; problems: ConfigProblem[] }> {
  const problems: ConfigProblem[] = [];
  const visit = async (current: unknown, at: readonly string[]): Promise<unknown> => {
    if (typeof current === 'string') return current.includes('${') ? await fill(current, at) : current;
    if (Array.isArray(current)) {
      const items: unknown[] = [];
      for (const [index, item] of current.entries()) items.push(await visit(item, [...at, String(index)]));
      return items;
    }
    if (typeof current !== 'object' || current === null) return current;
    const members: [string, unknown][] = [];
    for (const [key, member] of Object.entries(current)) members.push([key, await visit(member, [...at, key])]);
    return Object.fromEntries(members);
  };
  const fill = async (text: string, at: readonly string[]): Promise<string> => {
    const expanded = await expander.expand(text);
    const name = at.join('.');
    if (!expanded.ok) {
      const message = `in "${name}", ${expanded.reason}`;
      problems.push(configError('ERR_CONFIG_REFERENCE', document.place(at), message, expanded.remedy));
      return text;
    }
    for (const unknown of expanded.unknown) {
      const message = `${unknown} in "${name}" is not an expansion that Sekisho knows; it is taken as it stands.`;
      problems.push(configWarning('WARN_CONFIG_LITERAL', document.place(at), message));
    }
    return expanded.value;
  };
  return { value: await visit(value, path), problems };
}
