import type { AuditEvent, AuditObserver } from '../event.ts';

type AttributeValue = string | number | boolean;
type Attributes = Record<string, AttributeValue>;

/** The parts of the OpenTelemetry API (`@opentelemetry/api`, an optional peer) that are used; its objects fit. */
export interface SpanLike {
  setStatus(status: { code: number; message?: string }): unknown;
  end(endTime?: number): void;
}
export interface TracerLike<C> {
  startSpan(name: string, options: { kind: number; startTime: number; attributes: Attributes }, context?: C): SpanLike;
}
export interface HistogramLike {
  record(value: number, attributes?: Attributes): void;
}
export interface CounterLike {
  add(value: number, attributes?: Attributes): void;
}
export interface MeterLike {
  createHistogram(
    name: string,
    options: { unit: string; description: string; advice?: { explicitBucketBoundaries?: number[] } },
  ): HistogramLike;
  createCounter(name: string, options: { unit: string; description: string }): CounterLike;
}

export interface OpenTelemetryOptions<C = unknown> {
  /** `trace.getTracer('sekisho')` */
  tracer?: TracerLike<C>;
  /** `metrics.getMeter('sekisho')` */
  meter?: MeterLike;
  /** Makes the parent context of a span from the event's traceparent, for example with the W3C propagator. */
  parentOf?: (traceparent: string) => C | undefined;
  /** Attributes for every span, such as `server.address` or `network.transport`. */
  attributes?: Readonly<Attributes>;
}

/** Kinds and codes of the OpenTelemetry API, fixed by its specification. */
const SPAN_KIND_SERVER = 1;
const STATUS_ERROR = 2;

/** Buckets of the MCP semantic conventions, in seconds. */
export const DURATION_BUCKETS_SECONDS: readonly number[] = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300,
];

/** `error.type` of the conventions: `tool_error` for an error result, the code of the answer otherwise. */
function errorType(event: AuditEvent<string>): string | undefined {
  if (event.response?.isError === true) return 'tool_error';
  if (event.outcome === undefined || event.outcome === 'ok') return undefined;
  return String(event.response?.code ?? event.type);
}

/** Names from the MCP semantic conventions (status: development). No identity and no content are among them. */
export function mcpAttributes(event: AuditEvent<string>): Attributes {
  const { target, request, response } = event;
  const attributes: Attributes = { 'mcp.method.name': target?.method ?? event.type };
  const add = (name: string, value: AttributeValue | undefined): void => {
    if (value !== undefined) attributes[name] = value;
  };
  add('mcp.protocol.version', target?.era);
  if (target?.method === 'tools/call') {
    add('gen_ai.tool.name', target.name);
    add('gen_ai.operation.name', 'execute_tool');
  } else if (target?.method === 'prompts/get') {
    add('gen_ai.prompt.name', target.name);
  }
  add('jsonrpc.request.id', request?.id === undefined ? undefined : String(request.id));
  add('rpc.response.status_code', response?.code === undefined ? undefined : String(response.code));
  add('error.type', errorType(event));
  return attributes;
}

/** Of the attributes only those of few values may go on a metric. */
const METRIC_ATTRIBUTES = [
  'mcp.method.name',
  'mcp.protocol.version',
  'gen_ai.tool.name',
  'gen_ai.operation.name',
  'gen_ai.prompt.name',
  'rpc.response.status_code',
  'error.type',
];

/**
 * Turns the same events into spans `{mcp.method.name} {target}` of kind SERVER and the metric
 * `mcp.server.operation.duration`, one per exchange when its terminal record is handed in; and counts all events in
 * `sekisho.audit.events`. Pass the result among `observers`.
 */
export function openTelemetryObserver<C>(options: OpenTelemetryOptions<C>): AuditObserver {
  const { tracer, meter, parentOf } = options;
  const duration = meter?.createHistogram('mcp.server.operation.duration', {
    unit: 's',
    description: 'Duration of an MCP request as seen by the gateway',
    advice: { explicitBucketBoundaries: [...DURATION_BUCKETS_SECONDS] },
  });
  const events = meter?.createCounter('sekisho.audit.events', {
    unit: '{event}',
    description: 'Events handed to the audit log',
  });
  return {
    observe(event, { t }) {
      events?.add(1, { 'sekisho.audit.type': event.type, 'sekisho.audit.outcome': event.outcome ?? 'none' });
      if (event.exchange?.phase !== 'terminal') return;
      const attributes = { ...options.attributes, ...mcpAttributes(event) };
      const durationMs = event.response?.durationMs ?? 0;
      const forMetric = Object.fromEntries(
        METRIC_ATTRIBUTES.flatMap((name) => (attributes[name] === undefined ? [] : [[name, attributes[name]]])),
      );
      duration?.record(durationMs / 1000, forMetric);
      if (!tracer) return;
      const target = event.target?.name;
      const name =
        target === undefined ? String(attributes['mcp.method.name']) : `${attributes['mcp.method.name']} ${target}`;
      const parent = event.trace === undefined ? undefined : parentOf?.(event.trace);
      const span = tracer.startSpan(name, { kind: SPAN_KIND_SERVER, startTime: t - durationMs, attributes }, parent);
      if (attributes['error.type'] !== undefined) span.setStatus({ code: STATUS_ERROR });
      span.end(t);
    },
  };
}
