import { changeObject, isObject } from '@sekisho/protocol';
import type { Era, JsonObject } from '@sekisho/protocol';
import { asciiJson, parseObject } from '../wire.ts';
import type { Item } from './item.ts';

/**
 * A list entry as the client's era knows it: modern tools have no `execution`; legacy revisions carry objects only as
 * structured output, so another output schema is wrapped (and the results are, see `wrapStructured`).
 */
export function forEra(text: string, item: Item, era: Era): string {
  if (item.kind !== 'tool') return text;
  if (era === 'modern') return text.includes('"execution"') ? changeObject(text, 0, { execution: undefined }) : text;
  if (!item.wrapsOutput) return text;
  return changeObject(text, 0, { outputSchema: asciiJson(wrapSchema(parseObject(item.text)['outputSchema'])) });
}

/** `{type: "object", properties: {result: <schema>}}`, with the pointers of the inner schema moved along. */
function wrapSchema(schema: unknown): JsonObject {
  const inner = movePointers(schema, true);
  const dialect = isObject(inner) ? inner['$schema'] : undefined;
  const { $schema: _dropped, ...rest } = isObject(inner) ? inner : {};
  return {
    ...(dialect === undefined ? {} : { $schema: dialect }),
    type: 'object',
    properties: { result: isObject(inner) ? rest : inner },
    required: ['result'],
  };
}

/** Values, not schemas: a `$ref` in them is data. */
const DATA = new Set(['const', 'enum', 'default', 'examples']);

function movePointers(schema: unknown, isRoot: boolean): unknown {
  if (Array.isArray(schema)) return schema.map((part) => movePointers(part, false));
  if (!isObject(schema)) return schema;
  // A part with its own identity resolves its pointers against itself.
  if (!isRoot && typeof schema['$id'] === 'string') return schema;
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if ((key === '$ref' || key === '$dynamicRef') && typeof value === 'string') out[key] = movePointer(value);
    else out[key] = DATA.has(key) ? value : movePointers(value, false);
  }
  return out;
}

function movePointer(pointer: string): string {
  if (pointer === '#') return '#/properties/result';
  return pointer.startsWith('#/') ? `#/properties/result${pointer.slice(1)}` : pointer;
}
