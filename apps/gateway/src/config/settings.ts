import type { z } from 'zod';
import type { ConfigDocument } from './formats/document.ts';
import { findNearest } from './nearest.ts';
import { configError, type ConfigProblem } from './problem.ts';
import { futureSections } from './settings-schema.ts';

/** Reads an `x-sekisho` strictly; every fault is told with its own place, and with the name that was probably meant. */
export function readSettings<Schema extends z.ZodObject>(
  schema: Schema,
  value: unknown,
  document: ConfigDocument,
  path: readonly string[],
): { settings: z.infer<Schema> | undefined; problems: ConfigProblem[] } {
  if (value === undefined) return { settings: undefined, problems: [] };
  const result = schema.safeParse(value);
  if (result.success) return { settings: result.data, problems: [] };
  const problems = result.error.issues.flatMap((issue) => {
    const at = [...path, ...issue.path.map(String)];
    const name = at.slice(path.length - 1).join('.');
    if (issue.code !== 'unrecognized_keys') {
      return configError('ERR_CONFIG_SETTING', document.place(at), `"${name}" is not valid: ${issue.message}.`);
    }
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => unknownKey(key, name, known, document, [...at, key], issue.path.length === 0));
  });
  return { settings: undefined, problems };
}

function unknownKey(
  key: string,
  parent: string,
  known: string[],
  document: ConfigDocument,
  at: string[],
  top: boolean,
): ConfigProblem {
  const place = document.place(at);
  if (top && futureSections.includes(key)) {
    const message = `This version of Sekisho has no "${key}" yet, and does not start without what the file asks for.`;
    return configError(
      'ERR_CONFIG_SETTING',
      place,
      message,
      `Take "${key}" out of "${parent}", or use a version that has it.`,
    );
  }
  const nearest = findNearest(key, top ? [...known, ...futureSections] : known);
  const remedy = nearest === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean "${nearest}"?`;
  return configError('ERR_CONFIG_SETTING', place, `"${key}" is not a setting in "${parent}".`, remedy);
}

/** The keys that the schema knows at a path inside it. */
function keysAt(schema: z.ZodObject, path: readonly PropertyKey[]): string[] {
  let current: unknown = schema;
  for (const step of path) current = unwrap(inside(current, step));
  return Object.keys((current as { shape?: object } | undefined)?.shape ?? {});
}

/** A place in a list needs no step: to unwrap a list leads to its elements. */
function inside(schema: unknown, step: PropertyKey): unknown {
  if (typeof step === 'number') return schema;
  const { shape, valueType } = (schema ?? {}) as { shape?: Record<PropertyKey, unknown>; valueType?: unknown };
  return shape?.[step] ?? valueType;
}

function unwrap(schema: unknown): unknown {
  const inner = schema as { unwrap?: () => unknown } | undefined;
  return typeof inner?.unwrap === 'function' ? unwrap(inner.unwrap()) : schema;
}
