import { hash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import {
  createSinkPump,
  filePlace,
  fileSink,
  otlpSink,
  stdoutSink,
  toCef,
  toCloudEvent,
  toEcs,
  toOcsf,
  webhookPlace,
  webhookSink,
  type AuditSink,
  type CheckpointPlace,
  type OutgoingRecord,
  type SinkPump,
} from '@sekisho/audit';
import type { AuditSettings } from './settings.ts';

type SinkSettings = NonNullable<AuditSettings['sinks']>[number];
type PlaceSettings = NonNullable<AuditSettings['places']>[number];
type Format = 'line' | 'ocsf' | 'ecs' | 'cef' | 'cloudevents';

export type LogNames = { readonly chainUid: string; readonly authorityUid: string };

export type Outward = {
  readonly configFile: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Sends to the addresses of the configuration, which the operator vouches for. */
  readonly fetch: typeof globalThis.fetch;
  /** Names the log in formats that have a place for it; asked when records are sent. */
  readonly names: () => LogNames;
};

type Write = (outgoing: OutgoingRecord) => string;

const FORMATS: Readonly<Record<Format, ((names: () => LogNames) => Write) | undefined>> = {
  line: undefined,
  ocsf: (names) => (outgoing) => {
    const lineSha256 = hash('sha256', outgoing.line, 'hex');
    return JSON.stringify(toOcsf(outgoing.record, { ...names(), lineSha256 }));
  },
  ecs:
    () =>
    ({ record }) =>
      JSON.stringify(toEcs(record)),
  cef:
    () =>
    ({ record }) =>
      toCef(record),
  cloudevents:
    () =>
    ({ record }) =>
      JSON.stringify(toCloudEvent(record)),
};

/** The sinks of a configuration. Relative paths stand beside it. */
export function makeSinks(settings: AuditSettings, outward: Outward): AuditSink[] {
  return (settings.sinks ?? []).map((one) => makeSink(one, outward));
}

function makeSink(settings: SinkSettings, { configFile, now, fetch, names }: Outward): AuditSink {
  const name = settings.name ?? settings.kind;
  switch (settings.kind) {
    case 'file': {
      const format = FORMATS[settings.format ?? 'line']?.(names);
      const path = resolve(dirname(configFile), settings.path);
      return fileSink({ name, path, ...(format === undefined ? {} : { format }) });
    }
    case 'stdout': {
      const format = FORMATS[settings.format ?? 'line']?.(names);
      return stdoutSink({ name, ...(format === undefined ? {} : { format }) });
    }
    case 'webhook':
      return webhookSink({ name, url: settings.url, secrets: settings.secrets, fetch, now });
    default:
      return otlpSink({ name, url: settings.url, fetch, ...(settings.headers ? { headers: settings.headers } : {}) });
  }
}

export function makePlaces(settings: AuditSettings, outward: Outward): CheckpointPlace[] {
  return (settings.places ?? []).map((one) => makePlace(one, outward));
}

function makePlace(settings: PlaceSettings, { configFile, now, fetch }: Outward): CheckpointPlace {
  const name = settings.name ?? settings.kind;
  return settings.kind === 'file'
    ? filePlace({ name, path: resolve(dirname(configFile), settings.path) })
    : webhookPlace({ name, url: settings.url, secrets: settings.secrets, fetch, now });
}

/** One pump for each sink. What the log says about the record itself stays here: a sink that lags would feed itself. */
export function startPumps(directory: string, sinks: readonly AuditSink[]): SinkPump[] {
  return sinks.map((sink) => {
    const pump = createSinkPump({ directory, sink });
    pump.start();
    return pump;
  });
}
