import { compile } from './engine/compile.ts';
import { findRaw, settle } from './engine/find.ts';
import { Scanner } from './engine/scanner.ts';
import type { Compiled } from './engine/scanner.ts';
import type { Finding } from './finding.ts';
import { byStart } from './finding.ts';
import { JsonFinder } from './json/find-json.ts';
import type { Label } from './label.ts';
import type { Rule } from './rule.ts';

/** How sure a finding must be. `strict` masks more and errs more. */
export type Strictness = 'strict' | 'balanced' | 'relaxed';

/** Least score per preset: strict 0.4, balanced 0.5, relaxed 0.7. */
const presets: Readonly<Record<Strictness, number>> = { strict: 0.4, balanced: 0.5, relaxed: 0.7 };

export interface EngineOptions {
  /** Rules of all families wanted. At least one. */
  readonly rules: readonly Rule[];
  /** Least score of a finding. Default `balanced`. */
  readonly strictness?: Strictness;
  /** Least score for single labels, 0 to 1; goes before `strictness`. */
  readonly thresholds?: Partial<Readonly<Record<Label, number>>>;
  /** Look inside base64 and hexadecimal words, one level deep. Default true. */
  readonly decode?: boolean;
}

/** Rules made ready: finds, does not change anything. Engines have no state between calls and may be shared. */
export interface Engine {
  /** Findings in running text, sorted, without overlaps. Offsets are those of the text given. */
  find(text: string): Finding[];
  /** The same with keys as context when the text is JSON; text that is no JSON is searched as text. */
  findJson(text: string): Finding[];
  /** @internal */
  readonly compiled: Compiled;
  /** @internal */
  threshold(finding: Finding): number;
}

/**
 * Compiles rules into an engine.
 *
 * @throws TypeError when there is no rule, two share an id, one has no anchor, or a threshold is outside 0 to 1.
 */
export function createEngine(options: EngineOptions): Engine {
  if (options.rules.length === 0) throw new TypeError('An engine needs at least one rule');
  const thresholds = new Map(Object.entries(options.thresholds ?? {}));
  for (const [label, least] of thresholds) {
    if (!(least >= 0 && least <= 1)) throw new TypeError(`The threshold of ${label} must be between 0 and 1`);
  }
  const least = presets[options.strictness ?? 'balanced'];
  const compiled = compile(options.rules, options.decode ?? true);
  const threshold = (finding: Finding): number => thresholds.get(finding.label) ?? least;
  const scanner = new Scanner(compiled);
  const find = (text: string): Finding[] => settle(findRaw(scanner, text, ''), threshold);
  return {
    compiled,
    threshold,
    find,
    findJson(text) {
      const found: Finding[] = [];
      const finder = new JsonFinder(compiled, (hit) => found.push(...hit.found));
      const stop = finder.read(text, 0, true);
      if (finder.reader.failed || stop < text.length || !finder.reader.between) return find(text);
      return settle(found.sort(byStart), threshold);
    },
  };
}
