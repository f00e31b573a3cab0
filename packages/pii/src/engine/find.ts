import type { Finding } from '../finding.ts';
import { byStart, mergeFindings } from '../finding.ts';
import { fold } from './fold.ts';
import type { Offsets } from './offsets.ts';
import type { Scanner } from './scanner.ts';

/** Findings of a whole text, sorted, still overlapping, in indices of the text as written. */
export function findRaw(scanner: Scanner, text: string, key: string): Finding[] {
  scanner.reset(text, 0, key, false);
  scanner.run(text.length, true);
  if (!scanner.needsFold) return scanner.found.length > 1 ? scanner.found.sort(byStart) : scanner.found;
  const folded = fold(text);
  scanner.reset(folded.text, 0, key, true);
  scanner.run(folded.text.length, true);
  const { map } = folded;
  if (map === undefined) return scanner.found.sort(byStart);
  return scanner.found.map((one) => toOriginal(one, map)).sort(byStart);
}

/** Moves a finding from the folded text back to the text as written. */
export function toOriginal(one: Finding, map: Offsets): Finding {
  return { ...one, start: map.at(one.start), end: map.at(one.end) };
}

/** Findings at or above the threshold of their label, merged by the one rule for overlaps. */
export function settle(found: readonly Finding[], threshold: (finding: Finding) => number): Finding[] {
  const kept = found.filter((one) => one.score >= threshold(one));
  return kept.length > 1 ? mergeFindings(kept) : kept;
}
