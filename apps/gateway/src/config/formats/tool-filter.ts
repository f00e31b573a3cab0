import { isRecord } from './document.ts';
import type { EntryContext } from './entry-context.ts';

/** Which tools a client wanted to see. A convenience, never a permission: exclude wins, and neither grants anything. */
export type ToolFilter = { readonly include?: string[]; readonly exclude?: string[] };

/** The five spellings of a name filter in one. */
export function readToolFilter({ raw, place, warn }: EntryContext): ToolFilter | undefined {
  const includes: string[][] = [raw.includeTools, raw.enabled_tools].filter((list) => list !== undefined);
  const exclude = [...(raw.excludeTools ?? []), ...(raw.disabled_tools ?? []), ...(raw.disabledTools ?? [])];
  // Copilot writes a list; Codex writes a table of approvals under the same key, which is not a filter.
  if (Array.isArray(raw.tools)) includes.push(raw.tools);
  if (Array.isArray(raw.toolFilter)) includes.push(raw.toolFilter);
  else if (isRecord(raw.toolFilter)) {
    for (const [key, list] of Object.entries(raw.toolFilter)) {
      if (!isTextList(list))
        warn(place('toolFilter', key), `"toolFilter.${key}" is not a list of tools and is not applied.`);
      else if (/^(?:allow|include|only)/i.test(key)) includes.push(list);
      else if (/^(?:deny|exclude|block)/i.test(key)) exclude.push(...list);
      else warn(place('toolFilter', key), `"toolFilter.${key}" is not known and is not applied.`);
    }
  }
  const narrowing = includes.filter((list) => !list.includes('*'));
  const include =
    narrowing.length === 0 ? undefined : narrowing.reduce((kept, list) => kept.filter((name) => list.includes(name)));
  if (include === undefined && exclude.length === 0) return undefined;
  return { ...(include === undefined ? {} : { include }), ...(exclude.length === 0 ? {} : { exclude }) };
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
