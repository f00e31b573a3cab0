import type { AuditLog } from '../audit-log.ts';
import type { AuditObserver } from '../event.ts';
import type { SinkPump } from '../sinks/sink-pump.ts';
import { DURATION_BUCKETS_SECONDS } from './opentelemetry.ts';

/** What to answer to a scrape. */
export interface MetricsPage {
  contentType: string;
  body: string;
}

export interface PrometheusMetrics extends AuditObserver {
  /** The page for `/metrics`: events, durations, the state of the log and of the sinks. */
  render(log?: AuditLog<string>, sinks?: readonly SinkPump[]): MetricsPage;
}

/** Distinct label sets kept per metric; what comes after is counted under `other`, so clients cannot fill the memory. */
const MAX_SERIES = 1000;

type Labels = Readonly<Record<string, string>>;

function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => {
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    return `${name}="${escaped}"`;
  });
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

const OTHER = labelText({ type: 'other', outcome: 'other' });

/** The labels of a series in writing, worked out once for each. */
function known(texts: Map<string, string>, key: string, make: () => string): string {
  let text = texts.get(key);
  if (text === undefined) {
    text = make();
    if (texts.size < MAX_SERIES) texts.set(key, text);
  }
  return text;
}

class Family {
  readonly #series = new Map<string, number>();

  add(key: string, value: number): void {
    const kept = this.#series.has(key) || this.#series.size < MAX_SERIES ? key : OTHER;
    this.#series.set(kept, (this.#series.get(kept) ?? 0) + value);
  }

  lines(name: string): string[] {
    return [...this.#series].map(([labels, value]) => `${name}${labels} ${value}`);
  }
}

class Histogram {
  readonly #series = new Map<string, { labels: Labels; counts: number[]; sum: number; count: number }>();

  observe(text: string, labels: Labels, value: number): void {
    let key = text;
    let known = labels;
    if (!this.#series.has(key) && this.#series.size >= MAX_SERIES) {
      known = Object.fromEntries(Object.keys(labels).map((name) => [name, 'other']));
      key = labelText(known);
    }
    let series = this.#series.get(key);
    if (!series) {
      series = { labels: known, counts: DURATION_BUCKETS_SECONDS.map(() => 0), sum: 0, count: 0 };
      this.#series.set(key, series);
    }
    series.sum += value;
    series.count += 1;
    const { counts } = series;
    for (let i = counts.length - 1; i >= 0 && value <= DURATION_BUCKETS_SECONDS[i]!; i -= 1) counts[i]! += 1;
  }

  lines(name: string): string[] {
    return [...this.#series.values()].flatMap(({ labels, counts, sum, count }) => [
      ...counts.map(
        (n, i) => `${name}_bucket${labelText({ ...labels, le: String(DURATION_BUCKETS_SECONDS[i]) })} ${n}`,
      ),
      `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}`,
      `${name}_sum${labelText(labels)} ${sum}`,
      `${name}_count${labelText(labels)} ${count}`,
    ]);
  }
}

function family(
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  help: string,
  lines: readonly string[],
): string[] {
  return lines.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

/** Metrics in the Prometheus text format 0.0.4. Pass the result among `observers`, serve `render` on the admin port. */
export function createPrometheusMetrics(): PrometheusMetrics {
  const events = new Family();
  const durations = new Histogram();
  const counted = new Map<string, string>();
  const timed = new Map<string, string>();
  return {
    observe(event) {
      const outcome = event.outcome ?? 'none';
      const { type } = event;
      events.add(
        known(counted, `${type} ${outcome}`, () => labelText({ type, outcome })),
        1,
      );
      if (event.exchange?.phase !== 'terminal') return;
      const method = event.target?.method ?? type;
      const key = known(timed, `${method} ${outcome}`, () => labelText({ mcp_method_name: method, outcome }));
      durations.observe(key, { mcp_method_name: method, outcome }, (event.response?.durationMs ?? 0) / 1000);
    },
    render(log, sinks = []) {
      const state = log?.state();
      const gauge = (name: string, help: string, value: number | undefined): string[] =>
        family(name, 'gauge', help, value === undefined ? [] : [`${name} ${value}`]);
      const sinkLines = (name: string, pick: (pump: ReturnType<SinkPump['state']>) => number): string[] =>
        sinks.map((pump) => `${name}${labelText({ sink: pump.state().name })} ${pick(pump.state())}`);
      const lines = [
        ...family(
          'sekisho_audit_events_total',
          'counter',
          'Events handed to the audit log.',
          events.lines('sekisho_audit_events_total'),
        ),
        ...family(
          'mcp_server_operation_duration_seconds',
          'histogram',
          'Duration of exchanges.',
          durations.lines('mcp_server_operation_duration_seconds'),
        ),
        ...gauge('sekisho_audit_log_records', 'Durable records of the whole log.', state?.size),
        ...gauge('sekisho_audit_queue_bytes', 'Bytes waiting for the disk.', state?.queuedBytes),
        ...gauge('sekisho_audit_open_exchanges', 'Exchanges with an intent and no outcome.', state?.openExchanges),
        ...gauge('sekisho_audit_unsigned_records', 'Records after the newest checkpoint.', state?.unsignedRecords),
        ...gauge('sekisho_audit_stalled', '1 while the disk does not answer.', state && Number(state.stalled)),
        ...family(
          'sekisho_audit_refused_records_total',
          'counter',
          'Records refused or dropped.',
          state ? [`sekisho_audit_refused_records_total ${state.refusedRecords}`] : [],
        ),
        ...family(
          'sekisho_audit_checkpoint_failures_total',
          'counter',
          'Checkpoints a place did not take.',
          (state?.places ?? []).map(
            ({ name, failures }) => `sekisho_audit_checkpoint_failures_total${labelText({ place: name })} ${failures}`,
          ),
        ),
        ...family(
          'sekisho_audit_sink_lag_records',
          'gauge',
          'Records a sink does not have yet.',
          sinkLines('sekisho_audit_sink_lag_records', ({ lagRecords }) => lagRecords),
        ),
        ...family(
          'sekisho_audit_sink_failures_total',
          'counter',
          'Failed deliveries to a sink.',
          sinkLines('sekisho_audit_sink_failures_total', ({ failures }) => failures),
        ),
      ];
      return { contentType: 'text/plain; version=0.0.4; charset=utf-8', body: `${lines.join('\n')}\n` };
    },
  };
}
