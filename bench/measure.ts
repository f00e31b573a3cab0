import { runLoad, type Load, type LoadResult } from './load.ts';
import type { MeasuredProcess } from './process.ts';
import { median } from './statistics.ts';
import type { Target } from './targets.ts';

export interface Settings {
  readonly repetitions: number;
  /** Export conditions for the peers: the built packages, or the sources. */
  readonly conditions: readonly string[];
  /** Fewer calls for a short run. */
  scale(calls: number): number;
  /** Told what happens, for the person who waits. */
  progress(text: string): void;
}

export interface Row {
  readonly label: string;
  readonly id: string;
  readonly cpuMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU against the floor's in the same repetition: the median of those ratios. */
  readonly cpuRatio: number;
}

export interface Measurement {
  readonly title: string;
  readonly rows: readonly Row[];
}

/**
 * Measures all targets in turn, several times over, so that a moment in which the machine is slow hits neighbours
 * alike. The floor of the ratios is the bare proxy, or the last row where there is none.
 */
export async function measureAll(
  title: string,
  targets: readonly (readonly [Target, MeasuredProcess | { readonly url: string }])[],
  loadFor: (target: Target) => Load,
  settings: Settings,
): Promise<Measurement> {
  settings.progress(title);
  const results = new Map<Target, LoadResult[]>(targets.map(([target]) => [target, []]));
  for (let repetition = 0; repetition <= settings.repetitions; repetition += 1) {
    for (const [target, process] of targets) {
      const load = loadFor(target);
      // The first round warms every process up: the compiler takes a few thousand calls, also in a short run.
      const result = await runLoad(
        process,
        repetition === 0 ? { ...load, calls: Math.max(load.calls, load.warmUpCalls ?? 0) } : load,
      );
      if (repetition > 0) results.get(target)!.push(result);
    }
  }
  const [floor] = targets.find(([{ id }]) => id === 'byte-proxy') ?? targets.at(-1)!;
  const floorResults = results.get(floor)!;
  const rows = targets.map(([target]): Row => {
    const own = results.get(target)!;
    return {
      id: target.id,
      label: target.label,
      cpuMs: median(own.map(({ cpuMs }) => cpuMs)),
      p50Ms: median(own.map(({ p50Ms }) => p50Ms)),
      p99Ms: median(own.map(({ p99Ms }) => p99Ms)),
      cpuRatio: median(own.map(({ cpuMs }, index) => cpuMs / floorResults[index]!.cpuMs)),
    };
  });
  return { title, rows };
}
