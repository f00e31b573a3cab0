import { PiiError } from './error.ts';
import type { Finding } from './finding.ts';
import { byStart, mergeFindings } from './finding.ts';
import type { Engine } from './engine.ts';
import type { Label } from './label.ts';

/** Something that finds named entities, such as a model run by ONNX. This package brings none. */
export interface EntityEngine {
  /** Spans in UTF-16 code units. May take long; give `signal` a deadline. */
  find(
    text: string,
    signal?: AbortSignal,
  ): Promise<
    readonly { readonly start: number; readonly end: number; readonly label: Label; readonly score: number }[]
  >;
}

export interface EntityOptions {
  readonly engine: Engine;
  readonly entities: EntityEngine;
  /** Least score that is taken from the model. Default 0.6. */
  readonly least?: number;
}

/**
 * Adds the entities of a model to what the rules find, by the same rule for overlaps.
 *
 * @throws PiiError ERR_PII_ENTITY_ENGINE when the model fails or answers with a span outside the text: the caller decides
 * whether the rules alone are enough.
 */
export async function findWithEntities(options: EntityOptions, text: string, signal?: AbortSignal): Promise<Finding[]> {
  const least = options.least ?? 0.6;
  const own = options.engine.find(text);
  let spans: Awaited<ReturnType<EntityEngine['find']>>;
  try {
    spans = await options.entities.find(text, signal);
  } catch (cause) {
    throw new PiiError('ERR_PII_ENTITY_ENGINE', 'The entity engine failed', { cause });
  }
  for (const { start, end } of spans) {
    if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end && end <= text.length)) {
      throw new PiiError('ERR_PII_ENTITY_ENGINE', 'The entity engine answered with a span outside the text');
    }
  }
  const found = spans.filter((one) => one.score >= least).map((one): Finding => ({ ...one, rule: 'entities' }));
  return mergeFindings([...own, ...found].sort(byStart));
}
