import { Script, createContext } from 'node:vm';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { measureSchema, type Unusable } from './schema-bounds.ts';

/** Judges a value. @returns undefined where it fits, else where and by which keyword it does not; never a part of the value */
export type SchemaCheck = (value: unknown) => string | undefined;

/** A check that may take no longer, in milliseconds. Only schemas that refer to themselves can come near. */
const LONGEST_MS = 50;

/**
 * Compiles a schema of JSON Schema 2020-12 that a stranger wrote. Expressions run on RE2, whose time is linear; nothing is
 * fetched; formats are not asserted (2020-12, section 7.2.1); `uniqueItems` takes linear time.
 *
 * @returns the check, or why there can be none
 */
export function compileSchema(text: string): SchemaCheck | Unusable {
  const schema: unknown = JSON.parse(text);
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return 'it is not an object';
  const measure = measureSchema(text, schema);
  if (typeof measure === 'string') return measure;
  const { $schema: dialect, ...rest } = schema as Record<string, unknown>;
  if (dialect !== undefined && !isKnownDialect(dialect))
    return `its dialect ${JSON.stringify(dialect).slice(0, 100)} is not known here`;
  let validate: ReturnType<Ajv2020['compile']>;
  try {
    shared ??= createAjv();
    validate = shared.compile(rest);
  } catch (error) {
    return `it is not a valid schema: ${(error as Error).message.slice(0, 200)}`;
  } finally {
    // Nothing of one server's schema may be found by another's.
    shared?.removeSchema(rest);
  }
  const check: SchemaCheck = (value) => {
    if (validate(value)) return undefined;
    const [first] = validate.errors ?? [];
    return first === undefined
      ? 'it does not fit'
      : `${placeOf(first.instancePath)} breaks "${first.keyword}" (${first.schemaPath})`;
  };
  return measure.cyclic ? withinTime(check) : check;
}

/** One for all: its vocabulary is compiled once. */
let shared: Ajv2020 | undefined;

/** The dialects differ in little that tools use; what a server of an older revision wrote is read by the rules of 2020-12. */
function isKnownDialect(dialect: unknown): boolean {
  return (
    typeof dialect === 'string' &&
    /^https?:\/\/json-schema\.org\/(?:draft\/2020-12|draft\/2019-09|draft-07|draft-06)\/schema#?$/.test(dialect)
  );
}

/** The place as a JSON Pointer. Names in it come from the value, so only plain ones are shown. */
function placeOf(pointer: string): string {
  if (pointer === '') return 'the whole';
  return pointer
    .split('/')
    .map((step) => (/^[\w.-]{0,40}$/.test(step) ? step : '…'))
    .slice(0, 12)
    .join('/');
}

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    validateFormats: false,
    validateSchema: false,
    allErrors: false,
    messages: false,
    logger: false,
    code: { regExp: Object.assign(linearExpression, { code: 'linearExpression' }) },
  });
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    errors: false,
    validate: (wanted: boolean, items: readonly unknown[]) => !wanted || areUnique(items),
  });
  return ajv;
}

function linearExpression(pattern: string): { test: (text: string) => boolean } {
  const expression = RE2JS.compile(pattern, RE2JS.LOOKBEHINDS ?? 0);
  return { test: (text) => expression.matcher(text).find() };
}

/** Two values are equal whatever the order of their members (2020-12, section 4.2.2). */
function areUnique(items: readonly unknown[]): boolean {
  const seen = new Set<string>();
  for (const item of items) {
    const key = canonical(item);
    if (seen.has(key)) return false;
    seen.add(key);
  }
  return true;
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}

/** Runs a check that could go on for ages and stops it. What was not checked in time does not fit. */
function withinTime(check: SchemaCheck): SchemaCheck {
  const context = createContext({ check: undefined, value: undefined });
  const script = new Script('check(value)');
  return (value) => {
    Object.assign(context, { check, value });
    try {
      return script.runInContext(context, { timeout: LONGEST_MS }) as string | undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
        ? `the check took longer than ${LONGEST_MS} ms`
        : 'the check did not come to an end';
    } finally {
      Object.assign(context, { check: undefined, value: undefined });
    }
  };
}
