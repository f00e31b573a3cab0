import { isObject } from '../message.ts';
import type { JsonObject } from '../message.ts';
import { decodeHeaderValue, encodeHeaderValue, trimSpace } from './value.ts';

/** One argument that a tool wants repeated in a header `Mcp-Param-<name>`. */
export interface HeaderParam {
  readonly name: string;
  readonly path: readonly string[];
  readonly type: 'string' | 'integer' | 'boolean';
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const ANNOTATION = 'x-mcp-header';
/** Keywords under which a schema describes something else than a fixed path from the root. */
const ELSEWHERE = [
  'items',
  'prefixItems',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'patternProperties',
  'dependentSchemas',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
  '$defs',
  'definitions',
] as const;

/**
 * The `x-mcp-header` annotations of a tool's `inputSchema` (MCP 2026-07-28, server/tools, "x-mcp-header").
 *
 * @returns the declarations, or a sentence saying which rule an annotation breaks: such a tool must be dropped on HTTP
 */
export function findHeaderParams(inputSchema: unknown): readonly HeaderParam[] | string {
  const found: HeaderParam[] = [];
  const names = new Set<string>();
  const problem = scan(inputSchema, [], true, found, names, 0);
  return problem ?? found;
}

function scan(
  schema: unknown,
  path: readonly string[],
  reachable: boolean,
  found: HeaderParam[],
  names: Set<string>,
  depth: number,
): string | undefined {
  if (depth > 64) return 'the schema is nested too deep';
  if (Array.isArray(schema)) return first(schema, (part) => scan(part, path, false, found, names, depth + 1));
  if (!isObject(schema)) return undefined;
  if (Object.hasOwn(schema, ANNOTATION)) {
    const param = readAnnotation(schema, path, reachable, names);
    if (typeof param === 'string') return param;
    found.push(param);
  }
  const properties = schema['properties'];
  if (isObject(properties)) {
    const problem = first(Object.entries(properties), ([key, part]) =>
      scan(part, [...path, key], reachable, found, names, depth + 1),
    );
    if (problem) return problem;
  }
  return first(ELSEWHERE, (keyword) => {
    const part = schema[keyword];
    if (part === undefined) return undefined;
    const parts =
      keyword === 'patternProperties' ||
      keyword === 'dependentSchemas' ||
      keyword === '$defs' ||
      keyword === 'definitions';
    if (parts && isObject(part))
      return first(Object.values(part), (one) => scan(one, path, false, found, names, depth + 1));
    return scan(part, path, false, found, names, depth + 1);
  });
}

function readAnnotation(
  schema: JsonObject,
  path: readonly string[],
  reachable: boolean,
  names: Set<string>,
): HeaderParam | string {
  const name = schema[ANNOTATION];
  if (typeof name !== 'string' || !TOKEN.test(name)) return 'an x-mcp-header name is not an HTTP token';
  if (!reachable || path.length === 0) return `x-mcp-header "${name}" does not stand at a fixed property`;
  if (names.has(name.toLowerCase())) return `x-mcp-header "${name}" is used twice`;
  names.add(name.toLowerCase());
  const type = schema['type'];
  if (type !== 'string' && type !== 'integer' && type !== 'boolean') {
    return `x-mcp-header "${name}" stands at a property that is no string, integer or boolean`;
  }
  return { name, path, type };
}

function first<T>(values: Iterable<T>, judge: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const problem = judge(value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function argumentAt(args: unknown, path: readonly string[]): unknown {
  let value = args;
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** The headers `Mcp-Param-*` for a call, flat: name, value, name, value. */
export function makeParamHeaders(params: readonly HeaderParam[], args: unknown): string[] {
  const headers: string[] = [];
  for (const { name, path } of params) {
    const value = argumentAt(args, path);
    if (typeof value === 'string') headers.push(`Mcp-Param-${name}`, encodeHeaderValue(value));
    else if (typeof value === 'boolean' || (typeof value === 'number' && Number.isSafeInteger(value))) {
      headers.push(`Mcp-Param-${name}`, String(value));
    }
  }
  return headers;
}

/**
 * Compares the headers of a call with its arguments.
 *
 * @returns undefined where they agree, else a sentence for the sender. A value of the wrong kind is left to the validation
 *   of the arguments, and a header for an absent value is ignored (server/tools).
 */
export function checkParamHeaders(
  params: readonly HeaderParam[],
  args: unknown,
  header: (name: string) => string | undefined,
): string | undefined {
  for (const { name, path, type } of params) {
    const value = argumentAt(args, path);
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue;
    const raw = header(`mcp-param-${name.toLowerCase()}`);
    if (raw === undefined) return `Mcp-Param-${name} is missing.`;
    const decoded = decodeHeaderValue(raw);
    if (decoded === undefined) return `Mcp-Param-${name} is not validly encoded.`;
    if (type === 'integer' && typeof value === 'number' && /^-?\d+(\.\d+)?$/.test(trimSpace(raw))) {
      if (Number(decoded) !== value) return `Mcp-Param-${name} does not agree with the body.`;
    } else if (decoded !== String(value)) return `Mcp-Param-${name} does not agree with the body.`;
  }
  return undefined;
}
