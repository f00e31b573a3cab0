/** Why a schema is not used, in words. */
export type Unusable = string;

export interface SchemaMeasure {
  /** Refers to itself, so that only the value bounds how long a check takes. */
  readonly cyclic: boolean;
}

const MAX_BYTES = 262_144;
const MAX_DEPTH = 64;
/** Subschemas after every reference is written out: references can multiply each other. */
const MAX_EXPANDED = 20_000;

/**
 * Measures a schema that a server sent, before it is compiled. A server is a stranger: its schema must not make the gateway
 * fetch anything, nor take long. Only references into the schema itself are followed (JSON Schema 2020-12, section 8.2).
 */
export function measureSchema(text: string, schema: unknown): SchemaMeasure | Unusable {
  if (text.length > MAX_BYTES) return `it is larger than ${MAX_BYTES} bytes`;
  const sizes = new Map<object, number>();
  const open = new Set<object>();
  let cyclic = false;
  let fault: Unusable | undefined;
  const anchors = new Map<string, object>();
  collectAnchors(schema, anchors);

  const measure = (node: unknown, depth: number): number => {
    if (fault !== undefined || typeof node !== 'object' || node === null) return 1;
    if (depth > MAX_DEPTH) {
      fault = `it is nested deeper than ${MAX_DEPTH} levels`;
      return 1;
    }
    const known = sizes.get(node);
    if (known !== undefined) return known;
    if (open.has(node)) {
      cyclic = true;
      return 1;
    }
    open.add(node);
    let size = 1;
    for (const [key, member] of Object.entries(node)) {
      if ((key === '$ref' || key === '$dynamicRef') && typeof member === 'string') {
        const target = resolve(schema, anchors, member);
        if (typeof target === 'string') fault ??= target;
        else size += measure(target, depth + 1);
      } else size += measure(member, depth + 1);
    }
    open.delete(node);
    if (size > MAX_EXPANDED)
      fault ??= `it comes to more than ${MAX_EXPANDED} subschemas when its references are written out`;
    sizes.set(node, size);
    return size;
  };
  measure(schema, 0);
  return fault ?? { cyclic };
}

function collectAnchors(node: unknown, anchors: Map<string, object>, depth = 0): void {
  if (typeof node !== 'object' || node === null || depth > MAX_DEPTH) return;
  for (const [key, member] of Object.entries(node)) {
    if ((key === '$anchor' || key === '$dynamicAnchor') && typeof member === 'string') anchors.set(member, node);
    collectAnchors(member, anchors, depth + 1);
  }
}

function resolve(root: unknown, anchors: ReadonlyMap<string, object>, reference: string): object | Unusable {
  const own = isRecord(root) && typeof root['$id'] === 'string' ? root['$id'] : undefined;
  const local = own !== undefined && reference.startsWith(own) ? reference.slice(own.length) || '#' : reference;
  if (!local.startsWith('#')) return `it refers to ${JSON.stringify(reference.slice(0, 100))}, and nothing is fetched`;
  const pointer = local.slice(1);
  if (pointer !== '' && !pointer.startsWith('/')) {
    return anchors.get(pointer) ?? `it refers to ${JSON.stringify(local.slice(0, 100))}, which is not in it`;
  }
  let node: unknown = root;
  for (const step of pointer.split('/').slice(1)) {
    const key = unescapePointer(step);
    node =
      typeof node === 'object' && node !== null && Object.hasOwn(node, key)
        ? (node as Record<string, unknown>)[key]
        : undefined;
  }
  return isRecord(node) || typeof node === 'boolean'
    ? (node as object)
    : `it refers to ${JSON.stringify(local.slice(0, 100))}, which is not in it`;
}

/** RFC 6901, section 3, in a URI fragment. */
function unescapePointer(step: string): string {
  let plain = step;
  try {
    plain = decodeURIComponent(step);
  } catch {
    // Not a percent-encoding: the step is what it says.
  }
  return plain.replaceAll('~1', '/').replaceAll('~0', '~');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
