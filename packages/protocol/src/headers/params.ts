import { isObject } from '../message.ts';
import type { JsonObject } from '../message.ts';
import { findMember } from '../json/walk.ts';
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

/** Where the `arguments` of a call stand: the raw text, since parsed numbers are not exact beyond 2^53. */
export interface ArgumentsSource {
  readonly text: string;
  readonly start: number;
}

/** Raw JSON of the argument at a path; undefined where there is none, or where it is no plain value. */
function argumentAt(source: ArgumentsSource | undefined, path: readonly string[]): string | undefined {
  if (!source) return undefined;
  const { text } = source;
  let { start } = source;
  let end = start;
  for (const key of path) {
    const member = text[start] === '{' ? findMember(text, start, key) : undefined;
    if (!member) return undefined;
    ({ start, end } = member);
  }
  const raw = text.slice(start, end);
  return raw === 'null' || raw.startsWith('{') || raw.startsWith('[') ? undefined : raw;
}

/** A decimal number in one spelling, whatever its size: `42`, `42.0` and `4.2e1` are one. Undefined for what is no number. */
function canonicalNumber(
  text: string,
): { readonly sign: string; readonly digits: string; readonly power: number } | undefined {
  const match = /^(-?)(\d{1,400})(?:\.(\d{1,400}))?(?:[eE]([+-]?\d{1,6}))?$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', power = '0'] = match;
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  if (digits === '') return { sign: '', digits: '0', power: 0 };
  return { sign, digits, power: Number(power) - fraction.length + (all.length - digits.length) };
}

function isSameNumber(a: string, b: string): boolean {
  const one = canonicalNumber(a);
  const other = canonicalNumber(b);
  return (
    one !== undefined &&
    other !== undefined &&
    one.sign === other.sign &&
    one.digits === other.digits &&
    one.power === other.power
  );
}

/** Longest integer that is written into a header, in digits. */
const MAX_DIGITS = 64;

/** The decimal digits of an integer; undefined for other numbers. */
function integerText(raw: string): string | undefined {
  const number = canonicalNumber(raw);
  if (!number || number.power < 0 || number.digits.length + number.power > MAX_DIGITS) return undefined;
  return `${number.sign}${number.digits}${'0'.repeat(number.power)}`;
}

/** The headers `Mcp-Param-*` for a call, flat: name, value, name, value. */
export function makeParamHeaders(params: readonly HeaderParam[], args: ArgumentsSource | undefined): string[] {
  const headers: string[] = [];
  for (const { name, path } of params) {
    const raw = argumentAt(args, path);
    if (raw === undefined) continue;
    const value = raw.startsWith('"')
      ? encodeHeaderValue(JSON.parse(raw) as string)
      : raw === 'true' || raw === 'false'
        ? raw
        : integerText(raw);
    if (value !== undefined) headers.push(`Mcp-Param-${name}`, value);
  }
  return headers;
}

/**
 * Compares the headers of a call with its arguments, integers digit by digit.
 *
 * @returns undefined where they agree, else a sentence for the sender. A value of the wrong kind is left to the validation
 *   of the arguments, and a header for an absent value is ignored (server/tools).
 */
export function checkParamHeaders(
  params: readonly HeaderParam[],
  args: ArgumentsSource | undefined,
  header: (name: string) => string | undefined,
): string | undefined {
  for (const { name, path, type } of params) {
    const raw = argumentAt(args, path);
    if (raw === undefined) continue;
    const given = header(`mcp-param-${name.toLowerCase()}`);
    if (given === undefined) return `Mcp-Param-${name} is missing.`;
    const decoded = decodeHeaderValue(given);
    if (decoded === undefined) return `Mcp-Param-${name} is not validly encoded.`;
    const isText = raw.startsWith('"');
    const agrees =
      type === 'integer' && !isText && /^-?\d+(\.\d+)?$/.test(trimSpace(given))
        ? isSameNumber(decoded, raw)
        : decoded === String(JSON.parse(raw));
    if (!agrees) return `Mcp-Param-${name} does not agree with the body.`;
  }
  return undefined;
}
