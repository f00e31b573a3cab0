import { isObject } from '@sekisho/protocol';
import type { JsonObject, Revision } from '@sekisho/protocol';

/** The Tasks extension of 2026-07-28 (ext-tasks, specification/draft/tasks). */
export const TASKS = 'io.modelcontextprotocol/tasks';

/** Extensions whose messages the gateway knows how to carry; others would promise what cannot be delivered. */
export const CARRIED_EXTENSIONS: ReadonlySet<string> = new Set(['io.modelcontextprotocol/ui', TASKS]);

/** Whether capabilities, of a client or of a server, name an extension. */
export function hasExtension(capabilities: JsonObject, id: string): boolean {
  const extensions = capabilities['extensions'];
  return isObject(extensions) && isObject(extensions[id]);
}

/**
 * A client's capabilities as a modern server may see them: exactly what the gateway can relay. Declaring more would make the
 * server ask for what nobody answers; declaring less would make it refuse. A legacy client is told by its revision what a
 * capability means, so the members that its revision does not know come off.
 *
 * @returns the very same object where nothing has to come off, so that its text can be left alone
 */
export function relayable(capabilities: JsonObject, revision: Revision): JsonObject {
  let out: Record<string, unknown> | undefined;
  for (const key in capabilities) {
    const value = relayed(key, capabilities[key], revision);
    if (value === capabilities[key]) continue;
    out ??= { ...capabilities };
    if (value === undefined) delete out[key];
    else out[key] = value;
  }
  return out ?? capabilities;
}

function relayed(key: string, value: unknown, { era, elicitation, richSampling }: Revision): unknown {
  switch (key) {
    case 'tasks':
      return undefined; // of 2025-11-25: another protocol than the extension, see docs/eras.md
    case 'roots':
      // Changes cannot be told: modern servers hear of no roots but those they ask for.
      return isObject(value) && Object.hasOwn(value, 'listChanged') ? without(value, 'listChanged') : value;
    case 'elicitation':
      if (elicitation === 'forms-and-pages') return value;
      return elicitation === 'none' ? undefined : plain(value);
    case 'sampling':
      return richSampling ? value : plain(value);
    case 'extensions':
      return isObject(value) ? carried(value, era === 'legacy') : undefined;
    default:
      return value;
  }
}

/** A capability of which a revision knows only that it is there. */
function plain(value: unknown): unknown {
  return isObject(value) && Object.keys(value).length > 0 ? {} : value;
}

function without(value: JsonObject, name: string): JsonObject {
  const { [name]: _left, ...rest } = value;
  return rest;
}

function carried(extensions: JsonObject, isLegacy: boolean): JsonObject | undefined {
  const ids = Object.keys(extensions);
  const kept = ids.filter((id) => CARRIED_EXTENSIONS.has(id) && !(isLegacy && id === TASKS));
  if (kept.length === ids.length) return extensions;
  return kept.length === 0 ? undefined : Object.fromEntries(kept.map((id) => [id, extensions[id]]));
}
