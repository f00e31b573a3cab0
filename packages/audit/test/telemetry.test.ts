import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSinkPump } from '../src/sinks/sink-pump.ts';
import { openTelemetryObserver } from '../src/telemetry/opentelemetry.ts';
import { createPrometheusMetrics } from '../src/telemetry/prometheus.ts';
import { makeDirectory, openLog } from './kit.ts';

async function exchanges(log: Awaited<ReturnType<typeof openLog>>): Promise<void> {
  const target = { server: 'files', method: 'tools/call', name: 'read_file', era: '2026-07-28' };
  const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const one = log.exchange({ target, trace, actor: { issuer: 'i', subject: 'secret-person', ip: '192.0.2.1' } });
  await one.intent({ type: 'mcp.tool.call' });
  await one.finish({
    type: 'mcp.tool.result',
    outcome: 'ok',
    request: { id: 7 },
    response: { code: 200, durationMs: 120, isError: false },
  });
  const two = log.exchange({ target });
  await two.finish({ type: 'mcp.tool.result', outcome: 'error', response: { durationMs: 3000, isError: true } });
  const three = log.exchange({ target: { method: 'tools/list' } });
  await three.finish({ type: 'authz.denied', outcome: 'denied', response: { code: -32_001, durationMs: 5 } });
}

test('spans and metrics of the real OpenTelemetry SDK carry the MCP names and no identity', async () => {
  const spans = new InMemorySpanExporter();
  const tracing = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
  const metering = new MeterProvider({ readers: [reader] });
  const observer = openTelemetryObserver({
    tracer: tracing.getTracer('sekisho'),
    meter: metering.getMeter('sekisho'),
    parentOf: (traceparent) => {
      const [, traceId, spanId] = traceparent.split('-');
      return trace.setSpanContext(ROOT_CONTEXT, { traceId: traceId!, spanId: spanId!, traceFlags: 1 });
    },
    attributes: { 'network.transport': 'tcp' },
  });
  const log = await openLog({ directory: join(makeDirectory(), 'log'), observers: [observer] });
  await exchanges(log);
  await log.close();
  await metering.forceFlush();

  const [first, second, third] = spans.getFinishedSpans();
  expect(first).toMatchObject({
    name: 'tools/call read_file',
    kind: 1,
    status: { code: 0 },
    parentSpanContext: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) },
    attributes: {
      'mcp.method.name': 'tools/call',
      'mcp.protocol.version': '2026-07-28',
      'gen_ai.tool.name': 'read_file',
      'gen_ai.operation.name': 'execute_tool',
      'jsonrpc.request.id': '7',
      'rpc.response.status_code': '200',
      'network.transport': 'tcp',
    },
  });
  expect(first!.duration).toEqual([0, 120_000_000]);
  expect(second).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'tool_error' } });
  expect(third).toMatchObject({ name: 'tools/list', attributes: { 'error.type': '-32001' } });
  const all = metrics.getMetrics()[0]!.scopeMetrics[0]!.metrics;
  const duration = all.find(({ descriptor }) => descriptor.name === 'mcp.server.operation.duration')!;
  expect(duration.descriptor.unit).toBe('s');
  expect(
    duration.dataPoints.map(({ attributes, value }) => [attributes['mcp.method.name'], (value as { sum: number }).sum]),
  ).toEqual([
    ['tools/call', 0.12],
    ['tools/call', 3],
    ['tools/list', 0.005],
  ]);
  expect((duration.dataPoints[0]!.value as { buckets: { boundaries: number[] } }).buckets.boundaries).toEqual([
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300,
  ]);
  const seen = JSON.stringify([
    spans.getFinishedSpans().map(({ name, attributes }) => [name, attributes]),
    all.map(({ dataPoints }) => dataPoints.map(({ attributes }) => attributes)),
  ]);
  expect(seen).not.toContain('secret-person');
  expect(seen).not.toContain('192.0.2.1');
  await tracing.shutdown();
  await metering.shutdown();
  propagation.disable();
});

/** The grammar of the text format, line by line. */
const LINE =
  /^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? [0-9.e+-]+)$/;

test('the Prometheus page counts events, exchanges, the state of the log and of the sinks', async () => {
  const metrics = createPrometheusMetrics();
  const log = await openLog({ directory: join(makeDirectory(), 'log'), observers: [metrics] });
  await exchanges(log);
  const pump = createSinkPump({
    directory: log.directory,
    sink: { name: 'broken', send: () => Promise.reject(new Error('away')) },
  });
  await expect(pump.drain()).rejects.toThrow();
  const { contentType, body } = metrics.render(log, [pump]);
  expect(contentType).toMatch(/version=0\.0\.4/);
  for (const line of body.trimEnd().split('\n')) expect(line).toMatch(LINE);
  expect(body).toContain('sekisho_audit_events_total{type="mcp.tool.result",outcome="ok"} 1');
  expect(body).toContain(
    'mcp_server_operation_duration_seconds_bucket{mcp_method_name="tools/call",outcome="ok",le="0.2"} 1',
  );
  expect(body).toContain(
    'mcp_server_operation_duration_seconds_bucket{mcp_method_name="tools/call",outcome="ok",le="0.1"} 0',
  );
  expect(body).toMatch(/sekisho_audit_sink_lag_records\{sink="broken"\} [1-9]/);
  expect(body).toContain(`sekisho_audit_log_records ${log.state().size}`);
  await log.close();
});

test('many different methods do not fill the memory', () => {
  const metrics = createPrometheusMetrics();
  for (let i = 0; i < 5000; i += 1) {
    metrics.observe(
      { type: 'mcp.list', exchange: { id: 'x', phase: 'terminal' }, target: { method: `m"${i}\n` } },
      { t: 0, id: '' },
    );
  }
  const { body } = metrics.render();
  expect(body.split('\n').length).toBeLessThan(20_000);
  expect(body).toContain('mcp_server_operation_duration_seconds_count{mcp_method_name="other",outcome="other"} 4000');
  for (const line of body.trimEnd().split('\n')) expect(line).toMatch(LINE);
});
