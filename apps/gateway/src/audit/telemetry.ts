import type { AuditObserver } from '@sekisho/audit';
import { openTelemetryObserver } from '@sekisho/audit/opentelemetry';
import { AuditStartError } from './start-error.ts';

/** The parts of `@opentelemetry/api` that are used. It is a peer of whoever wants spans: nothing is installed for the others. */
type Api = {
  readonly trace: { getTracer(name: string): NonNullable<Options['tracer']> };
  readonly metrics: { getMeter(name: string): NonNullable<Options['meter']> };
  readonly propagation: { extract(context: unknown, carrier: object): unknown };
  readonly ROOT_CONTEXT: unknown;
};
type Options = Parameters<typeof openTelemetryObserver>[0];

const PEER: string = '@opentelemetry/api';

/**
 * Spans and metrics of the exchanges, from the same events as the record, by the SDK that was loaded before the gateway
 * (`node --import ./instrumentation.js`).
 *
 * @throws AuditStartError where `@opentelemetry/api` is not installed
 */
export async function loadTelemetry(): Promise<AuditObserver> {
  let api: Api;
  try {
    api = (await import(PEER)) as Api;
  } catch (cause) {
    throw new AuditStartError(
      'ERR_AUDIT_CANNOT_START',
      '"x-sekisho.audit.openTelemetry" is set, and @opentelemetry/api is not installed.',
      'Install it with an SDK beside sekisho, and load the SDK first: node --import ./instrumentation.js',
      { cause },
    );
  }
  const { trace, metrics, propagation, ROOT_CONTEXT } = api;
  return openTelemetryObserver({
    tracer: trace.getTracer('sekisho'),
    meter: metrics.getMeter('sekisho'),
    parentOf: (traceparent) => propagation.extract(ROOT_CONTEXT, { traceparent }),
  });
}
