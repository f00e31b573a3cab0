/** A JSON object as it was parsed, nothing known about its members. */
export type JsonObject = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Deeper than any claim set has a reason to be; keeps recursive readers of claims away from the end of the stack. */
const MAX_DEPTH = 32;

/** Parses UTF-8 bytes or text as one JSON object of bounded depth; `undefined` when it is anything else. */
export function parseJsonObject(input: Uint8Array | string): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(typeof input === 'string' ? input : decoder.decode(input));
  } catch {
    // Not JSON or not UTF-8 is an expected answer to "is this an object", not a failure.
    return undefined;
  }
  return isJsonObject(value) && !isTooDeep(value) ? value : undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Goes no deeper than it allows, so that it needs no more stack than that. */
function isTooDeep(node: object, depth = 0): boolean {
  if (depth > MAX_DEPTH) return true;
  for (const child of Object.values(node)) {
    if (typeof child === 'object' && child !== null && isTooDeep(child as object, depth + 1)) return true;
  }
  return false;
}

/** A member that is a non-empty string, otherwise `undefined`. Looks at own members only. */
export function stringMember(object: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A member that is a finite number, otherwise `undefined`. */
export function numberMember(object: JsonObject, name: string): number | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A member that is an array of strings; a single string counts as an array of one; anything else is empty. */
export function stringsMember(object: JsonObject, name: string): readonly string[] {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (typeof value === 'string') return value === '' ? [] : [value];
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string') ? value : [];
}
