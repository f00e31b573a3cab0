import { parseTemplate, referencesIn, type TemplatePart } from './template.ts';
import { isSecretName, type SecretSet } from './secret-set.ts';
import {
  isOwnName,
  readVariable,
  resolveReference,
  type Resolution,
  type ValueContext,
  type ValueOptions,
} from './values.ts';

export type Expanded =
  | { readonly ok: true; readonly value: string; readonly unknown: readonly string[] }
  | { readonly ok: false; readonly reason: string; readonly remedy?: string };

/** Fills in the references of one file. Each is looked up once, however often it stands there, so nobody is asked twice. */
export type Expander = { expand(text: string): Promise<Expanded> };

export function createExpander(context: ValueContext, options: ValueOptions, secrets: SecretSet): Expander {
  const known = new Map<string, Promise<Resolution>>();

  function lookUp(written: string, part: TemplatePart & { kind: 'reference' }): Promise<Resolution> {
    let resolution = known.get(written);
    if (resolution === undefined) {
      const { reference } = part;
      resolution =
        reference.kind === 'env'
          ? Promise.resolve(readVariable(reference.name, options.env))
          : resolveReference(reference, context, options);
      known.set(written, resolution);
    }
    return resolution;
  }

  async function fill(parts: readonly TemplatePart[], unknown: string[]): Promise<Expanded> {
    let value = '';
    for (const part of parts) {
      if (part.kind !== 'reference') {
        if (part.kind === 'unknown') unknown.push(part.text);
        value += part.text;
        continue;
      }
      const { reference, written } = part;
      // A name of ours is refused and not replaced by a default, which would hide that somebody asked for it.
      const fallback = reference.kind === 'env' && !isOwnName(reference.name) ? reference.fallback : undefined;
      const resolution = await lookUp(written, part);
      if (resolution.found && !(fallback !== undefined && resolution.value === '')) {
        if (resolution.secret) secrets.add(resolution.value, reference.kind === 'env' && !isSecretName(reference.name));
        value += resolution.value;
      } else if (fallback !== undefined) {
        const filled = await fill(fallback, unknown);
        if (!filled.ok) return filled;
        value += filled.value;
      } else if (!resolution.found) {
        const { reason, remedy } = resolution;
        return { ok: false, reason: `${written} has no value: ${reason}`, ...(remedy === undefined ? {} : { remedy }) };
      }
    }
    return { ok: true, value, unknown };
  }

  return {
    async expand(text) {
      const parts = parseTemplate(text);
      // A command is refused even in a default that is not needed: the file should not look as if it could be run.
      for (const { reference, written } of referencesIn(parts)) {
        if (reference.kind !== 'command') continue;
        const refusal = await resolveReference(reference, context, options);
        if (!refusal.found)
          return {
            ok: false,
            reason: `${written} is refused: ${refusal.reason}`,
            ...(refusal.remedy === undefined ? {} : { remedy: refusal.remedy }),
          };
      }
      const expanded = await fill(parts, []);
      if (expanded.ok && expanded.value.includes('\0'))
        return { ok: false, reason: 'its value holds a NUL character.' };
      return expanded;
    },
  };
}
