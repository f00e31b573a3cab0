import { isDeepStrictEqual } from 'node:util';
import type { UpstreamSpec } from './upstream-spec.ts';

export type SpecDiff = {
  readonly added: string[];
  readonly removed: string[];
  readonly changed: string[];
  readonly same: string[];
};

/** What a reload has to touch, by the names of the servers. The order of keys is no difference. */
export function diffSpecs(before: readonly UpstreamSpec[], after: readonly UpstreamSpec[]): SpecDiff {
  const old = new Map(before.map((spec) => [spec.name, spec]));
  const wanted = new Set(after.map(({ name }) => name));
  const diff: SpecDiff = {
    added: [],
    removed: [...old.keys()].filter((name) => !wanted.has(name)),
    changed: [],
    same: [],
  };
  for (const spec of after) {
    const previous = old.get(spec.name);
    if (previous === undefined) diff.added.push(spec.name);
    else if (isDeepStrictEqual(previous, spec)) diff.same.push(spec.name);
    else diff.changed.push(spec.name);
  }
  return diff;
}
