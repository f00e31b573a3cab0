import type { Label } from './label.ts';
import type { FieldRule } from './rule.ts';

/** A detector as the plugins of noren write it, as far as it is used here. */
export interface NorenDetector {
  readonly id: string;
  match(input: {
    readonly src: string;
    push(hit: { readonly type: string; readonly start: number; readonly end: number; readonly value: string }): void;
  }): void | Promise<void>;
}

export interface NorenOptions {
  /** Label of each type of the plugin; types that are not named become CUSTOM. */
  readonly labels?: Readonly<Record<string, Label>>;
  /** Default 0.7. */
  readonly score?: number;
}

/**
 * Makes rules of a noren plugin's detectors. They see whole JSON values only, since they have neither anchor nor bound;
 * detectors that answer with a promise find nothing here, and their speed is their own.
 */
export function fromNorenPlugin(detectors: readonly NorenDetector[], options: NorenOptions = {}): readonly FieldRule[] {
  const longest = 4096;
  return detectors.map((detector): FieldRule => ({
    kind: 'field',
    id: `noren/${detector.id}`,
    match(_key, value) {
      if (value.length > longest) return undefined;
      let best: { readonly type: string; readonly length: number } | undefined;
      const done = detector.match({
        src: value,
        push(hit) {
          const length = hit.end - hit.start;
          if (best === undefined || length > best.length) best = { type: hit.type, length };
        },
      });
      if (done !== undefined || best === undefined) return undefined;
      // The whole value is masked: a field rule answers for the value, and a part of it would leave the rest.
      return { label: options.labels?.[best.type] ?? 'CUSTOM', score: options.score ?? 0.7 };
    },
  }));
}
