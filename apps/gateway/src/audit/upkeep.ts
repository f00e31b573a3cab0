import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { purgeSegments, type AuditLog, type PurgeResult, type SinkPump } from '@sekisho/audit';

export type UpkeepOptions = {
  readonly log: AuditLog;
  readonly pumps: readonly SinkPump[];
  readonly retentionDays: number;
  /** 0: no limit. */
  readonly maxTotalBytes: number;
  readonly sinkLagMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onPurged: (result: PurgeResult) => void;
  readonly onTrouble: (error: unknown, doing: string) => void;
};

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const LAG_LOOK_MS = 10_000;

/** What a log needs from time to time: old segments go, and sinks that fall behind are told of. */
export function startUpkeep(options: UpkeepOptions): { close: () => void; purge: () => Promise<PurgeResult> } {
  const { log, onPurged, onTrouble } = options;
  const purge = async (): Promise<PurgeResult> => {
    const result = await purgeSegments(log, { beforeMs: await cutoff(options) });
    if (result.status === 'purged') onPurged(result);
    return result;
  };
  const daily = (): void => void purge().catch((error: unknown) => onTrouble(error, 'deleting old segments'));
  let looked = options.now();
  // Not a timer of a day: a computer that sleeps at night would never reach its end.
  const hours = setInterval(() => {
    if (options.now() - looked < DAY_MS) return;
    looked = options.now();
    daily();
  }, HOUR_MS).unref();
  const first = setTimeout(daily, 60_000).unref();
  const behind = new Set<string>();
  const lag = setInterval(() => lookAtLag(options, behind), LAG_LOOK_MS).unref();
  return {
    close: () => {
      clearInterval(hours);
      clearInterval(lag);
      clearTimeout(first);
    },
    purge,
  };
}

/** One event when a sink falls behind, and one when it has caught up: a place that is down for a day is not 8,640 events. */
export function lookAtLag(
  { log, pumps, sinkLagMs, onTrouble }: Pick<UpkeepOptions, 'log' | 'pumps' | 'sinkLagMs' | 'onTrouble'>,
  behind: Set<string>,
): void {
  for (const pump of pumps) {
    const { name, lagMs, lagRecords, consecutiveFailures } = pump.state();
    const late = lagMs > sinkLagMs;
    if (late === behind.has(name)) continue;
    if (late) behind.add(name);
    else behind.delete(name);
    const detail = { sink: name, lag_ms: Math.round(lagMs), lag_records: lagRecords, failures: consecutiveFailures };
    const event = { type: 'audit.sink_lag', outcome: late ? 'error' : 'ok', detail } as const;
    log.record(event).catch((error: unknown) => onTrouble(error, 'telling of a sink'));
  }
}

/** Records older than this may go: by age, or because all segments together are too large. */
async function cutoff({ log, retentionDays, maxTotalBytes, now }: UpkeepOptions): Promise<number> {
  const byAge = now() - retentionDays * DAY_MS;
  if (maxTotalBytes === 0) return byAge;
  const folder = join(log.directory, 'segments');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
  let total = 0;
  let bySize = 0;
  for (const name of names.toReversed()) {
    const { size, mtimeMs } = await stat(join(folder, name));
    total += size;
    if (total > maxTotalBytes) {
      // Its newest record is not younger than the last write to it.
      bySize = Math.ceil(mtimeMs) + 1;
      break;
    }
  }
  return Math.max(byAge, bySize);
}
