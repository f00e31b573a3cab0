import { resumeErasures, createPrometheusMetrics, type AuditEvent, type AuditLog } from '@sekisho/audit';
import type { AuditFileSystem, AuditSink, DerivedRows, PrometheusMetrics, SinkPump } from '@sekisho/audit';
import type { Gateway, Recorder } from '@sekisho/core';
import { followServers } from '../audit/catalogue-changes.ts';
import { configChanged, configLoaded } from '../audit/config-changes.ts';
import { auditFolders } from '../audit/folders.ts';
import { openLog } from '../audit/open-log.ts';
import { createAuditRecorder } from '../audit/recording.ts';
import { makePlaces, makeSinks, startPumps, type LogNames } from '../audit/sinks.ts';
import { loadTelemetry } from '../audit/telemetry.ts';
import { startUpkeep } from '../audit/upkeep.ts';
import type { Log } from '../cli/log.ts';
import type { LoadedConfig } from '../config/load.ts';

/** An event that is no exchange: a change, a failure, something noticed. */
export type GatewayEvent = AuditEvent;

/** What the parts of the gateway tell the record. Where none is kept, both do nothing. */
export type RecordChanges = {
  /** Resolves when it is on disk. Rejects where it cannot be written: the change must then not be made. */
  readonly record: (event: GatewayEvent) => Promise<void>;
  /** For what has happened and cannot be undone; a failure is on the log of the program. */
  readonly note: (event: GatewayEvent) => void;
};

export type AuditMountOptions = {
  readonly config: LoadedConfig;
  readonly stateFolder: string;
  readonly version: string;
  /** Takes personal data and secrets out of what is kept. */
  readonly clean: (text: string) => string;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Whether standard output belongs to a protocol. Default false. */
  readonly stdoutTaken?: boolean | undefined;
  /** Where the log is written. Default: the real file system; another for tests of disks that fail. */
  readonly fileSystem?: AuditFileSystem | undefined;
};

export type AuditMount = RecordChanges & {
  /** Undefined where nothing is recorded. */
  readonly recorder: Recorder | undefined;
  readonly log: AuditLog | undefined;
  readonly replica: string | undefined;
  readonly metrics: PrometheusMetrics | undefined;
  readonly pumps: readonly SinkPump[];
  /** What an erasure has to tell besides: sinks that can forget. */
  readonly derived: readonly DerivedRows[];
  /** What the operator is told at the start: what was mended since the last stop. */
  readonly remarks: readonly string[];
  /** Deletes what is too old now. */
  readonly purge: ReturnType<typeof startUpkeep>['purge'] | undefined;
  /** Follows the servers of a gateway from here on. */
  follow(gateway: Pick<Gateway, 'onStatus' | 'status' | 'things'>): void;
  /** On record before a changed configuration is put in force; rejects where it cannot be. */
  changing(before: LoadedConfig, after: LoadedConfig): Promise<void>;
  /** The last thing that is closed: what ends before is still on record. */
  close(): Promise<void>;
};

/**
 * Keeps the record of a gateway: opens the log, gives the port, follows what changes. On unless the configuration says
 * otherwise; one that cannot be opened stops the start.
 *
 * @throws AuditStartError
 */
export async function mountAudit(options: AuditMountOptions): Promise<AuditMount> {
  const { config, log: programLog, now } = options;
  const settings = config.settings.audit ?? {};
  if (settings.enabled === false) return nothingMounted();
  let names: LogNames = { chainUid: '', authorityUid: '' };
  const outward = { configFile: config.file, now, fetch: globalThis.fetch, names: () => names };
  const sinks = makeSinks(settings, outward);
  if (options.stdoutTaken === true && settings.sinks?.some(({ kind }) => kind === 'stdout'))
    throw new TypeError('"x-sekisho.audit.sinks": standard output belongs to the protocol here; take another sink.');
  const metrics = createPrometheusMetrics();
  const telemetry = settings.openTelemetry === true ? [await loadTelemetry()] : [];
  const { log, replica } = await openLog({
    folders: auditFolders(options.stateFolder),
    settings,
    places: makePlaces(settings, outward),
    observers: [metrics, ...telemetry],
    now,
    ...(options.fileSystem === undefined ? {} : { fileSystem: options.fileSystem }),
  });
  names = { chainUid: log.chainUid, authorityUid: log.origin };
  const trouble = (error: unknown, doing: string): void =>
    programLog.error({ error: String(error), doing }, 'the record has trouble');
  const record = async (event: GatewayEvent): Promise<void> => {
    await log.record(event);
  };
  const note = (event: GatewayEvent): void => {
    record(event).catch((error: unknown) => trouble(error, event.type));
  };
  const derived = sinks.flatMap(derivedOf);
  await resumeErasures(log, { derived });
  const remarks = recoveredRemarks(log);
  await record({ type: 'gateway.started', outcome: 'ok', detail: { version: options.version, pid: process.pid } });
  await record(configLoaded(config));
  for (const text of remarks) programLog.warn({ replica }, text);
  const recorder = createAuditRecorder({
    log,
    durability: settings.durability ?? 'standard',
    capture: settings.capture ?? [],
    clean: options.clean,
    onTrouble: (error) => trouble(error, 'writing'),
    onRecovered: () => programLog.info({ replica }, 'the record is written again'),
  });
  const pumps = startPumps(log.directory, sinks);
  const upkeep = startUpkeep({
    log,
    pumps,
    retentionDays: settings.retentionDays ?? 90,
    maxTotalBytes: settings.maxTotalBytes ?? 1_073_741_824,
    sinkLagMs: settings.sinkLagMs ?? 60_000,
    now,
    onPurged: ({ segments, records }) =>
      programLog.info({ segments, records }, 'old segments of the record were deleted'),
    onTrouble: trouble,
  });
  let unfollow = (): void => undefined;
  return {
    recorder,
    log,
    replica,
    metrics,
    pumps,
    derived,
    remarks,
    record,
    note,
    purge: upkeep.purge,
    follow(gateway) {
      const servers = followServers(() => gateway.things(), note);
      unfollow = gateway.onStatus((status) => servers.status(status));
      servers.status(gateway.status());
    },
    async changing(before, after) {
      for (const event of configChanged(before, after)) await record(event);
    },
    async close() {
      unfollow();
      upkeep.close();
      await recorder.close();
      await record({ type: 'gateway.stopped', outcome: 'ok' }).catch((error: unknown) => trouble(error, 'stopping'));
      await log.close().catch((error: unknown) => trouble(error, 'closing'));
      await Promise.all(pumps.map(async (pump) => await pump.stop()));
    },
  };
}

function derivedOf(sink: AuditSink): DerivedRows[] {
  return sink.forget ? [{ name: sink.name, forget: sink.forget.bind(sink) }] : [];
}

/** What the operator should know about the last run. */
function recoveredRemarks({ recovery }: AuditLog): string[] {
  if (!recovery || recovery.cleanlyStopped) return [];
  const { torn, closedExchanges } = recovery;
  const mended = torn ? ` Its last line was torn; ${torn.bytes} bytes were cut off and kept.` : '';
  const ended =
    closedExchanges === 0 ? '' : ` ${closedExchanges} exchange${closedExchanges === 1 ? ' was' : 's were'} cut short.`;
  return [`The last run did not stop by itself.${mended}${ended} The record is whole.`];
}

/** The record of a gateway that keeps none. */
export function nothingMounted(): AuditMount {
  return {
    recorder: undefined,
    log: undefined,
    replica: undefined,
    metrics: undefined,
    pumps: [],
    derived: [],
    remarks: [],
    purge: undefined,
    record: async () => undefined,
    note: () => undefined,
    follow: () => undefined,
    changing: async () => undefined,
    close: async () => undefined,
  };
}
