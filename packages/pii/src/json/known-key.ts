import type { FieldRule } from '../rule.ts';

/** What is known of a key, by the text it is written as. */
export interface KnownKey {
  readonly key: string;
  readonly words: string;
  /** It names nothing by itself, such as `value`: the key above it counts. */
  readonly generic: boolean;
  /** Nothing was found in the key. */
  clean: boolean;
}

/** What is known of the words that a value stands under. */
export interface KnownWords {
  readonly rules: readonly FieldRule[];
  /** A picture or an archive may stand under them. */
  readonly blob: boolean;
}
