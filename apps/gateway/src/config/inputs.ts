import { z } from 'zod';
import type { ConfigDocument } from './formats/document.ts';
import { configWarning, type ConfigProblem } from './problem.ts';

/** A question that VS Code asks once, and that `${input:id}` is the answer to. */
export type InputDefinition = {
  readonly id: string;
  readonly type: 'promptString' | 'pickString' | 'command';
  readonly description: string;
  readonly password: boolean;
  readonly default?: string;
  readonly options: readonly string[];
};

const inputSchema = z.looseObject({
  id: z.string().min(1),
  type: z.enum(['promptString', 'pickString', 'command']),
  description: z.string().optional(),
  password: z.boolean().optional(),
  default: z.string().optional(),
  options: z
    .array(z.union([z.string(), z.looseObject({ value: z.string() }).transform(({ value }) => value)]))
    .optional(),
});

export function readInputs(document: ConfigDocument): {
  inputs: Map<string, InputDefinition>;
  problems: ConfigProblem[];
} {
  const inputs = new Map<string, InputDefinition>();
  const problems: ConfigProblem[] = [];
  const listed = document.value['inputs'];
  if (listed === undefined) return { inputs, problems };
  for (const [index, item] of (Array.isArray(listed) ? listed : [listed]).entries()) {
    const parsed = inputSchema.safeParse(item);
    const place = document.place(['inputs', String(index)]);
    if (!parsed.success) {
      problems.push(
        configWarning(
          'WARN_CONFIG_NOT_APPLIED',
          place,
          'This input needs an "id" and a "type" of promptString, pickString or command.',
        ),
      );
    } else if (inputs.has(parsed.data.id)) {
      problems.push(
        configWarning(
          'WARN_CONFIG_NOT_APPLIED',
          place,
          `The input "${parsed.data.id}" is defined twice; the first one counts.`,
        ),
      );
    } else {
      const { id, type, description, password, default: fallback, options } = parsed.data;
      inputs.set(id, {
        id,
        type,
        description: description ?? id,
        password: password ?? false,
        ...(fallback === undefined ? {} : { default: fallback }),
        options: options ?? [],
      });
    }
  }
  return { inputs, problems };
}
