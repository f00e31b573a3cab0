import type { KnownKey, KnownWords } from '../json/known-key.ts';
import type { AnchorRule, FieldRule, RunRule } from '../rule.ts';
import type { Automaton } from './automaton.ts';
import type { IdsOfLength, NamedBy } from './id-match.ts';

/** Rules compiled for the scanner. */
export interface Compiled {
  readonly automaton: Automaton;
  /** Rule and length of each literal of the automaton. */
  readonly anchorRule: Int32Array;
  readonly anchorLength: Int32Array;
  readonly anchors: readonly AnchorRule[];
  readonly runs: readonly RunRule[];
  /** Identity rules by number of characters, digits only and mixed apart. */
  readonly digitIds: readonly (IdsOfLength | undefined)[];
  readonly mixedIds: readonly (IdsOfLength | undefined)[];
  /** The identity rules that a context may name: one look instead of one for each rule. */
  readonly namedBy: NamedBy;
  readonly fields: readonly FieldRule[];
  /** What was learnt about keys of JSON, by their text and by their words. */
  readonly keys: { readonly known: Map<string, KnownKey>; readonly words: Map<string, KnownWords> };
  readonly decode: boolean;
  /** Whether anything is looked for at digits. */
  readonly digits: boolean;
}
